import { describe, expect, it } from "vitest";
import { createQuotaBucket } from "./bucket.ts";
import { learnedLimitMs, learnedZeroMs } from "./limit-table.ts";
import { minuteWindowMs } from "./minute-window.ts";
import type { BucketLimit, QuotaBucket } from "./types.ts";

const noon = Date.parse("2026-06-15T19:00:00Z");
const midnight = Date.parse("2026-06-16T07:00:00Z");
const one = { requests: 1, tokens: 100 };

describe("limits", () => {
  it("0 means never, and Google's 0 is asked again after a day", () => {
    const bucket = newBucket(google("requests", "day", 0));
    expect(bucket.roomAt(one, noon)).toBe(Infinity);
    expect(bucket.view(noon)[0]?.roomAtMs).toBe(noon + learnedZeroMs);
    expect(bucket.roomAt(one, noon + learnedZeroMs - 1)).toBe(Infinity);
    expect(bucket.roomAt(one, noon + learnedZeroMs)).toBe(0);
    expect(newBucket(configured("requests", "day", 0)).roomAt(one, noon + 10 * learnedZeroMs)).toBe(Infinity);
  });

  it("nothing takes room from nothing", () => {
    expect(newBucket(google("requests", "day", 0)).roomAt({ requests: 0, tokens: 0 }, noon)).toBe(0);
  });

  it("Google's word outranks the configuration, whichever comes first", () => {
    const bucket = newBucket(configured("requests", "day", 10));
    expect(bucket.learn(google("requests", "day", 20), noon)).toBe(true);
    expect(bucket.learn(configured("requests", "day", 5), noon)).toBe(false);
    expect(bucket.limits()).toEqual([google("requests", "day", 20)]);
  });

  it("the newer word counts, up or down", () => {
    const bucket = newBucket(google("requests", "day", 20));
    expect(bucket.learn(google("requests", "day", 500, noon + 1), noon + 1)).toBe(true);
    expect(bucket.learn(google("requests", "day", 20, noon), noon + 2)).toBe(false);
    expect(bucket.learn(google("requests", "day", 250, noon + 3), noon + 3)).toBe(true);
    expect(bucket.limits()).toEqual([google("requests", "day", 250, noon + 3)]);
    expect(bucket.learn(configured("tokens", "day", 5), noon)).toBe(true);
    expect(bucket.learn(configured("tokens", "day", 6), noon)).toBe(true);
    expect(bucket.limits()).toHaveLength(2);
  });

  it("a limit told again is worth keeping only now and then, but stays fresh", () => {
    const bucket = newBucket(google("requests", "day", 20));
    let kept = 0;
    let last = noon;
    for (let hour = 1; hour <= 24 * 14; hour++) {
      last = noon + hour * 3_600_000;
      if (bucket.learn(google("requests", "day", 20, last), last)) kept++;
    }
    expect(kept).toBe(4 * 14);
    for (let index = 0; index < 20; index++) bucket.take(one, last);
    expect(bucket.roomAt(one, last)).toBeGreaterThan(last);
  });

  it("a limit that Google did not repeat for a week is tried again, and the configured one does not come back", () => {
    const bucket = newBucket(google("requests", "day", 2));
    bucket.learn(configured("requests", "day", 1), noon);
    const later = noon + learnedLimitMs;
    for (let index = 0; index < 3; index++) bucket.take(one, later);
    expect(bucket.roomAt(one, later)).toBe(0);
    bucket.learn(google("requests", "day", 3, later), later);
    bucket.refused({ metric: "requests", window: "day", value: 3 }, later);
    expect(bucket.roomAt(one, later)).toBe(midnight + learnedLimitMs);
  });

  it.each([Number.NaN, -1, Infinity])("a limit of %s is not learned", (value) => {
    const bucket = newBucket();
    expect(bucket.learn(google("requests", "day", value), noon)).toBe(false);
    expect(bucket.limits()).toEqual([]);
  });

  it("a limit learned in the future grows stale like one learned now", () => {
    const bucket = newBucket(google("requests", "day", 0, noon + 1e12));
    expect(bucket.roomAt(one, noon + learnedZeroMs)).toBe(0);
  });

  it("is shown with what is used and when room comes back", () => {
    const bucket = newBucket(configured("requests", "minute", 2), google("requests", "day", 20));
    bucket.take(one, noon);
    bucket.take(one, noon + 10_000);
    const common = { projectId: "p1", model: "gemini-x", metric: "requests" };
    expect(bucket.view(noon + 10_000)).toEqual([
      {
        ...common,
        window: "minute",
        value: 2,
        source: "configured",
        learnedAt: 0,
        used: 2,
        roomAtMs: noon + minuteWindowMs,
      },
      { ...common, window: "day", value: 20, source: "google", learnedAt: noon, used: 2, roomAtMs: null },
    ]);
  });
});

describe("a refusal although there seemed to be room", () => {
  it("fills the day", () => {
    const bucket = newBucket(google("requests", "day", 20));
    bucket.take(one, noon);
    bucket.refused({ metric: "requests", window: "day", value: 20 }, noon);
    expect(bucket.roomAt(one, noon)).toBe(midnight);
    expect(bucket.roomAt(one, midnight)).toBe(0);
  });

  it("fills the minute, also the first that is counted, until it has passed", () => {
    const bucket = newBucket();
    bucket.take(one, noon);
    bucket.learn(google("requests", "minute", 10), noon);
    bucket.refused({ metric: "requests", window: "minute", value: 10 }, noon);
    expect(bucket.roomAt(one, noon)).toBe(noon + minuteWindowMs);
    expect(bucket.roomAt(one, noon + minuteWindowMs)).toBe(0);
    expect(bucket.usage(noon).map(({ used }) => used)).toEqual([1, 100]);
  });

  it("is not undone by what was in flight then", () => {
    const bucket = newBucket(google("requests", "minute", 5), google("requests", "day", 5));
    const reservation = bucket.take(one, noon);
    bucket.refused({ metric: "requests", window: "minute", value: 5 }, noon + 1);
    bucket.refused({ metric: "requests", window: "day", value: 5 }, noon + 1);
    bucket.settle(reservation, null, noon + 2);
    expect(usedOf(bucket, noon + 2)).toEqual({ "requests minute": 5, "requests day": 5 });
  });

  it("changes nothing where more was counted already", () => {
    const bucket = newBucket(google("requests", "day", 5));
    for (let index = 0; index < 7; index++) bucket.take(one, noon);
    bucket.refused({ metric: "requests", window: "day", value: 5 }, noon);
    expect(usedOf(bucket, noon)).toEqual({ "requests day": 7 });
  });
});

// --- helpers ---

function newBucket(...limits: BucketLimit[]): QuotaBucket {
  const bucket = createQuotaBucket({ projectId: "p1", model: "gemini-x" });
  for (const limit of limits) bucket.learn(limit, noon);
  return bucket;
}

function google(metric: "requests" | "tokens", window: "minute" | "day", value: number, learnedAt = noon): BucketLimit {
  return { metric, window, value, source: "google", learnedAt };
}

function configured(metric: "requests" | "tokens", window: "minute" | "day", value: number): BucketLimit {
  return { metric, window, value, source: "configured", learnedAt: 0 };
}

function usedOf(bucket: QuotaBucket, now: number): Record<string, number> {
  return Object.fromEntries(bucket.view(now).map(({ metric, window, used }) => [`${metric} ${window}`, used]));
}
