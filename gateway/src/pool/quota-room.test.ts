import { expect, test } from "vitest";
import type { Credential } from "../core/credential.ts";
import { ask, credentialOf, judged, limitOf, noon, open, poolOf, refusal, serve, serveMany } from "./pool-fixture.ts";

const day = 86_400_000;
const free = (id: string, change: Partial<Credential> = {}): Credential =>
  credentialOf(id, { quotaTier: "free", ...change });
const limits = { free: { "*": { requestsPerMinute: 2, requestsPerDay: 5, tokensPerMinute: 1_000 } } };
const small = { cost: { requests: 1, tokens: 10 } };
const large = { cost: { requests: 1, tokens: 600 } };

test("a call estimated above a limit is refused only while something of the limit is used", () => {
  const pool = poolOf([free("a")], { quotaLimits: limits });
  const huge = { cost: { requests: 1, tokens: 5_000 } };
  expect(serve(pool, huge)).toBe("a");
  const { causes, soonestMs } = refusal(pool, huge);
  expect(causes).toEqual({ "minute-quota": 1 });
  expect(serve(pool, { ...huge, now: soonestMs as number })).toBe("a");
});

test("among thousands that have little left a large call finds all those with room", () => {
  const ids = Array.from({ length: 3_000 }, (_, index) => `c${index}`);
  const pool = poolOf(
    ids.map((id) => free(id)),
    { quotaLimits: { free: { "*": { tokensPerMinute: 1_000 } } } },
  );
  ids.forEach((_, index) => serve(pool, { cost: { requests: 1, tokens: index < 2_950 ? 900 : 1 } }));
  expect(new Set(serveMany(pool, 50, large)).size).toBe(50);
  expect(refusal(pool, large).causes).toEqual({ "minute-quota": 3_000 });
});

test("whoever rests by a clock that was ahead serves again when it is set right", () => {
  const pool = poolOf([free("a"), free("b")], { quotaLimits: { free: { "*": { requestsPerMinute: 1 } } } });
  serveMany(pool, 2, { ...small, now: noon + day });
  expect(ask(pool, { ...small, now: noon + day }).ok).toBe(false);
  const { soonestMs } = refusal(pool, { ...small, now: noon });
  expect(soonestMs).toBeLessThanOrEqual(noon + 62_000);
  expect(serveMany(pool, 2, { ...small, now: soonestMs as number }).sort()).toEqual(["a", "b"]);
});

test("a change of tier keeps the minute's count", () => {
  const perMinute = { "*": { requestsPerMinute: 5 } };
  const pool = poolOf([free("a")], { quotaLimits: { free: perMinute, paid: perMinute, best: {} } });
  serveMany(pool, 5, small);
  pool.replace([free("a", { quotaTier: "paid" })]);
  expect(ask(pool, small).ok).toBe(false);
  pool.replace([free("a", { quotaTier: "best" })]);
  expect(serve(pool, small)).toBe("a");
});

test("a tier that may not serve a model wakes when its tier changes, though nothing was counted", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { requestsPerDay: 0 } } } });
  expect(refusal(pool, small)).toMatchObject({ causes: { "no-quota": 1 }, soonestMs: null });
  pool.replace([free("a", { quotaTier: "paid" })]);
  expect(serve(pool, small)).toBe("a");
  pool.replace([free("a")]);
  expect(ask(pool, small).ok).toBe(false);
});

test("among tiers of which one may not serve a model the others do; Google's word lifts a configured 0", () => {
  const quotaLimits = { free: { "*": { requestsPerDay: 0 } } };
  const pool = poolOf([free("a"), free("b", { quotaTier: "paid" })], { quotaLimits });
  expect(serveMany(pool, 3, small)).toEqual(["b", "b", "b"]);
  judged(pool, "a", { limits: [limitOf("day", 2)] });
  expect(serveMany(pool, 4, small).sort()).toEqual(["a", "a", "b", "b"]);
});

test("room that comes back in parts wakes thousands of keys of one project, and all of them serve in turn", () => {
  const ids = Array.from({ length: 300 }, (_, index) => `c${index}`);
  const pool = poolOf(
    ids.map((id) => free(id, { projectId: "p" })),
    { quotaLimits: { free: { "*": { tokensPerMinute: 100_000 } } } },
  );
  const first = open(pool, { cost: { requests: 1, tokens: 100_000 } });
  expect(ask(pool, small).ok).toBe(false);
  pool.settle(first, { tokens: 10_000 }, noon);
  const served = ids.map(() => {
    const lease = open(pool, small);
    pool.settle(lease, { tokens: 1 }, noon);
    pool.release(lease);
    return lease.credentialId;
  });
  expect(new Set(served).size).toBeGreaterThan(250);
});
