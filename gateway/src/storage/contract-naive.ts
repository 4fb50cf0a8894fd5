/**
 * What the analytics must say, by going through all calls: for the contract. Written without the roll-ups' code.
 * @module
 */
import type { PricedCall } from "./types.ts";
import {
  latencyBounds,
  type RollupDimension,
  type RollupSums,
  type SearchFilter,
  type TimeRange,
} from "./types-analytics.ts";

/** Sums by key of the calls begun in a range. */
export function naiveSums(
  calls: readonly PricedCall[],
  dimension: RollupDimension,
  range: TimeRange,
): Map<string, RollupSums> {
  const sums = new Map<string, RollupSums>();
  for (const call of calls) {
    const { startedAt } = call.record;
    if (startedAt < range.fromMs || startedAt >= range.toMs) continue;
    for (const key of new Set(keysOf(call, dimension))) {
      const sum = sums.get(key) ?? noSums();
      sums.set(key, sum);
      addTo(sum, call, dimension === "credential" ? key : null);
    }
  }
  for (const sum of sums.values()) sum.costUsd /= 1e9;
  return sums;
}

/** Sums of nothing. */
export function noSums(): RollupSums {
  const nothing = [...latencyBounds, 0].map(() => 0);
  return {
    calls: 0,
    attempts: 0,
    errors: 0,
    refused: 0,
    cancelled: 0,
    incomplete: 0,
    interrupted: 0,
    tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0, total: 0 },
    costUsd: 0,
    callsWithoutCost: 0,
    firstTry: 0,
    latency: [...nothing],
    firstByte: [...nothing],
  };
}

/** Whether a search finds a call. */
export function naiveMatch({ record, costNanoUsd }: PricedCall, filter: SearchFilter): boolean {
  const { status, rule } = filter;
  const is = <Value>(wanted: Value | undefined, ...values: Value[]): boolean =>
    wanted === undefined || values.includes(wanted);
  return (
    record.startedAt >= (filter.sinceMs ?? -Infinity) &&
    record.startedAt < (filter.untilMs ?? Infinity) &&
    is<string | null>(filter.model, record.modelAsked, record.modelServed) &&
    is<string | null>(filter.clientId, record.clientId) &&
    is(filter.credentialId, ...record.attempts.map((attempt) => attempt.credentialId)) &&
    is<string>(filter.outcome, record.outcome) &&
    is<string>(filter.dialect, record.dialect) &&
    is(filter.operation, record.operation) &&
    is<string | null>(rule, record.errorCode, ...record.attempts.map((attempt) => attempt.rule)) &&
    (status === undefined ||
      String(record.status).padStart(3, "0") === status ||
      (status.endsWith("xx") && record.status >= 100 && String(record.status)[0] === status[0])) &&
    record.totalMicros >= (filter.minMs ?? 0) * 1000 &&
    record.totalMicros <= (filter.maxMs ?? Infinity) * 1000 &&
    (filter.minCostNanoUsd === undefined || (costNanoUsd !== null && costNanoUsd >= filter.minCostNanoUsd)) &&
    (filter.maxCostNanoUsd === undefined || (costNanoUsd !== null && costNanoUsd <= filter.maxCostNanoUsd)) &&
    is(filter.retried, record.attempts.length > 1)
  );
}

// --- helpers ---

function keysOf({ record }: PricedCall, dimension: RollupDimension): string[] {
  const model = record.modelServed ?? record.modelAsked ?? "";
  switch (dimension) {
    case "all":
      return [""];
    case "model":
      return [model];
    case "client":
      return [record.clientId ?? ""];
    case "credential":
      return record.attempts.map((attempt) => attempt.credentialId);
    case "status":
      return [`${record.status}`];
    case "dialect":
      return [record.dialect];
    case "rule":
      return [record.attempts.at(-1)?.rule ?? record.errorCode ?? record.outcome];
    case "client-model":
      return [`${record.clientId ?? ""}\n${model}`];
  }
}

function addTo(sum: RollupSums, call: PricedCall, credentialId: string | null): void {
  const { record } = call;
  const own = record.attempts
    .map((attempt, index) => ({ attempt, cost: call.attemptCosts[index] ?? null }))
    .filter(({ attempt }) => credentialId === null || attempt.credentialId === credentialId);
  sum.calls += 1;
  sum.attempts += own.length;
  if (record.outcome === "error") sum.errors += 1;
  else if (record.outcome !== "ok") sum[record.outcome] += 1;
  if (record.outcome === "ok" && record.attempts.length === 1) sum.firstTry += 1;
  const usages = credentialId === null ? [record.usage] : own.map(({ attempt }) => attempt.usage);
  for (const usage of usages) {
    if (usage === null) continue;
    sum.tokens.prompt += usage.promptTokens;
    sum.tokens.cached += usage.cachedTokens;
    sum.tokens.output += usage.outputTokens;
    sum.tokens.thoughts += usage.thoughtsTokens;
    sum.tokens.toolUse += usage.toolUseTokens;
    sum.tokens.total += usage.totalTokens;
  }
  const costs = credentialId === null ? [call.costNanoUsd] : own.map(({ cost }) => cost);
  for (const cost of costs) sum.costUsd += cost ?? 0;
  if (costs.includes(null)) sum.callsWithoutCost += 1;
  count(sum.latency, record.totalMicros);
  if (record.firstByteMicros !== null) count(sum.firstByte, record.firstByteMicros);
}

function count(histogram: readonly number[], micros: number): void {
  const above = latencyBounds.findIndex((bound) => micros <= bound * 1000);
  const place = above === -1 ? latencyBounds.length : above;
  (histogram as number[])[place] = (histogram[place] ?? 0) + 1;
}
