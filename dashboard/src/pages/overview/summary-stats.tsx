/**
 * The figures of a range, and how they differ from the range before.
 * @module
 */
import type { ReactNode } from "react";
import type { Output, Sums } from "../../api/types.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { changeOf, formatCompact, formatCount, formatDuration, formatMoney } from "../../lib/format.ts";
import { Card, Stat } from "../../ui/card.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { Count, Duration, Money, Percent, Tokens } from "../../ui/values.tsx";
import { errorRate, failedCalls, firstTryShare, freshPrompt, triedCalls } from "./sums.ts";

/** Figures; null: they are on their way. */
export function SummaryStats({
  summary,
  points,
  stale,
}: {
  summary: Output<"getSummary"> | null;
  /** The same figures over time, for those that no chart shows; null: they are on their way. */
  points: readonly Sums[] | null;
  stale: boolean;
}): ReactNode {
  if (summary === null)
    return (
      <Card>
        <Skeleton lines={3} className="h-8" />
      </Card>
    );
  const { sums, previous } = summary;
  const { tokens } = sums;
  const trendOf = (value: (sums: Sums) => number | null): ReactNode =>
    points !== null && points.length > 2 && <Sparkline values={points.map(value)} width={64} height={14} />;
  return (
    <Card className={`transition-opacity ${stale ? "opacity-60" : ""}`}>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-5 sm:grid-cols-4">
        <Stat
          label="Calls"
          value={<Count n={sums.calls} />}
          hint={`${formatCount(sums.attempts)} attempts`}
          delta={{ change: changeOf(sums.calls, previous.calls), good: "neither" }}
        />
        <Stat
          label="Error rate"
          trend={trendOf(errorRate)}
          value={<Percent share={errorRate(sums)} />}
          hint={`${formatCount(failedCalls(sums))} failed, ${formatCount(sums.refused)} refused, ${formatCount(sums.cancelled)} cancelled`}
          delta={{ change: changeOf(errorRate(sums), errorRate(previous)), good: "down" }}
        />
        <Stat
          label="First try"
          trend={trendOf(firstTryShare)}
          value={<Percent share={firstTryShare(sums)} />}
          hint={`of ${formatCount(triedCalls(sums))} calls that were tried`}
          delta={{ change: changeOf(firstTryShare(sums), firstTryShare(previous)), good: "up" }}
        />
        <Stat
          label="Cost"
          value={
            sums.calls > 0 && sums.callsWithoutCost === sums.calls ? <Money usd={null} /> : <Money usd={sums.costUsd} />
          }
          hint={
            sums.callsWithoutCost === 0
              ? `${formatMoney(sums.calls === 0 ? null : sums.costUsd / sums.calls)} a call`
              : `${formatCount(sums.callsWithoutCost)} ${sums.callsWithoutCost === 1 ? "call" : "calls"} without a known price`
          }
          delta={{ change: changeOf(sums.costUsd, previous.costUsd), good: "neither" }}
        />
        <Stat
          label="Tokens"
          value={<Tokens n={tokens.total} />}
          hint={
            <TokenKinds
              kinds={[
                ["prompt", freshPrompt(sums)],
                ["cached", tokens.cached],
                ["output", tokens.output],
                ["thoughts", tokens.thoughts],
                ["tool use", tokens.toolUse],
              ]}
            />
          }
          delta={{ change: changeOf(tokens.total, previous.tokens.total), good: "neither" }}
        />
        <Stat
          label="Cache hits"
          trend={trendOf(({ cacheHitRate }) => cacheHitRate)}
          value={<Percent share={sums.cacheHitRate} />}
          hint="of prompt tokens, read from Google's cache"
          delta={{ change: changeOf(sums.cacheHitRate, previous.cacheHitRate), good: "up" }}
        />
        <Stat
          label="Latency, median"
          value={<Duration ms={sums.latencyP50Ms} />}
          hint={`95th percentile ${formatDuration(sums.latencyP95Ms)}`}
          delta={{ change: changeOf(sums.latencyP50Ms, previous.latencyP50Ms), good: "down" }}
        />
        <Stat
          label="First byte, median"
          value={<Duration ms={sums.firstByteP50Ms} />}
          hint={`95th percentile ${formatDuration(sums.firstByteP95Ms)}`}
          delta={{ change: changeOf(sums.firstByteP50Ms, previous.firstByteP50Ms), good: "down" }}
        />
      </dl>
    </Card>
  );
}

// --- helpers ---

function TokenKinds({ kinds }: { kinds: readonly (readonly [name: string, count: number])[] }): ReactNode {
  const there = kinds.filter(([, count]) => count > 0);
  if (there.length === 0) return "none yet";
  return there.map(([name, count]) => `${formatCompact(count)} ${name}`).join(", ");
}
