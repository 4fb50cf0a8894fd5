import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientKey, ClientLimits, ClientReservation } from "../types.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { createNaiveLimits, type NaiveCall } from "./naive-limits.ts";
import { limitedKey } from "./limiter-fixture.ts";

const start = Date.UTC(2026, 10, 28, 23, 58);

const limit = (max: number): fc.Arbitrary<number | null> => fc.option(fc.nat(max), { nil: null, freq: 3 });
const dollars = fc.option(
  fc.integer({ min: 0, max: 4_000 }).map((millis) => millis / 1_000),
  { nil: null, freq: 2 },
);
const someLimits: fc.Arbitrary<ClientLimits> = fc.record({
  requestsPerMinute: limit(12),
  requestsPerDay: limit(40),
  tokensPerMinute: limit(3_000),
  concurrency: limit(6),
  budgets: fc.record({ day: dollars, week: dollars, month: dollars, total: dollars }),
});

const cost = fc.oneof(fc.constant(null), fc.constant(0), fc.integer({ min: 1, max: 700_000_000 }));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("reserve" as const), tokens: fc.nat(900), cost }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      which: fc.nat(),
      tokens: fc.option(fc.nat(1_500), { nil: null }),
      cost: fc.option(fc.nat(900_000_000), { nil: null }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(100), fc.nat(40_000), fc.constant(60_000), fc.constant(59_999), fc.nat(30 * 3_600_000)),
    }),
  },
);

test("lets in, refuses and counts what a model does that keeps every call and sums up anew", () => {
  fc.assert(
    fc.property(someLimits, fc.array(step, { minLength: 20, maxLength: 120 }), (limits, steps) => {
      const client = limitedKey(limits);
      const limiter = limiterOf(client);
      const naive = createNaiveLimits(limits);
      const open: { reservation: ClientReservation; call: NaiveCall }[] = [];
      let now = start;
      for (const one of steps) {
        if (one.kind === "wait") now += one.ms;
        else if (one.kind === "reserve") {
          const estimate = { tokens: one.tokens, costNanoUsd: one.cost };
          const reserved = limiter.reserve(client, estimate, now);
          const call = naive.reserve(estimate, now);
          expect(reserved.ok).toBe(call !== null);
          if (reserved.ok && call !== null) open.push({ reservation: reserved.reservation, call });
        } else {
          const [ended] = open.splice(one.which % Math.max(1, open.length), 1);
          if (ended === undefined) continue;
          const actual = { tokens: one.tokens, costNanoUsd: one.cost };
          limiter.settle(ended.reservation, actual, now);
          naive.settle(ended.call, actual, now);
        }
        for (const { window, requests, tokens, costNanoUsd } of limiter.usage(client.id, now))
          expect({ requests, tokens, cost: costNanoUsd }).toEqual(naive.usage(window, now));
      }
    }),
    { numRuns: 300 },
  );
});

test("a refused call fits after exactly the time it was told, and not a millisecond before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 100, max: 2_000 }),
      fc.array(fc.record({ wait: fc.nat(9_000), tokens: fc.integer({ min: 0, max: 400 }) }), { maxLength: 60 }),
      (requestsPerMinute, tokensPerMinute, calls) => {
        const client = limitedKey({ requestsPerMinute, tokensPerMinute });
        const replay = (upTo: number): { limiter: Limiter; now: number } => {
          const limiter = limiterOf(client);
          let now = start;
          for (const { wait, tokens } of calls.slice(0, upTo)) {
            now += wait;
            limiter.reserve(client, { tokens, costNanoUsd: 0 }, now);
          }
          return { limiter, now };
        };
        for (const [index, { tokens }] of calls.entries()) {
          const { limiter, now } = replay(index);
          const estimate = { tokens, costNanoUsd: 0 };
          const reserved = limiter.reserve(client, estimate, now);
          if (reserved.ok) continue;
          if (tokens > tokensPerMinute) {
            expect(reserved.retryAfterMs).toBeNull();
            continue;
          }
          const wait = reserved.retryAfterMs ?? 0;
          expect(wait).toBeGreaterThan(0);
          expect(limiter.reserve(client, estimate, now + wait - 1).ok).toBe(false);
          expect(limiter.reserve(client, estimate, now + wait).ok).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("in no minute, wherever it begins, more calls are let in than the limit, whether few or many a second", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000 }),
      fc.array(fc.record({ wait: fc.nat(3_000), burst: fc.integer({ min: 1, max: 200 }) }), { maxLength: 80 }),
      (requestsPerMinute, bursts) => {
        const client = limitedKey({ requestsPerMinute });
        const limiter = limiterOf(client);
        const letIn: number[] = [];
        let now = start;
        for (const { wait, burst } of bursts) {
          now += wait;
          for (let index = 0; index < burst; index++) {
            // A call each few milliseconds or so: more entries than stand alone.
            now += index % 3;
            if (limiter.reserve(client, { tokens: 1, costNanoUsd: 0 }, now).ok) letIn.push(now);
          }
        }
        for (let index = requestsPerMinute; index < letIn.length; index++)
          expect((letIn[index] as number) - (letIn[index - requestsPerMinute] as number)).toBeGreaterThanOrEqual(
            60_000,
          );
      },
    ),
    { numRuns: 60 },
  );
});

test("budgets are exact to the nano-dollar", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9_000_000_000 }),
      fc.array(fc.integer({ min: 1, max: 3_000_000_000 }), { maxLength: 50 }),
      (budget, costs) => {
        const client = limitedKey({ budgets: { total: budget / 1e9 } });
        const limiter = limiterOf(client);
        let spent = 0;
        for (const costNanoUsd of costs) {
          const reserved = limiter.reserve(client, { tokens: 1, costNanoUsd }, start);
          expect(reserved.ok).toBe(spent + costNanoUsd <= budget);
          if (!reserved.ok) continue;
          limiter.settle(reserved.reservation, { tokens: 1, costNanoUsd }, start);
          spent += costNanoUsd;
        }
        expect(limiter.usage(client.id, start)[3]?.costNanoUsd).toBe(spent);
      },
    ),
  );
});

// --- helpers ---

function limiterOf(client: ClientKey): Limiter {
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  return limiter;
}
