import { describe, expect, it } from "vitest";
import { sampleOf } from "./sample-for-tests.ts";
import { median, medianOf, medianPaired, medianRatio } from "./statistics.ts";
import type { Row, Sample } from "./types.ts";

const sample = (rps: number, noisy = false): Sample => sampleOf({ rps, noisy });
const row = (target: string, ...samples: Sample[]): Row => ({ target, samples });
const rps = (one: Sample): number => one.rps;

describe("median", () => {
  it("is the middle of an odd and the mean of the two middles of an even count", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(median([])).toBeUndefined();
  });
});

describe("medians of rows", () => {
  it("leaves noisy samples out, but shows a figure when all were noisy", () => {
    expect(medianOf(row("a", sample(100), sample(5, true), sample(110)), rps)).toEqual({ value: 105, quiet: true });
    expect(medianOf(row("a", sample(4, true), sample(6, true)), rps)).toEqual({ value: 5, quiet: false });
    expect(medianOf(undefined, rps)).toBeUndefined();
  });

  it("compares within a round, so a drift of the machine cancels out", () => {
    const subject = row("a", sample(50), sample(25), sample(5));
    const reference = row("b", sample(100), sample(50), sample(10));
    expect(medianRatio(subject, reference, rps)).toEqual({ value: 0.5, quiet: true });
  });

  it("discards a round in which either target was disturbed", () => {
    const subject = row("a", sample(50), sample(1, true), sample(60));
    const reference = row("b", sample(100), sample(100), sample(1, true));
    expect(medianRatio(subject, reference, rps)).toEqual({ value: 0.5, quiet: true });
  });

  it("marks a ratio as disturbed when no round was quiet for both", () => {
    const subject = row("a", sample(50), sample(60, true));
    const reference = row("b", sample(100, true), sample(100));
    expect(medianRatio(subject, reference, rps)).toEqual({ value: 0.55, quiet: false });
  });

  it("gives nothing when a target has no samples or the reference is zero", () => {
    expect(medianRatio(row("a"), row("b", sample(1)), rps)).toBeUndefined();
    expect(medianRatio(row("a", sample(1)), row("b", sample(0)), rps)).toBeUndefined();
    const minus = { read: rps, combine: (a: number, b: number): number => a - b };
    expect(medianPaired(row("a", sample(7)), row("b", sample(4)), minus)?.value).toBe(3);
  });
});
