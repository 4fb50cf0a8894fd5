/**
 * Counts by class of size.
 * @module
 */
import { latencyBounds } from "../storage/types-analytics.ts";

/** Classes with their sum. Whoever reads it must not change it. */
export interface Histogram {
  /** Upper bounds, rising; a value equal to one belongs to its class. */
  readonly bounds: readonly number[];
  /** One longer than `bounds`. Not cumulative. */
  readonly counts: number[];
  sum: number;
}

/** Durations of calls, microseconds: the classes of the roll-ups, so that dashboards over both agree. */
export const durationBounds: readonly number[] = latencyBounds.map((ms) => ms * 1000);

/** The gateway's own time, microseconds. */
export const overheadBounds: readonly number[] = [
  50, 100, 200, 400, 700, 1_000, 2_000, 5_000, 10_000, 25_000, 100_000, 500_000, 2_000_000, 10_000_000, 60_000_000,
];

/** @param bounds rising */
export function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 };
}

/** @returns the class the value went to */
export function observe(histogram: Histogram, value: number): number {
  const { bounds, counts } = histogram;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (bounds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  counts[low] = (counts[low] as number) + 1;
  histogram.sum += value;
  return low;
}

/** How many values there are. */
export function countOf(counts: readonly number[]): number {
  let count = 0;
  for (const each of counts) count += each;
  return count;
}

/**
 * A quantile, interpolated inside its class; off by less than the width of one.
 * @param share 0.95
 * @returns null: there are no values. What lies above the last bound counts as that bound
 */
export function quantileOf(bounds: readonly number[], counts: readonly number[], share: number): number | null {
  const count = countOf(counts);
  if (count === 0) return null;
  let before = 0;
  for (const [index, bound] of bounds.entries()) {
    const inside = counts[index] ?? 0;
    if (inside > 0 && before + inside >= share * count) {
      const from = index === 0 ? 0 : (bounds[index - 1] as number);
      return from + ((bound - from) * (share * count - before)) / inside;
    }
    before += inside;
  }
  return bounds.at(-1) ?? null;
}
