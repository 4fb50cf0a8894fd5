import { expect, test } from "vitest";
import { toSecret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import { credentialOf } from "./pool-fixture.ts";
import { createPool } from "./pool.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { Pick, PickRequest, Pool, Strategy } from "./types.ts";

const now = 1_800_000_000_000;

test("round robin serves each credential in the order of the list, then again", () => {
  const pool = poolOf(["a", "b", "c"]);
  expect(picks(pool, 7)).toBe("abcabca");
});

test("round robin takes turns for each model by itself", () => {
  const pool = poolOf(["a", "b"]);
  const order = ["x", "y", "x", "y", "x", "y"].map((model) => pickOf(pool, { model }));
  expect(order[0] !== order[2] && order[2] !== order[4]).toBe(true);
  expect(order[1] !== order[3] && order[3] !== order[5]).toBe(true);
});

test("a model seen first starts with the credential that was used longest ago for any model", () => {
  const pool = poolOf(["a", "b", "c"]);
  picks(pool, 2);
  expect(pickOf(pool, { model: "another" })).toBe("c");
});

test("a pool that starts anywhere keeps the order of the list", () => {
  const pool = poolOf(["a", "b", "c", "d"], {
    startAnywhere: true,
    random: { next: () => 0.6, bytes: (length) => new Uint8Array(length) },
  });
  expect(picks(pool, 5)).toBe("cdabc");
});

test("least used gives to whoever served the model least, also after another strategy has chosen", () => {
  const pool = poolOf(["a", "b", "c"]);
  rest(pool, "a", 1_000);
  expect(picks(pool, 4)).toBe("bcbc");
  expect(picks(pool, 4, { strategy: "least_used", now: now + 1_000 })).toBe("aabc");
});

test("weighted shares follow the weights", () => {
  const pool = createPool({ random: zeros, onChange: () => {} });
  pool.replace([
    credentialOf("a", { weight: 1 }),
    credentialOf("b", { weight: 3 }),
    credentialOf("c", { weight: 0.5 }),
  ]);
  const shares = countOf(picks(pool, 900, { strategy: "weighted" }));
  expect(shares["a"]).toBeGreaterThanOrEqual(199);
  expect(shares["a"]).toBeLessThanOrEqual(201);
  expect(shares["b"]).toBeGreaterThanOrEqual(599);
  expect(shares["c"]).toBeGreaterThanOrEqual(99);
});

test("a weighted credential that comes back or joins takes its share and does not catch up", () => {
  const pool = poolOf(["a", "b"]);
  rest(pool, "a", 1_000);
  expect(picks(pool, 100, { strategy: "weighted" })).toBe("b".repeat(100));
  expect(countOf(picks(pool, 10, { strategy: "weighted", now: now + 1_000 }))).toEqual({ a: 5, b: 5 });
  pool.replace(["a", "b", "c"].map((id) => credentialOf(id)));
  expect(countOf(picks(pool, 9, { strategy: "weighted", now: now + 1_000 }))).toEqual({ a: 3, b: 3, c: 3 });
});

test("least errors gives to whoever failed least, in turn among equals", () => {
  const pool = poolOf(["a", "b", "c"]);
  rest(pool, "a", 10);
  rest(pool, "a", 20);
  rest(pool, "b", 10);
  const later = { strategy: "least_errors" as const, now: now + 1_000 };
  expect(picks(pool, 3, later)).toBe("ccc");
  rest(pool, "c", 1, later.now);
  expect(picks(pool, 4, { ...later, now: now + 2_000 })).toBe("bcbc");
});

test("newest gives to the last one added until it rests", () => {
  const pool = poolOf(["a", "b"]);
  pool.replace(["a", "b", "c"].map((id) => credentialOf(id)));
  expect(picks(pool, 2, { strategy: "newest" })).toBe("cc");
  rest(pool, "c", 1_000);
  expect(picks(pool, 2, { strategy: "newest" })).toBe("bb");
});

test("a higher tier serves only while no credential of a lower one can", () => {
  const pool = createPool({ random: zeros, onChange: () => {} });
  pool.replace([
    credentialOf("paid", { tier: 5 }),
    credentialOf("free1"),
    credentialOf("free2"),
    credentialOf("mid", { tier: 1 }),
  ]);
  expect(countOf(pickList(pool, 4))).toEqual({ free1: 2, free2: 2 });
  rest(pool, "free1", 1_000);
  expect(pickOf(pool, { tried: ["free2"] })).toBe("mid");
  rest(pool, "free2", 1_000);
  expect(pickOf(pool, { tried: ["mid"] })).toBe("paid");
  expect(pickOf(pool, { now: now + 1_000 })).toMatch(/^free/);
});

test("a changed tier, weight or switch takes effect at once and keeps the turn order", () => {
  const pool = poolOf(["a", "b"]);
  expect(picks(pool, 3)).toBe("aba");
  pool.replace([credentialOf("a", { tier: 1 }), credentialOf("b")]);
  expect(picks(pool, 2)).toBe("bb");
  pool.replace([credentialOf("a"), credentialOf("b", { enabled: false })]);
  expect(picks(pool, 2)).toBe("aa");
  pool.replace([credentialOf("a"), credentialOf("b")]);
  expect(picks(pool, 2)).toBe("ba");
});

test("credentials that a call has tried are passed over, and are there again for the next call", () => {
  const pool = poolOf(["a", "b", "c"]);
  expect(pickOf(pool, { tried: ["a", "b"] })).toBe("c");
  expect(refusalOf(pool, { tried: ["a", "b", "c"] })).toMatchObject({ reason: "tried", causes: {}, soonestMs: null });
  expect(picks(pool, 3)).toBe("abc");
});

test("a tried credential serves again where that is allowed, but only when no other one can", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { tried: ["a"], allowTried: true })).toBe("b");
  expect(pickOf(pool, { tried: ["a", "b"], allowTried: true })).toBe("a");
  rest(pool, "b", 1_000);
  expect(pickOf(pool, { tried: ["a"], allowTried: true })).toBe("a");
  expect(refusalOf(pool, { tried: ["a"] })).toMatchObject({
    reason: "tried",
    causes: { "minute-quota": 1 },
    soonestMs: now + 1_000,
  });
});

