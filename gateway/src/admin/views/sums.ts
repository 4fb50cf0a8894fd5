/**
 * Sums of the roll-ups as people see them: money and quantiles are made at the very end.
 * @module
 */
import type * as z from "zod";
import { latencyBounds } from "../../storage/types-analytics.ts";
import type { RollupSums } from "../../storage/types-analytics.ts";
import type { StatsRow } from "../../storage/types.ts";
import type { sumsSchema } from "../schemas/usage.ts";

/** As the admin API gives them. */
export type SumsView = z.output<typeof sumsSchema>;

/** Sums of nothing. */
export function emptySums(): RollupSums {
  return {
    calls: 0,
    attempts: 0,
    errors: 0,
    refused: 0,
    cancelled: 0,
    incomplete: 0,
    interrupted: 0,
    firstTry: 0,
    tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0, total: 0 },
    costUsd: 0,
    callsWithoutCost: 0,
    latency: emptyHistogram(),
    firstByte: emptyHistogram(),
  };
}

/**
 * Adds many, exactly: cost is added as whole nano-dollars.
 * @param all may be empty
 */
export function addSums(all: Iterable<RollupSums>): RollupSums {
  const sum = emptySums();
  const latency = emptyHistogram();
  const firstByte = emptyHistogram();
  let nanoUsd = 0;
  for (const one of all) {
    for (const name of counts) sum[name] += one[name];
    for (const name of tokenKinds) sum.tokens[name] += one.tokens[name];
    nanoUsd += toNano(one.costUsd);
    addInto(latency, one.latency);
    addInto(firstByte, one.firstByte);
  }
  return { ...sum, costUsd: nanoUsd / nanoPerUsd, latency, firstByte };
}

/**
 * What is left of a whole without its parts, exactly. Never below 0: calls may have ended between two readings.
 * @param whole sums of every key
 * @param parts sums of some of the keys
 */
export function subtractSums(whole: RollupSums, parts: Iterable<RollupSums>): RollupSums {
  const part = addSums(parts);
  const rest = addSums([whole]);
  for (const name of counts) rest[name] = Math.max(0, rest[name] - part[name]);
  for (const name of tokenKinds) rest.tokens[name] = Math.max(0, rest.tokens[name] - part.tokens[name]);
  const less = (from: readonly number[], taken: readonly number[]): number[] =>
    from.map((count, index) => Math.max(0, count - (taken[index] ?? 0)));
  return {
    ...rest,
    costUsd: Math.max(0, toNano(rest.costUsd) - toNano(part.costUsd)) / nanoPerUsd,
    latency: less(rest.latency, part.latency),
    firstByte: less(rest.firstByte, part.firstByte),
  };
}

/** Whether there is anything in it. */
export function isEmptySums(sums: RollupSums): boolean {
  return sums.calls === 0 && sums.attempts === 0;
}

/** As people see them. */
export function toSumsView(sums: RollupSums): SumsView {
  return {
    calls: sums.calls,
    attempts: sums.attempts,
    errors: sums.errors,
    refused: sums.refused,
    cancelled: sums.cancelled,
    incomplete: sums.incomplete,
    interrupted: sums.interrupted,
    firstTry: sums.firstTry,
    tokens: { ...sums.tokens },
    costUsd: sums.costUsd,
    callsWithoutCost: sums.callsWithoutCost,
    cacheHitRate: cacheHitRate(sums.tokens),
    latencyP50Ms: quantile(sums.latency, 0.5),
    latencyP95Ms: quantile(sums.latency, 0.95),
    firstByteP50Ms: quantile(sums.firstByte, 0.5),
    firstByteP95Ms: quantile(sums.firstByte, 0.95),
  };
}

/**
 * How much of the prompts Google read from its cache, which costs a tenth (fact sheet upstream 5.2).
 * @returns a share from 0 to 1; null when there was no prompt
 */
export function cacheHitRate(tokens: Pick<StatsRow["tokens"], "prompt" | "cached">): number | null {
  return tokens.prompt === 0 ? null : Math.min(1, tokens.cached / tokens.prompt);
}

/**
 * Estimates a quantile: inside a class durations are taken to be spread evenly on a logarithmic scale (in the first
 * class, which begins at 0, evenly). What lies above the last bound counts as that bound.
 * @param histogram counts by class of `latencyBounds`, one longer
 * @param share 0.95: 95 % are at most so long
 * @returns milliseconds; null when nothing was counted
 */
export function quantile(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [index, upper] of latencyBounds.entries()) {
    const count = histogram[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const part = Math.max(0, rank - below) / count;
      const lower = index === 0 ? 0 : (latencyBounds[index - 1] as number);
      return lower === 0 ? upper * part : lower * (upper / lower) ** part;
    }
    below += count;
  }
  return latencyBounds.at(-1) ?? null;
}

/** Nano-dollars as dollars; null stays null: it is not known, and not free. */
export function toUsd(nanoUsd: number | null): number | null {
  return nanoUsd === null ? null : nanoUsd / nanoPerUsd;
}

// --- helpers ---

const nanoPerUsd = 1e9;

const counts = [
  "calls",
  "attempts",
  "errors",
  "refused",
  "cancelled",
  "incomplete",
  "interrupted",
  "firstTry",
  "callsWithoutCost",
] as const;
const tokenKinds = ["prompt", "cached", "output", "thoughts", "toolUse", "total"] as const;

function emptyHistogram(): number[] {
  return Array.from({ length: latencyBounds.length + 1 }, () => 0);
}

function addInto(sum: number[], more: readonly number[]): void {
  for (const [index, count] of more.entries()) sum[index] = (sum[index] ?? 0) + count;
}

/** Dollars that were made from whole nano-dollars give them back, up to two million dollars. */
function toNano(usd: number): number {
  return Math.round(usd * nanoPerUsd);
}
