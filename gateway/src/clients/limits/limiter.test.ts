import { expect, test } from "vitest";
import type { ClientLimits } from "../types.ts";
import { isLimited } from "./checked-limits.ts";
import { createLimiter } from "./limiter.ts";
import { limitedKey, refused, setUp, taken } from "./limiter-fixture.ts";

/** A Saturday. */
const noon = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const day = 24 * hour;
const free = { tokens: 0, costNanoUsd: 0 };
const usd = 1_000_000_000;

test("of 200 calls at once exactly as many are let in as the limit says, whichever limit it is", () => {
  const each = { tokens: 10, costNanoUsd: 20_000_000 };
  const cases: [ClientLimits, number][] = [
    [{ requestsPerMinute: 37 }, 37],
    [{ requestsPerDay: 41 }, 41],
    [{ tokensPerMinute: 505 }, 50],
    [{ concurrency: 13 }, 13],
    [{ budgets: { day: 1 } }, 50],
    [{ budgets: { week: 0.5 } }, 25],
    [{ budgets: { month: 0.3 } }, 15],
    [{ budgets: { total: 0.02 } }, 1],
    [{ requestsPerMinute: 60, concurrency: 30, budgets: { total: 0.41 } }, 20],
    [{ requestsPerMinute: 0 }, 0],
  ];
  for (const [limits, expected] of cases) {
    const { limiter, client } = setUp(limits);
    const answers = Array.from({ length: 200 }, () => limiter.reserve(client, each, noon));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(expected);
  }
});

test("names the limit, its code and the exact time", () => {
  const reason = (limits: ClientLimits, estimate: { tokens: number; costNanoUsd: number | null }): unknown => {
    const { limiter, client } = setUp(limits);
    limiter.reserve(client, estimate, noon);
    const { ok, code, what, retryAfterMs } = refused(limiter.reserve(client, estimate, noon + 1_500));
    return [ok, code, what, retryAfterMs];
  };
  const one = { tokens: 60, costNanoUsd: 600_000_000 };
  expect(reason({ requestsPerMinute: 1 }, one)).toEqual([
    false,
    "client_rate_limited",
    "requests per minute (1)",
    58_500,
  ]);
  expect(reason({ tokensPerMinute: 100 }, one)).toEqual([
    false,
    "client_rate_limited",
    "tokens per minute (100)",
    58_500,
  ]);
  expect(reason({ requestsPerDay: 1 }, one)).toEqual([
    false,
    "client_rate_limited",
    "requests per day (1)",
    12 * hour - 1_500,
  ]);
  expect(reason({ concurrency: 1 }, one)).toEqual([
    false,
    "client_concurrency_exceeded",
    "open calls at once (1)",
    1_000,
  ]);
  expect(reason({ budgets: { day: 1 } }, one)).toEqual([
    false,
    "client_budget_exhausted",
    "budget per day ($1.00)",
    12 * hour - 1_500,
  ]);
  expect(reason({ budgets: { week: 1 } }, one)).toEqual([
    false,
    "client_budget_exhausted",
    "budget per week ($1.00)",
    36 * hour - 1_500,
  ]);
  expect(reason({ budgets: { month: 1 } }, one)).toEqual([
    false,
    "client_budget_exhausted",
    "budget per month ($1.00)",
    Date.UTC(2026, 11, 1) - noon - 1_500,
  ]);
  expect(reason({ budgets: { total: 0.75 } }, one)).toEqual([
    false,
    "client_budget_exhausted",
    "budget in all ($0.75)",
    null,
  ]);
});

test("of several limits the one that holds off the longest is named", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 1, requestsPerDay: 1, concurrency: 1, budgets: { week: 1 } });
  limiter.reserve(client, { tokens: 1, costNanoUsd: usd }, noon);
  expect(refused(limiter.reserve(client, { tokens: 1, costNanoUsd: usd }, noon)).what).toBe("budget per week ($1.00)");
  expect(refused(limiter.reserve(client, { tokens: 1, costNanoUsd: 0 }, noon)).what).toBe("requests per day (1)");
  expect(refused(limiter.reserve(client, free, noon + day)).what).toBe("open calls at once (1)");
});

test("a call larger than a minute or a budget is refused with its size and without a time, also when all is free", () => {
  const { limiter, client } = setUp({ tokensPerMinute: 1_000, budgets: { day: 5, total: 7 } });
  const large = refused(limiter.reserve(client, { tokens: 5_000, costNanoUsd: 0 }, noon));
  expect(large.what).toBe("tokens per minute (1000; this call needs about 5000)");
  expect(large.retryAfterMs).toBeNull();
  const dear = refused(limiter.reserve(client, { tokens: 10, costNanoUsd: 6 * usd }, noon));
  expect(dear.what).toBe("budget per day ($5.00; this call may cost $6.00)");
  expect(dear.retryAfterMs).toBeNull();
});

test("a refused call takes nothing from any limit", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 5, tokensPerMinute: 100, budgets: { day: 1 } });
  for (let index = 0; index < 50; index++)
    expect(limiter.reserve(client, { tokens: 101, costNanoUsd: 1 }, noon).ok).toBe(false);
  expect(limiter.usage(client.id, noon)[0]).toMatchObject({ requests: 0, tokens: 0, costNanoUsd: 0 });
  expect(limiter.reserve(client, { tokens: 100, costNanoUsd: usd }, noon).ok).toBe(true);
});

