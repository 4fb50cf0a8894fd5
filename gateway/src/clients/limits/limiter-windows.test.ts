import { afterEach, expect, test, vi } from "vitest";
import { createLimiter } from "./limiter.ts";
import { limitedKey, refused, setUp, taken } from "./limiter-fixture.ts";

/** A Saturday. */
const noon = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const day = 24 * hour;
const free = { tokens: 0, costNanoUsd: 0 };
const usd = 1_000_000_000;

afterEach(() => void vi.restoreAllMocks());

test("a call that ends after its day was over does not touch the new day, but counts in what still lasts", () => {
  const { limiter, client } = setUp({ requestsPerDay: 10, budgets: { day: 1, week: 2, total: 3 } });
  const late = taken(limiter.reserve(client, { tokens: 50, costNanoUsd: usd }, noon + 12 * hour - 1));
  const midnight = noon + 12 * hour;
  const fresh = taken(limiter.reserve(client, { tokens: 50, costNanoUsd: usd }, midnight));
  limiter.settle(late, { tokens: 70, costNanoUsd: usd / 2 }, midnight + 1);
  const [today, week, , total] = limiter.usage(client.id, midnight + 1);
  expect(today).toMatchObject({ windowStart: midnight, requests: 1, tokens: 0, costNanoUsd: 0 });
  expect(week).toMatchObject({ requests: 2, tokens: 70, costNanoUsd: usd / 2 });
  expect(total).toMatchObject({ windowStart: 0, requests: 2, tokens: 70, costNanoUsd: usd / 2 });
  // What the new day's open call holds is still held.
  expect(limiter.reserve(client, { tokens: 1, costNanoUsd: 1 }, midnight + 1).ok).toBe(false);
  limiter.settle(fresh, { tokens: 0, costNanoUsd: 0 }, midnight + 2);
  expect(limiter.reserve(client, { tokens: 1, costNanoUsd: usd }, midnight + 2).ok).toBe(true);
});

test("new limits hold at once and keep the counts; a client that is gone is forgotten", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 10, requestsPerDay: 10 });
  for (let index = 0; index < 6; index++) limiter.reserve(client, free, noon);
  const tight = { ...client, limits: { requestsPerMinute: 6, requestsPerDay: 7 } };
  limiter.keep([tight]);
  // The call's own copy of the key is from before.
  expect(refused(limiter.reserve(client, free, noon)).what).toBe("requests per minute (6)");
  limiter.keep([{ ...client, limits: null }]);
  expect(limiter.reserve(client, free, noon).ok).toBe(true);
  limiter.keep([tight]);
  expect(refused(limiter.reserve(tight, free, noon + 60_000)).what).toBe("requests per day (7)");
  limiter.keep([]);
  expect(limiter.usage(client.id, noon)).toEqual([]);
  limiter.keep([tight]);
  expect(limiter.reserve(tight, free, noon).ok).toBe(true);
});

test("uses are handed out once after each change and go on after a restart", () => {
  const { limiter, client } = setUp({ requestsPerDay: 3, budgets: { day: 1, total: 1.5 } });
  expect(limiter.takeChangedUsage(noon)).toEqual([]);
  const one = taken(limiter.reserve(client, { tokens: 5, costNanoUsd: usd }, noon));
  limiter.settle(one, { tokens: 7, costNanoUsd: usd / 2 }, noon);
  const open = limiter.reserve(client, { tokens: 5, costNanoUsd: usd / 4 }, noon);
  const kept = limiter.takeChangedUsage(noon);
  // What the open call holds is not written: nobody would give it back after a crash.
  expect(kept.map(({ window, requests, tokens, costNanoUsd }) => [window, requests, tokens, costNanoUsd])).toEqual(
    ["day", "week", "month", "total"].map((window) => [window, 2, 7, usd / 2]),
  );
  expect(limiter.takeChangedUsage(noon)).toEqual([]);

  for (const order of ["before", "after"]) {
    const next = createLimiter({ timeZone: "UTC" });
    if (order === "after") next.keep([client]);
    next.restoreUsage(kept, noon + 1_000);
    if (order === "before") next.keep([client]);
    next.restoreUsage(kept, noon + 1_000);
    expect(next.usage(client.id, noon + 1_000)).toEqual(kept);
    // A call of the process before holds no place here, but what it used counts.
    next.settle(taken(open), { tokens: 5, costNanoUsd: usd / 4 }, noon + 2_000);
    expect(next.usage(client.id, noon + 2_000)[0]).toMatchObject({ requests: 2, costNanoUsd: (3 * usd) / 4 });
    expect(next.reserve(client, { tokens: 1, costNanoUsd: usd / 4 }, noon + 2_000).ok).toBe(true);
    expect(refused(next.reserve(client, free, noon + 2_000)).what).toBe("requests per day (3)");
    const tomorrow = createLimiter({ timeZone: "UTC" });
    tomorrow.keep([client]);
    tomorrow.restoreUsage(kept, noon + day);
    const [today, , , total] = tomorrow.usage(client.id, noon + day);
    expect(today?.requests).toBe(0);
    expect(total?.requests).toBe(2);
  }
});

