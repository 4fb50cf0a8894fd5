/**
 * Medians, and medians of ratios between two targets that were measured in the same rounds.
 * @module
 */
import type { Row, Sample } from "./types.ts";

/** A median, and whether it comes from undisturbed rounds. */
export interface Figure {
  value: number;
  quiet: boolean;
}

/** The middle value, or undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** The quiet samples of a row; all of them when none was quiet, so that a figure is shown (and marked) at least. */
export function usableSamples(row: Row): Sample[] {
  const quiet = row.samples.filter((sample) => !sample.noisy);
  return quiet.length > 0 ? quiet : row.samples;
}

/** Median of one figure over the usable samples of a row. */
export function medianOf(row: Row | undefined, read: (sample: Sample) => number): Figure | undefined {
  const value = row === undefined ? undefined : median(usableSamples(row).map(read));
  return value === undefined ? undefined : { value, quiet: row?.samples.some((sample) => !sample.noisy) ?? false };
}

/**
 * Median over the rounds of `combine(figure of row, figure of other)`. A round in which either was noisy is left out,
 * unless that leaves none: then all rounds count. Machines drift, so figures of different rounds are never combined.
 */
export function medianPaired(
  row: Row | undefined,
  other: Row | undefined,
  options: { read: (sample: Sample) => number; combine: (a: number, b: number) => number },
): Figure | undefined {
  if (row === undefined || other === undefined) return undefined;
  const all: number[] = [];
  const quiet: number[] = [];
  row.samples.forEach((sample, round) => {
    const reference = other.samples[round];
    if (reference === undefined) return;
    const value = options.combine(options.read(sample), options.read(reference));
    if (!Number.isFinite(value)) return;
    all.push(value);
    if (!sample.noisy && !reference.noisy) quiet.push(value);
  });
  const value = median(quiet.length > 0 ? quiet : all);
  return value === undefined ? undefined : { value, quiet: quiet.length > 0 };
}

/** Median of the ratios `row / other`, round by round. */
export function medianRatio(
  row: Row | undefined,
  other: Row | undefined,
  read: (sample: Sample) => number,
): Figure | undefined {
  return medianPaired(row, other, { read, combine: (a, b) => a / b });
}
