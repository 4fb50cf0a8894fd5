/**
 * What the gateway did with a call: its attempts along time, the rule of each, tokens and cost.
 * @module
 */
import type { ReactNode } from "react";
import type { Call } from "../../api/types.ts";
import { Waterfall, type WaterfallRow } from "../../charts/waterfall.tsx";
import { formatDuration } from "../../lib/format.ts";
import { pageLink } from "../../lib/search.ts";
import { Badge, StateBadge, type Tone } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { Card, Stat } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Duration, Money, Tokens } from "../../ui/values.tsx";
import type { CallOutcome } from "./use-run.ts";

/** The box under the answer. */
export function CallOutcomeCard({ outcome }: { outcome: CallOutcome }): ReactNode {
  if (outcome.state === "none") return null;
  return (
    <Card
      title="What the gateway did"
      actions={
        outcome.state === "found" && (
          <Link to={`/calls/${encodeURIComponent(outcome.call.id)}`} className="text-sm">
            Whole record
          </Link>
        )
      }
    >
      {outcome.state === "waiting" ? (
        <Skeleton lines={3} />
      ) : outcome.state === "failed" ? (
        <ErrorState error={outcome.error} compact />
      ) : (
        <Done call={outcome.call} />
      )}
    </Card>
  );
}

// --- helpers ---

function attemptRows(call: Call): WaterfallRow[] {
  return call.attempts.map((attempt) => {
    const status = attempt.status === null ? "no answer" : `HTTP ${attempt.status}`;
    const durationMs = attempt.durationMicros / 1000;
    return {
      key: String(attempt.number),
      label: (
        <>
          <span className="text-ink-faint">#{attempt.number}</span>
          <Badge tone={toneOf(attempt.status)}>{status}</Badge>
          <span className="font-mono text-xs">{attempt.rule}</span>
          <Link to={pageLink("/pool", { credential: attempt.credentialId })} className="text-xs">
            {attempt.credentialId}
          </Link>
        </>
      ),
      description: `Attempt ${attempt.number}, ${status}, rule ${attempt.rule}, ${formatDuration(durationMs)}`,
      offsetMs: attempt.offsetMicros / 1000,
      firstByteMs: attempt.firstByteMicros === null ? null : attempt.firstByteMicros / 1000,
      durationMs,
      tone: toneOf(attempt.status),
      children:
        attempt.words === null ? undefined : <p className="text-xs break-words text-ink-soft">“{attempt.words}”</p>,
    };
  });
}

function toneOf(status: number | null): Tone {
  if (status === null || status >= 500) return "bad";
  return status >= 400 ? "warn" : "ok";
}

function Done({ call }: { call: Call }): ReactNode {
  const { usage } = call;
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Stat
          label="Outcome"
          value={<StateBadge state={call.outcome} />}
          hint={call.errorCode ?? call.finishReason ?? undefined}
        />
        <Stat
          label="Time"
          value={<Duration ms={call.totalMicros / 1000} />}
          hint={
            <>
              the gateway's own: <Duration ms={call.overheadMicros / 1000} />
            </>
          }
        />
        <Stat
          label="Tokens"
          value={<Tokens n={usage?.totalTokens} />}
          hint={
            usage === null ? undefined : (
              <>
                <Tokens n={usage.promptTokens} /> in, <Tokens n={usage.outputTokens} /> out,{" "}
                <Tokens n={usage.thoughtsTokens} /> thoughts
              </>
            )
          }
        />
        <Stat
          label="Cost"
          value={<Money usd={call.costUsd} />}
          hint={call.modelServed ?? call.modelAsked ?? undefined}
        />
      </dl>
      {call.attempts.length === 0 ? (
        <p className="text-sm text-ink-soft">No attempt was made: the gateway answered itself.</p>
      ) : (
        <Waterfall rows={attemptRows(call)} totalMs={call.totalMicros / 1000} />
      )}
    </div>
  );
}