test("the difference between estimate and use is given back, or counted from the end of the call on", () => {
  const { limiter, client } = setUp({ tokensPerMinute: 1_000, budgets: { day: 1 } });
  const first = taken(limiter.reserve(client, { tokens: 900, costNanoUsd: usd }, noon));
  expect(limiter.reserve(client, { tokens: 200, costNanoUsd: 1 }, noon).ok).toBe(false);
  limiter.settle(first, { tokens: 100, costNanoUsd: usd / 4 }, noon + 5_000);
  expect(limiter.usage(client.id, noon + 5_000)[0]).toMatchObject({ tokens: 100, costNanoUsd: usd / 4 });
  const second = taken(limiter.reserve(client, { tokens: 900, costNanoUsd: usd / 2 }, noon + 5_000));
  limiter.settle(second, { tokens: 1_900, costNanoUsd: usd }, noon + 50_000);
  // 900 leave at +65 s, the 1,000 too many at +110 s.
  const wait = refused(limiter.reserve(client, { tokens: 1, costNanoUsd: 0 }, noon + 70_000)).retryAfterMs;
  expect(wait).toBe(40_000);
  expect(refused(limiter.reserve(client, { tokens: 0, costNanoUsd: 1 }, noon + 70_000)).what).toMatch(
    /^budget per day/,
  );
});

test("a call without a known price passes until a budget is used up, and counts at its end when its cost is known", () => {
  const { limiter, client } = setUp({ budgets: { day: 1 } });
  const unknown = { tokens: 10, costNanoUsd: null };
  const first = taken(limiter.reserve(client, unknown, noon));
  expect(first.costNanoUsd).toBe(0);
  limiter.settle(first, { tokens: 10, costNanoUsd: null }, noon);
  expect(limiter.usage(client.id, noon)[0]?.costNanoUsd).toBe(0);
  const second = taken(limiter.reserve(client, unknown, noon));
  limiter.settle(second, { tokens: 10, costNanoUsd: usd }, noon);
  expect(refused(limiter.reserve(client, unknown, noon)).what).toBe("budget per day ($1.00)");
});

test("a call that costs nothing passes a used-up budget, one without tokens passes used-up tokens", () => {
  const { limiter, client } = setUp({ tokensPerMinute: 100, budgets: { total: 1 } });
  limiter.reserve(client, { tokens: 100, costNanoUsd: usd }, noon);
  expect(limiter.reserve(client, free, noon).ok).toBe(true);
  expect(limiter.reserve(client, { tokens: 0, costNanoUsd: 1 }, noon).ok).toBe(false);
  expect(limiter.reserve(client, { tokens: 1, costNanoUsd: 0 }, noon).ok).toBe(false);
});

test("states tell what is left and when it is whole again", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 3, requestsPerDay: 10, tokensPerMinute: 100 });
  limiter.reserve(client, { tokens: 30, costNanoUsd: 0 }, noon);
  const { states } = limiter.reserve(client, { tokens: 30, costNanoUsd: 0 }, noon + 10_000);
  expect(states).toEqual([
    { kind: "requests", limit: 3, remaining: 1, resetMs: 60_000 },
    { kind: "requests", limit: 10, remaining: 8, resetMs: 12 * hour - 10_000 },
    { kind: "tokens", limit: 100, remaining: 40, resetMs: 60_000 },
  ]);
  expect(setUp({ budgets: { day: 1 } }).reserve(free, noon).states).toEqual([]);
});

test("amounts that are no whole numbers from 0 up do no harm", () => {
  const { limiter, client } = setUp({ tokensPerMinute: 100, budgets: { total: 1 } });
  for (const odd of [Number.NaN, -5, -Infinity])
    limiter.settle(
      taken(limiter.reserve(client, { tokens: odd, costNanoUsd: odd }, noon)),
      {
        tokens: odd,
        costNanoUsd: odd,
      },
      noon,
    );
  expect(limiter.usage(client.id, noon)[3]).toMatchObject({ requests: 3, tokens: 0, costNanoUsd: 0 });
  expect(limiter.reserve(client, { tokens: Infinity, costNanoUsd: 0 }, noon).ok).toBe(false);
  expect(limiter.reserve(client, { tokens: 0.5, costNanoUsd: 0.5 }, noon).ok).toBe(true);
  const broken = setUp({ requestsPerMinute: Number.NaN });
  expect(broken.reserve(free, noon).ok).toBe(false);
});

test("a client is limited when one limit is set", () => {
  const cases: [ClientLimits | null | undefined, boolean][] = [
    [undefined, false],
    [null, false],
    [{}, false],
    [{ requestsPerMinute: null, budgets: null }, false],
    [{ budgets: { day: null } }, false],
    [{ requestsPerMinute: 0 }, true],
    [{ tokensPerMinute: 1 }, true],
    [{ requestsPerDay: 1 }, true],
    [{ concurrency: 1 }, true],
    [{ budgets: { total: 0 } }, true],
  ];
  for (const [limits, expected] of cases) expect(isLimited({ limits: limits ?? null })).toBe(expected);
  expect(isLimited({})).toBe(false);
});

test("clients without limits leave nothing behind", () => {
  const client = limitedKey(null);
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  const reserved = limiter.reserve(client, { tokens: 5, costNanoUsd: 5 }, noon);
  limiter.settle(taken(reserved), { tokens: 5, costNanoUsd: 5 }, noon);
  expect(reserved.states).toEqual([]);
  expect(limiter.usage(client.id, noon)).toEqual([]);
  expect(limiter.takeChangedUsage(noon)).toEqual([]);
});