test("the end of a call that an earlier process let in frees no place of this one's calls", () => {
  const limits = { concurrency: 1, tokensPerMinute: 100, budgets: { total: 1 } };
  const before = setUp(limits);
  const old = taken(before.reserve({ tokens: 100, costNanoUsd: usd }, noon));
  const { limiter, reserve } = setUp(limits);
  taken(reserve({ tokens: 60, costNanoUsd: usd / 2 }, noon + 1_000));
  limiter.settle(old, { tokens: 10, costNanoUsd: usd / 4 }, noon + 2_000);
  expect(refused(reserve(free, noon + 2_000)).code).toBe("client_concurrency_exceeded");
  const roomy = { ...before.client, limits: { ...limits, concurrency: 9 } };
  limiter.keep([roomy]);
  expect(limiter.reserve(roomy, { tokens: 41, costNanoUsd: 0 }, noon + 2_000).ok).toBe(false);
  expect(limiter.reserve(roomy, { tokens: 1, costNanoUsd: usd / 4 + 1 }, noon + 2_000).ok).toBe(false);
  expect(limiter.reserve(roomy, { tokens: 40, costNanoUsd: usd / 4 }, noon + 2_000).ok).toBe(true);
});

test("this week's and month's uses outlive a change of the time zone", () => {
  const { limiter, client } = setUp({ budgets: { month: 1 } });
  taken(limiter.reserve(client, free, noon));
  const next = createLimiter({ timeZone: "Asia/Ho_Chi_Minh" });
  next.keep([client]);
  next.restoreUsage(limiter.takeChangedUsage(noon), noon);
  expect(next.usage(client.id, noon).map(({ requests }) => requests)).toEqual([0, 1, 1, 1]);
});

test("days are those of the time zone, an hour longer or shorter when the clocks change", () => {
  const client = limitedKey({ requestsPerDay: 1 });
  const limiter = createLimiter({ timeZone: "America/Los_Angeles" });
  limiter.keep([client]);
  // 2026-11-01 has 25 hours there, from 07:00 UTC on.
  const midnight = Date.UTC(2026, 10, 1, 7);
  expect(limiter.reserve(client, free, midnight).ok).toBe(true);
  expect(refused(limiter.reserve(client, free, midnight)).retryAfterMs).toBe(25 * hour);
  expect(limiter.reserve(client, free, midnight + 25 * hour - 1).ok).toBe(false);
  expect(limiter.reserve(client, free, midnight + 25 * hour).ok).toBe(true);
  expect(refused(limiter.reserve(client, free, midnight + 25 * hour)).retryAfterMs).toBe(24 * hour);
});

