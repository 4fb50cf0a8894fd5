/**
 * The attempts of a call: when, with which credential, what came of it, and what Google said.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import type { Attempt, Call } from "../../api/types.ts";
import { Waterfall } from "../../charts/waterfall.tsx";
import { formatDuration } from "../../lib/format.ts";
import { pageLink } from "../../lib/search.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { Money } from "../../ui/values.tsx";
import { attemptTone, isGood } from "./call-facts.ts";

/** The waterfall. */
export function CallAttempts({ call }: { call: Call }): ReactNode {
  if (call.attempts.length === 0)
    return (
      <p className="text-sm text-ink-soft">
        None: the gateway answered by itself{call.errorCode === null ? "" : ` (${call.errorCode})`}.
      </p>
    );
  return (
    <Waterfall
      totalMs={call.totalMicros / 1000}
      rows={call.attempts.map((attempt) => ({
        key: String(attempt.number),
        tone: attemptTone(attempt),
        offsetMs: attempt.offsetMicros / 1000,
        durationMs: attempt.durationMicros / 1000,
        firstByteMs: attempt.firstByteMicros === null ? null : attempt.firstByteMicros / 1000,
        description: described(attempt),
        label: <AttemptLabel attempt={attempt} />,
        children: <AttemptFacts attempt={attempt} />,
      }))}
    />
  );
}

// --- helpers ---

function AttemptLabel({ attempt }: { attempt: Attempt }): ReactNode {
  const credential = useApi("getCredential", { params: { id: attempt.credentialId } });
  const name = credential.data?.credential.id === attempt.credentialId ? credential.data.credential.name : null;
  return (
    <>
      <span className="font-medium tabular-nums">{attempt.number}</span>
      <Badge tone={attemptTone(attempt)} icon={isGood(attempt) ? "ok" : "error"}>
        {attempt.status ?? "no answer"}
      </Badge>
      <Link to={pageLink("/pool", { credential: attempt.credentialId })} className="min-w-0 break-all">
        {name ?? attempt.credentialId}
      </Link>
    </>
  );
}

function AttemptFacts({ attempt }: { attempt: Attempt }): ReactNode {
  return (
    <div className="mt-1 text-xs text-ink-soft">
      <p className="flex flex-wrap gap-x-3">
        <span>
          rule <code className="font-mono text-ink">{attempt.rule}</code>
        </span>
        <span>
          fault <span className="text-ink">{attempt.fault}</span>
        </span>
        {attempt.modelServed !== null && <span>served by {attempt.modelServed}</span>}
        {attempt.finishReason !== null && <span>finish {attempt.finishReason}</span>}
        {attempt.costUsd !== null && (
          <span>
            cost <Money usd={attempt.costUsd} />
          </span>
        )}
        <span className="break-all">project {attempt.projectId}</span>
      </p>
      {attempt.words !== null && attempt.words !== "" && (
        <blockquote className="mt-1 rounded border-l-2 border-line-strong bg-sunken px-2 py-1 break-words whitespace-pre-wrap text-ink">
          {attempt.words}
        </blockquote>
      )}
    </div>
  );
}

function described({ number, status, offsetMicros, durationMicros, firstByteMicros }: Attempt): string {
  const first =
    firstByteMicros === null ? "no byte came" : `first byte after ${formatDuration(firstByteMicros / 1000)}`;
  return `Attempt ${number}: ${status ?? "no answer"}, begun at ${formatDuration(offsetMicros / 1000)}, ${first}, lasted ${formatDuration(durationMicros / 1000)}`;
}
