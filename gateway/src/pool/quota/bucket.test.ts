import { describe, expect, it, test } from "vitest";
import { createQuotaBucket } from "./bucket.ts";
import { minuteWindowMs } from "./minute-window.ts";
import type { BucketLimit, QuotaBucket } from "./types.ts";

const noon = Date.parse("2026-06-15T19:00:00Z");
const midnight = Date.parse("2026-06-16T07:00:00Z");
const one = { requests: 1, tokens: 100 };

describe("without limits", () => {
  it("there is always room", () => {
    const bucket = newBucket();
    for (let index = 0; index < 1_000; index++) bucket.take(one, noon);
    expect(bucket.roomAt(one, noon)).toBe(0);
    expect(bucket.limits()).toEqual([]);
    expect(bucket.view(noon)).toEqual([]);
  });

  it("uses are counted, so a limit that is learned later knows the day's", () => {
    const bucket = newBucket();
    for (let index = 0; index < 20; index++) bucket.take(one, noon);
    expect(bucket.usage(noon).map(({ metric, used }) => [metric, used])).toEqual([
      ["requests", 20],
      ["tokens", 2_000],
    ]);
    bucket.learn(google("requests", "day", 20), noon);
    expect(bucket.roomAt(one, noon)).toBe(midnight);
  });
});

describe("minutes", () => {
  it("the limit's requests have room, the next waits until the first has left the window", () => {
    const bucket = newBucket(configured("requests", "minute", 3));
    for (const after of [0, 5_000, 9_000]) {
      expect(bucket.roomAt(one, noon + after)).toBe(0);
      bucket.take(one, noon + after);
    }
    expect(bucket.roomAt(one, noon + 9_000)).toBe(noon + minuteWindowMs);
    expect(bucket.roomAt(one, noon + minuteWindowMs - 1)).toBe(noon + minuteWindowMs);
    expect(bucket.roomAt(one, noon + minuteWindowMs)).toBe(0);
  });

  it("a cost of several waits for as many as it needs", () => {
    const bucket = newBucket(configured("tokens", "minute", 1_000));
    bucket.take({ requests: 1, tokens: 400 }, noon);
    bucket.take({ requests: 1, tokens: 400 }, noon + 10_000);
    expect(bucket.roomAt({ requests: 1, tokens: 200 }, noon + 10_000)).toBe(0);
    expect(bucket.roomAt({ requests: 1, tokens: 600 }, noon + 10_000)).toBe(noon + minuteWindowMs);
    expect(bucket.roomAt({ requests: 1, tokens: 601 }, noon + 10_000)).toBe(noon + 10_000 + minuteWindowMs);
  });

  it("a cost beyond the limit, which is an estimate, has room when nothing is used", () => {
    const bucket = newBucket(configured("tokens", "minute", 1_000));
    expect(bucket.roomAt({ requests: 1, tokens: 1_001 }, noon)).toBe(0);
    bucket.take({ requests: 1, tokens: 1 }, noon);
    expect(bucket.roomAt({ requests: 1, tokens: 1_001 }, noon)).toBe(noon + minuteWindowMs);
    bucket.take({ requests: 1, tokens: 5_000 }, noon);
    expect(bucket.roomAt(one, noon)).toBe(noon + minuteWindowMs);
  });

  it("the longest of several waits decides", () => {
    const bucket = newBucket(configured("requests", "minute", 1), configured("requests", "day", 1));
    bucket.take(one, noon);
    expect(bucket.roomAt(one, noon)).toBe(midnight);
  });

  it("a reservation counts at once and the true use takes its place", () => {
    const bucket = newBucket(configured("tokens", "minute", 1_000));
    const reservation = bucket.take({ requests: 1, tokens: 900 }, noon);
    expect(reservation).toEqual({ key: "p1\ngemini-x", requests: 1, tokens: 900, at: noon });
    expect(bucket.roomAt({ requests: 1, tokens: 101 }, noon)).toBeGreaterThan(noon);
    bucket.settle(reservation, { tokens: 300 }, noon + 2_000);
    expect(bucket.roomAt({ requests: 1, tokens: 700 }, noon + 2_000)).toBe(0);
    expect(bucket.roomAt({ requests: 1, tokens: 701 }, noon + 2_000)).toBe(noon + minuteWindowMs);
  });

  it("an estimate stays when the true use is not told, and all is given back when it never reached Google", () => {
    const bucket = newBucket(configured("requests", "minute", 2), configured("tokens", "minute", 1_000));
    const told = bucket.take({ requests: 1, tokens: 500 }, noon);
    const unreached = bucket.take({ requests: 1, tokens: 500 }, noon);
    bucket.settle(told, { tokens: null }, noon + 1);
    bucket.settle(unreached, null, noon + 1);
    expect(usedOf(bucket, noon + 1)).toEqual({ "requests minute": 1, "tokens minute": 500 });
    expect(bucket.usage(noon + 1).map(({ used }) => used)).toEqual([1, 500]);
  });

  it("a settlement after its window has passed changes no later window", () => {
    const bucket = newBucket(configured("tokens", "minute", 1_000));
    const [down, up] = [
      bucket.take({ requests: 1, tokens: 500 }, noon),
      bucket.take({ requests: 1, tokens: 500 }, noon),
    ];
    const later = noon + 2 * minuteWindowMs;
    bucket.take({ requests: 1, tokens: 900 }, later);
    bucket.settle(down, { tokens: 1 }, later);
    bucket.settle(up, { tokens: 5_000 }, later);
    expect(usedOf(bucket, later)).toEqual({ "tokens minute": 900 });
  });

  it("a reservation made before the limit was known gives nothing back that was never counted", () => {
    const bucket = newBucket();
    const early = bucket.take({ requests: 1, tokens: 5_000 }, noon);
    bucket.learn(google("tokens", "minute", 1_000), noon + 1_000);
    bucket.take({ requests: 1, tokens: 900 }, noon + 1_000);
    bucket.settle(early, { tokens: 4_500 }, noon + 1_001);
    expect(usedOf(bucket, noon + 1_001)).toEqual({ "tokens minute": 900 });
    bucket.settle(early, { tokens: 5_050 }, noon + 1_002);
    expect(usedOf(bucket, noon + 1_002)).toEqual({ "tokens minute": 950 });
  });
});

