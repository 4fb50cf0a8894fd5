/**
 * What a roll-up holds: grains, dimensions, and the places of the sums in a row.
 * @module
 */
import { latencyBounds, type RollupDimension, type RollupSums } from "../types-analytics.ts";

/** Quarter of an hour, milliseconds: the finest grain. Every zone's offset is a whole number of them. */
export const quarterMs = 900_000;
/** An hour and a UTC day, in quarters of an hour. */
export const hour = 4;
export const day = 96;

/** Quarters of an hour that a row spans. */
export type Grain = 1 | typeof hour | typeof day;

/** What the tables say for a dimension. `also` is an index only: see `deltas.ts`. */
export const dimensionCodes: Readonly<Record<RollupDimension | "also", number>> = {
  all: 0,
  model: 1,
  client: 2,
  credential: 3,
  status: 4,
  dialect: 5,
  rule: 6,
  "client-model": 7,
  also: 8,
};
/** How many dimensions there are. */
export const dimensionCount = 9;

/**
 * Whether a dimension has so many keys that its hours are not kept longer than its quarters: they would be most of the
 * database.
 */
export function isWide(dimension: number): boolean {
  return dimension === dimensionCodes.credential || dimension === dimensionCodes["client-model"];
}

/** Places of the sums in a row. */
export const at = {
  calls: 0,
  attempts: 1,
  error: 2,
  refused: 3,
  cancelled: 4,
  incomplete: 5,
  interrupted: 6,
  firstTry: 7,
  /** Calls with more than one attempt. */
  retried: 8,
  prompt: 9,
  cached: 10,
  output: 11,
  thoughts: 12,
  toolUse: 13,
  total: 14,
  costNanoUsd: 15,
  withoutCost: 16,
} as const;
const firstHistogram = 17;
/** Sums before the histograms. */
export const plainSums: number = firstHistogram;
/** Classes of one histogram. */
const classes: number = latencyBounds.length + 1;
/** Where the classes of the duration begin, and those of the first byte. */
export const latencyAt: number = firstHistogram;
export const firstByteAt: number = firstHistogram + classes;
/** Numbers of a row. */
export const width: number = plainSums + 2 * classes;

/**
 * Copied, which is ten times as quick as making it. It once held a fraction: V8 then keeps it and its copies as plain
 * doubles, and a sum that outgrows 31 bits does not make it copy the row.
 */
const nothing: readonly number[] = Array.from({ length: width }, () => 0.5).fill(0);

/** A row's numbers, all zero. */
export function zeros(): number[] {
  return nothing.slice();
}

/** The class of a duration: the first whose upper bound is not below it. */
export function classOf(milliseconds: number): number {
  let low = 0;
  let high = latencyBounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (milliseconds <= (latencyBounds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The beginning of the hour or day that a quarter lies in. */
export function floorTo(quarter: number, grain: Grain): number {
  return Math.floor(quarter / grain) * grain;
}

/** A row's numbers as others know them. */
export function toRollupSums(sums: readonly number[]): RollupSums {
  const number = (place: number): number => sums[place] ?? 0;
  return {
    calls: number(at.calls),
    attempts: number(at.attempts),
    errors: number(at.error),
    refused: number(at.refused),
    cancelled: number(at.cancelled),
    incomplete: number(at.incomplete),
    interrupted: number(at.interrupted),
    tokens: {
      prompt: number(at.prompt),
      cached: number(at.cached),
      output: number(at.output),
      thoughts: number(at.thoughts),
      toolUse: number(at.toolUse),
      total: number(at.total),
    },
    costUsd: number(at.costNanoUsd) / 1e9,
    callsWithoutCost: number(at.withoutCost),
    firstTry: number(at.firstTry),
    latency: sums.slice(latencyAt, latencyAt + classes),
    firstByte: sums.slice(firstByteAt, firstByteAt + classes),
  };
}