test("a wall clock that goes back gives nobody a limit twice, and nothing stays in a far future", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 2, requestsPerDay: 3, concurrency: 3 });
  const first = taken(limiter.reserve(client, free, noon));
  limiter.reserve(client, free, noon + 1_000);
  expect(limiter.reserve(client, free, noon - 30_000).ok).toBe(false);
  // Back by a day: the minute starts where the clock is now, and the day's count goes along.
  expect(limiter.reserve(client, free, noon - day).ok).toBe(false);
  expect(limiter.reserve(client, free, noon - day + 61_000).ok).toBe(true);
  expect(limiter.reserve(client, free, noon - day + 130_000).ok).toBe(false);
  limiter.settle(first, { tokens: 0, costNanoUsd: 0 }, noon - day + 130_000);
  expect(limiter.usage(client.id, noon - day + 130_000)[0]?.requests).toBe(3);
});

test("a clock that is ahead for a moment gives nobody a day, week or month twice", () => {
  const { limiter, client } = setUp({ requestsPerDay: 2, budgets: { week: 5, month: 5 } });
  const late = noon + 200_000;
  const call = (now: number): boolean => {
    const reserved = limiter.reserve(client, { tokens: 1, costNanoUsd: usd }, now);
    if (reserved.ok) limiter.settle(reserved.reservation, { tokens: 1, costNanoUsd: usd }, now);
    return reserved.ok;
  };
  expect([call(noon), call(noon), call(noon)]).toEqual([true, true, false]);
  expect(call(noon + 40 * day)).toBe(true);
  expect(call(late)).toBe(false);
  const counts = (now: number): number[] => limiter.usage(client.id, now).map(({ requests }) => requests);
  expect(counts(late)).toEqual([2, 2, 2, 3]);
  // What was used in the day to come is there when it comes.
  expect(counts(noon + 40 * day)).toEqual([1, 1, 1, 3]);
  expect([call(noon + 40 * day), call(noon + 40 * day)]).toEqual([true, false]);
});

test("looks and saves by a clock that is ahead move nothing", () => {
  const { limiter, client } = setUp({ requestsPerMinute: 2, requestsPerDay: 2, budgets: { week: 1 } });
  const open = taken(limiter.reserve(client, { tokens: 0, costNanoUsd: usd }, noon));
  limiter.reserve(client, free, noon);
  const kept = limiter.usage(client.id, noon);
  for (let ahead = 1; ahead < 5; ahead++) {
    expect(limiter.usage(client.id, noon + ahead * 40 * day)[0]?.requests).toBe(0);
    // Written as counted, so that a restart finds it.
    if (ahead === 2) expect(limiter.takeChangedUsage(noon + ahead * 40 * day)).toEqual(kept);
  }
  expect(limiter.usage(client.id, noon + 1)).toEqual(kept);
  expect(refused(limiter.reserve(client, free, noon + 1)).what).toBe("requests per day (2)");
  expect(limiter.takeChangedUsage(noon + 1)).toEqual([]);
  limiter.settle(open, { tokens: 0, costNanoUsd: 0 }, noon + 1);
});

test("what a call holds is given back in its own day, also while the clock is ahead", () => {
  const { limiter, client } = setUp({ budgets: { day: 1 } });
  const call = { tokens: 0, costNanoUsd: usd };
  const today = taken(limiter.reserve(client, call, noon));
  const ahead = taken(limiter.reserve(client, call, noon + day));
  limiter.settle(today, { tokens: 0, costNanoUsd: 0 }, noon + day);
  expect(limiter.reserve(client, call, noon + day).ok).toBe(false);
  const again = taken(limiter.reserve(client, call, noon + 100_000));
  limiter.settle(ahead, { tokens: 0, costNanoUsd: 0 }, noon + 100_000);
  expect(limiter.reserve(client, call, noon + 100_000).ok).toBe(false);
  limiter.settle(again, { tokens: 0, costNanoUsd: 0 }, noon + 100_000);
  expect(limiter.reserve(client, call, noon + day).ok).toBe(true);
});

test("no time zone is asked for a call within a day", () => {
  const { limiter, client } = setUp({ requestsPerDay: 10_000, budgets: { month: 5 } });
  limiter.reserve(client, free, noon);
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
  for (let index = 0; index < 2_000; index++) {
    const now = noon + index * 20_000;
    limiter.settle(taken(limiter.reserve(client, free, now)), { tokens: 1, costNanoUsd: 1 }, now);
  }
  expect(asked).not.toHaveBeenCalled();
});