describe("days", () => {
  it.each([
    ["before summer time", "2026-03-08T08:00:00Z", 23],
    ["before winter time", "2026-11-01T07:00:00Z", 25],
    ["in summer", "2026-06-15T07:00:00Z", 24],
  ])("the day %s ends at midnight in Los Angeles", (_, start, hours) => {
    const first = Date.parse(start);
    const end = first + hours * 3_600_000;
    const bucket = newBucket(configured("requests", "day", 1));
    bucket.take(one, first - 1);
    expect(bucket.roomAt(one, first - 1)).toBe(first);
    expect(bucket.roomAt(one, first)).toBe(0);
    bucket.take(one, first);
    expect(bucket.roomAt(one, first)).toBe(end);
    expect(bucket.roomAt(one, end - 1)).toBe(end);
    expect(bucket.roomAt(one, end)).toBe(0);
    expect(bucket.usage(end)).toEqual([]);
  });

  it("a settlement after midnight changes nothing of the new day", () => {
    const bucket = newBucket(configured("requests", "day", 5), configured("tokens", "day", 1_000));
    const [down, up] = [bucket.take(one, midnight - 1), bucket.take(one, midnight - 1)];
    bucket.take(one, midnight);
    bucket.settle(down, null, midnight + 1);
    bucket.settle(up, { tokens: 900 }, midnight + 1);
    expect(bucket.usage(midnight + 1).map(({ used }) => used)).toEqual([1, 100]);
  });
});

