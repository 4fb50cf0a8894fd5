/**
 * Everything about a call.
 * @module
 */
import type { ReactNode } from "react";
import { useApi, useIsAdmin } from "../../api/queries.ts";
import type { Call } from "../../api/types.ts";
import { pageLink } from "../../lib/search.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/code.tsx";
import { Bytes, Duration, Money, Time } from "../../ui/values.tsx";
import { reasonOf, statusTone, toCurl } from "./call-facts.ts";
import { CallAttempts } from "./call-attempts.tsx";
import { CallBodies } from "./call-bodies.tsx";
import { CallTokens } from "./call-tokens.tsx";
import { useNames } from "./use-names.ts";

/** The details. */
export function CallDetail({ call }: { call: Call }): ReactNode {
  const admin = useIsAdmin();
  const names = useNames();
  const health = useApi("getHealth", {});
  const capture = useApi("getCapture", { params: { id: call.id } }, { enabled: admin });
  const kept = capture.data?.callId === call.id ? capture.data : null;
  const reason = reasonOf(call);
  const origin = originOf(health.data?.url);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={statusTone(call.status)}>{call.status}</Badge>
        <StateBadge state={call.outcome} />
        {reason !== null && <code className="font-mono text-xs break-all text-ink-soft">{reason}</code>}
      </div>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={call.id} label="Copy id" />
        <CopyButton text={() => toCurl(call, { origin, capture: kept })} label="Copy as curl" />
        {kept !== null && (
          <Link
            to={pageLink("/playground", { replay: call.id })}
            button="secondary"
            icon="playground"
            className="!h-7 !px-2 !text-xs"
          >
            Replay
          </Link>
        )}
      </div>
      <Section title="Facts">
        <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
          <Fact name="Id">
            <code className="font-mono text-xs break-all">{call.id}</code>
          </Fact>
          <Fact name="Began">
            <Time at={call.startedAt} style="full" />
          </Fact>
          <Fact name="Client">
            {call.clientId === null ? (
              "none: not let in"
            ) : (
              <Link to={pageLink("/calls", { clientId: call.clientId })}>{names.client(call.clientId)}</Link>
            )}
          </Fact>
          <Fact name="Model">
            {call.modelAsked ?? "none named"}
            {call.modelServed !== null && call.modelServed !== call.modelAsked && (
              <span className="text-ink-soft"> → served by {call.modelServed}</span>
            )}
          </Fact>
          <Fact name="Operation">
            {call.operation}
            {call.stream && ", stream"}
          </Fact>
          <Fact name="Request">
            <code className="font-mono text-xs break-all">
              {call.method} {call.path}
            </code>
          </Fact>
          <Fact name="Dialect">
            {call.dialect}
            {call.backend !== null && <span className="text-ink-soft"> → {call.backend}</span>}
          </Fact>
          {call.errorCode !== null && (
            <Fact name="Error code">
              <code className="font-mono text-xs">{call.errorCode}</code>
            </Fact>
          )}
          {call.finishReason !== null && <Fact name="Finish reason">{call.finishReason}</Fact>}
          <Fact name="First byte">
            <Duration ms={call.firstByteMicros === null ? null : call.firstByteMicros / 1000} />
          </Fact>
          <Fact name="Total">
            <Duration ms={call.totalMicros / 1000} />
            <span className="text-ink-soft">
              , of it <Duration ms={call.overheadMicros / 1000} /> in the gateway
            </span>
          </Fact>
          <Fact name="Bytes">
            <Bytes n={call.requestBytes} /> in, <Bytes n={call.responseBytes} /> out
          </Fact>
          <Fact name="Cost">
            <Money usd={call.costUsd} />
            {call.costUsd === null && <span className="text-ink-soft"> no price is known, or no usage was told</span>}
          </Fact>
        </dl>
      </Section>
      <Section title="Tokens">
        <CallTokens usage={call.usage} />
      </Section>
      <Section title={`Attempts (${call.attempts.length})`}>
        <CallAttempts call={call} />
      </Section>
      <Section title="Captured bodies">
        <CallBodies capture={kept} error={capture.error} pending={capture.isPending && admin} admin={admin} />
      </Section>
    </>
  );
}

// --- helpers ---

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className="min-w-0">
      <h2 className="mb-2 text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt className="text-ink-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function originOf(url: string | undefined): string {
  try {
    return new URL(url ?? "").origin;
  } catch {
    return location.origin;
  }
}
