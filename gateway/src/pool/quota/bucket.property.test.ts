import fc from "fast-check";
import { expect, test } from "vitest";
import type { QuotaReservation } from "../../core/credential.ts";
import { createQuotaBucket } from "./bucket.ts";
import { minuteWindowMs } from "./minute-window.ts";
import type { QuotaBucket, QuotaCost } from "./types.ts";

/** A use as a model keeps it that forgets nothing. */
interface Use {
  at: number;
  requests: number;
  tokens: number;
  reservation: QuotaReservation;
  settled: boolean;
}

const start = Date.parse("2026-06-15T19:00:00Z");
const googleMinuteMs = 60_000;
/** How much longer than a window a use may count: the entry's span. */
const spanMs = 1_000;

const gap = fc.oneof(fc.nat(50), fc.nat(2_000), fc.nat(20_000), fc.nat(200_000));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("call" as const), gap, tokens: fc.nat(400) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), gap, tokens: fc.nat(500), which: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fail" as const), gap, tokens: fc.nat(0), which: fc.nat() }) },
);
const steps = fc.array(step, { maxLength: 250, size: "max" });
const limits = fc.record({ requests: fc.integer({ min: 1, max: 40 }), tokens: fc.integer({ min: 1, max: 4_000 }) });

test("no more than the limits in any 60 seconds, sliding or by the calendar, and hardly less", () => {
  fc.assert(
    fc.property(limits, steps, (most, list) => {
      const bucket = newBucket(most);
      const uses: Use[] = [];
      let now = start;
      for (const one of list) {
        now += one.gap;
        if (one.kind !== "call") {
          settle(bucket, uses, { step: one, now });
          continue;
        }
        const cost = { requests: 1, tokens: one.tokens };
        const room = bucket.roomAt(cost, now);
        if (room === 0) {
          take(bucket, uses, { cost, now, at: now });
          expectWithin(uses, now, most);
        } else {
          // Who waits would not have fitted into the window and its margins.
          const { requests, tokens } = sum(uses, now - minuteWindowMs - spanMs, now);
          expect(requests + 1 > most.requests || tokens + Math.min(cost.tokens, most.tokens) > most.tokens).toBe(true);
          expect(room).toBeGreaterThan(now);
          expect(room).toBeLessThanOrEqual(now + minuteWindowMs);
          if (list.length % 2 === 0) continue;
          // The time it tells is true.
          now = room;
          expect(bucket.roomAt(cost, now)).toBe(0);
          take(bucket, uses, { cost, now, at: now });
          expectWithin(uses, now, most);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("a clock that is set back again and again lets no more through", () => {
  const backwards = fc.array(
    fc.oneof(fc.constant(0), fc.constant(0), fc.nat(5_000), fc.nat(500_000), fc.nat(200_000_000)),
    {
      minLength: 1,
      maxLength: 250,
      size: "max",
    },
  );
  fc.assert(
    fc.property(limits, steps, backwards, (most, list, jumps) => {
      const bucket = newBucket(most);
      const uses: Use[] = [];
      let now = start;
      let error = 0;
      list.forEach((one, index) => {
        now += one.gap;
        error += jumps[index % jumps.length] as number;
        if (one.kind !== "call") return settle(bucket, uses, { step: one, now: now - error });
        const cost = { requests: 1, tokens: one.tokens };
        if (bucket.roomAt(cost, now - error) !== 0) return;
        take(bucket, uses, { cost, now: now - error, at: now });
        expectWithin(uses, now, most);
      });
    }),
    { numRuns: 200 },
  );
});

test("after two buckets became one the limits hold for both together", () => {
  fc.assert(
    fc.property(limits, steps, fc.nat(250), fc.array(fc.boolean(), { minLength: 1 }), (most, list, when, sides) => {
      const bucket = newBucket(most);
      const other = newBucket(most);
      const uses: Use[] = [];
      let now = start;
      list.forEach((one, index) => {
        now += one.gap;
        if (index === when) bucket.absorb(other, now);
        const chosen = index < when && sides[index % sides.length] === true ? other : bucket;
        if (one.kind !== "call") {
          // Before, a settlement belongs to the bucket that took.
          if (index >= when) settle(bucket, uses, { step: one, now });
          return;
        }
        const cost = { requests: 1, tokens: one.tokens };
        if (chosen.roomAt(cost, now) !== 0) return;
        take(chosen, uses, { cost, now, at: now });
        if (index >= when) expectWithin(uses, now, most);
      });
    }),
    { numRuns: 200 },
  );
});

test("days are counted as a calendar of Los Angeles counts them, over both changes of the clocks", () => {
  const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Los_Angeles", dateStyle: "short" });
  const begin = fc.constantFrom(Date.parse("2026-03-06T00:00:00Z"), Date.parse("2026-10-30T00:00:00Z"));
  const hours = fc.array(fc.integer({ min: 1, max: 5 * 3_600_000 }), { maxLength: 60, size: "max" });
  fc.assert(
    fc.property(begin, hours, fc.integer({ min: 1, max: 6 }), (first, gaps, most) => {
      const bucket = createQuotaBucket({ projectId: "p", model: "m" });
      bucket.learn({ metric: "requests", window: "day", value: most, source: "configured", learnedAt: 0 }, first);
      const used = new Map<string, number>();
      let now = first;
      for (const wait of gaps) {
        now += wait;
        const today = calendar.format(now);
        const before = used.get(today) ?? 0;
        const room = bucket.roomAt({ requests: 1, tokens: 0 }, now);
        expect(room === 0).toBe(before < most);
        if (room > 0) {
          expect(calendar.format(room - 1)).toBe(today);
          expect(calendar.format(room)).not.toBe(today);
          continue;
        }
        bucket.take({ requests: 1, tokens: 0 }, now);
        used.set(today, before + 1);
        expect(bucket.usage(now)[0]?.used).toBe(before + 1);
      }
    }),
    { numRuns: 100 },
  );
});

test("a restart in between changes nothing of a day", () => {
  fc.assert(
    fc.property(steps, fc.nat(250), (list, when) => {
      const plain = createQuotaBucket({ projectId: "p", model: "m" });
      let restarted = createQuotaBucket({ projectId: "p", model: "m" });
      let now = start;
      list.forEach((one, index) => {
        now += one.gap;
        if (index === when) {
          const next = createQuotaBucket({ projectId: "p", model: "m" });
          next.restore({ usage: restarted.usage(now), limits: restarted.limits() }, now);
          restarted = next;
        }
        if (one.kind !== "call") return;
        plain.take({ requests: 1, tokens: one.tokens }, now);
        restarted.take({ requests: 1, tokens: one.tokens }, now);
        expect(restarted.usage(now)).toEqual(plain.usage(now));
      });
    }),
    { numRuns: 100 },
  );
});

test("any order of any calls, at any times, keeps counts that are counts", () => {
  const time = fc.oneof(fc.nat(100_000), fc.integer({ min: -400_000_000, max: 400_000_000 }), fc.constant(1e13));
  const metric = fc.constantFrom("requests" as const, "tokens" as const);
  const window = fc.constantFrom("minute" as const, "day" as const);
  const source = fc.constantFrom("google" as const, "configured" as const);
  const value = fc.oneof(fc.nat(20), fc.double());
  const call = fc.record({ kind: fc.nat(6), time, metric, window, source, value, which: fc.nat() });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 100, size: "max" }), (calls) => {
      const bucket = createQuotaBucket({ projectId: "p", model: "m" });
      const open: QuotaReservation[] = [];
      for (const { kind, time: after, metric: what, window: span, source: from, value: amount, which } of calls) {
        const now = start + after;
        if (kind === 0) bucket.learn({ metric: what, window: span, value: amount, source: from, learnedAt: now }, now);
        if (kind === 1) bucket.refused({ metric: what, window: span, value: amount }, now);
        if (kind === 2) open.push(bucket.take({ requests: 1, tokens: amount }, now));
        const reservation = kind === 3 ? open.splice(which % (open.length || 1), 1)[0] : undefined;
        if (reservation !== undefined) bucket.settle(reservation, which % 2 === 0 ? null : { tokens: amount }, now);
        if (kind === 4) bucket.restore({ usage: bucket.usage(now), limits: bucket.limits() }, now);
        if (kind === 5) bucket.absorb(createQuotaBucket({ projectId: "q", model: "m" }), now);
        const room = bucket.roomAt({ requests: 1, tokens: 1 }, now);
        expect(room === 0 || room > Math.min(now, start)).toBe(true);
        for (const { used, roomAtMs } of bucket.view(now)) {
          expect(Number.isSafeInteger(used) && used >= 0).toBe(true);
          expect(roomAtMs === null || Number.isFinite(roomAtMs)).toBe(true);
        }
        for (const { used } of bucket.usage(now)) expect(Number.isSafeInteger(used) && used > 0).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

// --- helpers ---

function newBucket(most: QuotaCost): QuotaBucket {
  const bucket = createQuotaBucket({ projectId: "p", model: "m" });
  for (const metric of ["requests", "tokens"] as const)
    bucket.learn({ metric, window: "minute", value: most[metric], source: "configured", learnedAt: 0 }, start);
  return bucket;
}

/** @param parts.at the true time, which the bucket's clock may not be */
function take(bucket: QuotaBucket, uses: Use[], parts: { cost: QuotaCost; now: number; at: number }): void {
  const reservation = bucket.take(parts.cost, parts.now);
  uses.push({ at: parts.at, ...parts.cost, reservation, settled: false });
}

function settle(
  bucket: QuotaBucket,
  uses: Use[],
  { step: one, now }: { step: { kind: string; tokens: number; which?: number }; now: number },
): void {
  const open = uses.filter((use) => !use.settled);
  const use = open[(one.which ?? 0) % (open.length || 1)];
  if (use === undefined) return;
  use.settled = true;
  if (one.kind === "fail") {
    bucket.settle(use.reservation, null, now);
    use.requests = 0;
    use.tokens = 0;
  } else {
    bucket.settle(use.reservation, { tokens: one.tokens }, now);
    use.tokens = one.tokens;
  }
}

/** What was used after one time, up to another. */
function sum(uses: readonly Use[], after: number, until: number): QuotaCost {
  const counted = uses.filter((use) => use.at > after && use.at <= until);
  return {
    requests: counted.reduce((total, use) => total + use.requests, 0),
    tokens: counted.reduce((total, use) => total + use.tokens, 0),
  };
}

/** What is used in the minute that ends now and in the calendar's, with the call that was just let through. */
function expectWithin(uses: readonly Use[], now: number, most: QuotaCost): void {
  for (const after of [now - googleMinuteMs, now - (now % googleMinuteMs) - 1]) {
    const used = sum(uses, after, now);
    expect(used.requests).toBeLessThanOrEqual(most.requests);
    // An estimate above the limit passes alone.
    const last = uses.at(-1)?.tokens ?? 0;
    expect(used.tokens - last + Math.min(last, most.tokens)).toBeLessThanOrEqual(most.tokens);
  }
}