describe("a clock that goes back", () => {
  it("by seconds: counting stands still until it has caught up", () => {
    const bucket = newBucket(configured("requests", "minute", 1));
    bucket.take(one, noon);
    expect(bucket.roomAt(one, noon - 30_000)).toBe(noon + minuteWindowMs);
    expect(bucket.roomAt(one, noon + minuteWindowMs)).toBe(0);
  });

  it("by hours: the minute's uses keep their age", () => {
    const bucket = newBucket(configured("requests", "minute", 1));
    bucket.take(one, noon);
    const earlier = noon - 3 * 3_600_000;
    expect(bucket.roomAt(one, earlier)).toBe(earlier + minuteWindowMs);
    expect(bucket.roomAt(one, earlier + minuteWindowMs)).toBe(0);
  });

  it("over midnight and again: the day's use is not forgotten", () => {
    const bucket = newBucket(configured("requests", "day", 5));
    for (let index = 0; index < 3; index++) bucket.take(one, midnight - 120_000);
    bucket.take(one, midnight + 1);
    bucket.take(one, midnight - 120_000);
    expect(usedOf(bucket, midnight - 120_000)).toEqual({ "requests day": 5 });
    expect(bucket.roomAt(one, midnight - 120_000)).toBe(midnight);
    expect(bucket.roomAt(one, midnight)).toBe(0);
  });

  it("from a year that has not come: today is today again", () => {
    const bucket = newBucket(google("requests", "day", 5));
    const before = bucket.take(one, noon);
    const ahead = bucket.take({ requests: 1, tokens: 50 }, noon + 400 * 86_400_000);
    expect(bucket.roomAt(one, noon + 1)).toBe(0);
    expect(usedOf(bucket, noon + 1)).toEqual({ "requests day": 2 });
    bucket.settle(before, null, noon + 2);
    bucket.settle(ahead, null, noon + 2);
    expect(usedOf(bucket, noon + 2)).toEqual({ "requests day": 2 });
    const after = bucket.take(one, noon + 86_400_000 + 2);
    bucket.settle(after, null, noon + 86_400_000 + 3);
    expect(usedOf(bucket, noon + 86_400_000 + 3)).toEqual({ "requests day": 0 });
  });
});

describe("over a restart", () => {
  it("the day's use and the limits come back", () => {
    const bucket = newBucket(google("requests", "day", 20));
    for (let index = 0; index < 20; index++) bucket.take(one, noon);
    const next = newBucket();
    next.restore({ limits: bucket.limits(), usage: bucket.usage(noon) }, noon + 60_000);
    expect(next.roomAt(one, noon + 60_000)).toBe(midnight);
    expect(next.usage(noon + 60_000)).toEqual(bucket.usage(noon + 60_000));
  });

  it("yesterday's use does not, and twice is once", () => {
    const bucket = newBucket();
    bucket.take(one, noon);
    const usage = bucket.usage(noon);
    const next = newBucket();
    next.restore({ usage }, midnight);
    expect(next.usage(midnight)).toEqual([]);
    const same = newBucket();
    same.restore({ usage }, noon);
    same.restore({ usage }, noon);
    expect(same.usage(noon)).toEqual(usage);
  });
});

describe("two projects that are one", () => {
  it("uses add up, Google's limits win", () => {
    const left = newBucket(configured("requests", "day", 50), google("requests", "minute", 10));
    const right = newBucket(google("requests", "day", 20), google("requests", "minute", 5, noon - 1));
    for (let index = 0; index < 4; index++) left.take(one, noon + index);
    for (let index = 0; index < 5; index++) right.take(one, noon + index * 20_000);
    const now = noon + 90_000;
    left.absorb(right, now);
    expect(usedOf(left, now)).toEqual({ "requests minute": 3, "requests day": 9 });
    expect(left.limits()).toEqual([google("requests", "minute", 10), google("requests", "day", 20)]);
  });

  it("a reservation of either is settled in the one", () => {
    const left = newBucket(configured("tokens", "minute", 1_000));
    const right = newBucket(configured("tokens", "minute", 1_000));
    const [first, second] = [left.take(one, noon), right.take(one, noon)];
    right.take(one, noon + 100);
    left.absorb(right, noon + 200);
    left.settle(first, { tokens: 10 }, noon + 300);
    left.settle(second, { tokens: 20 }, noon + 300);
    expect(usedOf(left, noon + 300)).toEqual({ "tokens minute": 130 });
    expect(left.usage(noon + 300).map(({ used }) => used)).toEqual([3, 130]);
  });

  it("a bucket does not absorb itself", () => {
    const bucket = newBucket(configured("requests", "day", 5));
    bucket.take(one, noon);
    bucket.absorb(bucket, noon);
    expect(usedOf(bucket, noon)).toEqual({ "requests day": 1 });
  });
});

test("what cannot be counted is nothing", () => {
  const bucket = newBucket(configured("requests", "minute", 5), configured("tokens", "day", 500));
  const reservation = bucket.take({ requests: Number.NaN, tokens: -5 }, noon);
  expect(reservation).toMatchObject({ requests: 0, tokens: 0 });
  bucket.settle(reservation, { tokens: Number.NaN }, noon);
  expect(usedOf(bucket, noon)).toEqual({ "requests minute": 0, "tokens day": 0 });
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