test("an empty pool, a dead pool and a resting pool say so, with causes and the soonest return", () => {
  const pool = poolOf([]);
  expect(refusalOf(pool)).toEqual({ ok: false, reason: "empty", causes: {}, soonestMs: null });
  pool.replace([credentialOf("a", { enabled: false }), credentialOf("b")]);
  effect(pool, "b", { kind: "disable", scope: "credential", reason: "leaked", probeAtMs: null, words: "" });
  expect(refusalOf(pool)).toEqual({ ok: false, reason: "unusable", causes: { off: 1, leaked: 1 }, soonestMs: null });
  pool.replace([credentialOf("b"), credentialOf("c"), credentialOf("d"), credentialOf("e")]);
  rest(pool, "c", 5_000);
  rest(pool, "d", 9_000);
  effect(pool, "d", { kind: "cooldown", scope: "project-model", untilMs: now + 20_000, cause: "day-quota", words: "" });
  rest(pool, "e", 7_000);
  expect(refusalOf(pool)).toEqual({
    ok: false,
    reason: "cooling",
    causes: { leaked: 1, "minute-quota": 2, "day-quota": 1 },
    soonestMs: now + 5_000,
  });
  expect(refusalOf(pool, { now: now + 4_999 }).soonestMs).toBe(now + 5_000);
  expect(pickOf(pool, { now: now + 5_000 })).toBe("c");
  rest(pool, "c", 60_000, now + 5_000);
  expect(refusalOf(pool, { now: now + 5_000 }).soonestMs).toBe(now + 7_000);
});

test("a day quota rests to the given end to the millisecond, over the change of the clocks too", () => {
  // Midnight in Los Angeles after the night in which summer time ends: 25 hours after the midnight before.
  const start = Date.UTC(2026, 10, 1, 7);
  const end = Date.UTC(2026, 10, 2, 8);
  const pool = poolOf(["a"]);
  effect(pool, "a", { kind: "cooldown", scope: "project-model", untilMs: end, cause: "day-quota", words: "" }, start);
  expect(refusalOf(pool, { now: end - 1 })).toMatchObject({
    reason: "cooling",
    causes: { "day-quota": 1 },
    soonestMs: end,
  });
  expect(pickOf(pool, { now: end })).toBe("a");
});

test("thousands that come back at once take turns like few", () => {
  const ids = Array.from({ length: 500 }, (_, index) => `c${index}`);
  const pool = poolOf(ids);
  for (const id of ids.slice(1)) rest(pool, id, 1_000);
  expect(new Set(pickList(pool, 3)).size).toBe(1);
  expect(new Set(pickList(pool, 500, { now: now + 1_000 })).size).toBe(500);
});

test("tracks a bounded number of models and serves all of them", () => {
  const pool = poolOf(["a", "b"], { modelCapacity: 4 });
  for (let index = 0; index < 100; index++) expect(pickOf(pool, { model: `made-up-${index}` })).toBeDefined();
  expect(picks(pool, 2, { model: "m".repeat(5_000) })).toMatch(/ab|ba/);
});

// --- helpers ---

const zeros = { next: () => 0, bytes: (length: number) => new Uint8Array(length) };

function poolOf(ids: readonly string[], options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ random: zeros, onChange: () => {}, ...options });
  pool.replace(ids.map((id) => credentialOf(id)));
  return pool;
}

function request(change: Partial<PickRequest>): PickRequest {
  return { model: "m", strategy: "round_robin" satisfies Strategy, stickyKey: null, tried: [], now, ...change };
}

function pickOf(pool: Pool, change: Partial<PickRequest> = {}): string {
  const pick = pool.pick(request(change));
  if (!pick.ok) throw new Error(pick.reason);
  pool.release(pick.lease);
  return pick.lease.credentialId;
}

function pickList(pool: Pool, count: number, change: Partial<PickRequest> = {}): string[] {
  return Array.from({ length: count }, () => pickOf(pool, change));
}

function picks(pool: Pool, count: number, change: Partial<PickRequest> = {}): string {
  return pickList(pool, count, change).join("");
}

function refusalOf(pool: Pool, change: Partial<PickRequest> = {}): Extract<Pick, { ok: false }> {
  const pick = pool.pick(request(change));
  if (pick.ok) throw new Error(`gave ${pick.lease.credentialId}`);
  return pick;
}

function effect(pool: Pool, id: string, one: Effect, at: number = now): void {
  const lease = { credentialId: id, credentialName: id, projectId: `own:${id}`, secret: toSecret(id) };
  pool.apply({ lease, model: "m", rule: "rule", effects: [one], consumer: null, limits: [], now: at });
}

function rest(pool: Pool, id: string, forMs: number, at: number = now): void {
  effect(
    pool,
    id,
    { kind: "cooldown", scope: "credential-model", untilMs: at + forMs, cause: "minute-quota", words: "" },
    at,
  );
}

function countOf(names: string | readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
