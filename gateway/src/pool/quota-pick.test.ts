import { expect, test } from "vitest";
import type { Credential, Lease } from "../core/credential.ts";
import {
  ask,
  credentialOf,
  judged,
  limitOf,
  midnight,
  noon,
  open,
  poolOf,
  refusal,
  rest,
  serve,
  serveMany,
} from "./pool-fixture.ts";
import type { PickRequest, Pool } from "./types.ts";

const day = 86_400_000;
const free = (id: string, change: Partial<Credential> = {}): Credential =>
  credentialOf(id, { quotaTier: "free", ...change });
const limits = { free: { "*": { requestsPerMinute: 2, requestsPerDay: 5, tokensPerMinute: 1_000 } } };
const small = { cost: { requests: 1, tokens: 10 } };
const large = { cost: { requests: 1, tokens: 600 } };

test("whoever has no quota left is passed over before Google refuses, and serves again when the minute is over", () => {
  const pool = poolOf([free("a"), free("b")], { quotaLimits: limits });
  expect(serveMany(pool, 4, small)).toEqual(["a", "b", "a", "b"]);
  const refused = refusal(pool, small);
  expect(refused).toMatchObject({ reason: "cooling", causes: { "minute-quota": 2 } });
  expect(refused.soonestMs).toBeGreaterThanOrEqual(noon + 60_000);
  expect(refused.soonestMs).toBeLessThan(noon + 63_000);
  expect(refusal(pool, { ...small, now: (refused.soonestMs as number) - 1 }).soonestMs).toBe(refused.soonestMs);
  expect(serve(pool, { ...small, now: refused.soonestMs as number })).toBe("a");
});

test("a day's quota rests until midnight in Los Angeles", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { requestsPerDay: 2 } } } });
  expect(serveMany(pool, 2, small)).toEqual(["a", "a"]);
  expect(refusal(pool, small)).toMatchObject({
    reason: "cooling",
    causes: { "day-quota": 1 },
    soonestMs: midnight,
  });
  expect(ask(pool, { ...small, now: midnight - 1 }).ok).toBe(false);
  expect(serveMany(pool, 2, { ...small, now: midnight })).toEqual(["a", "a"]);
});

test("a limit of 0 is no quota: it has no end where it was configured, and a day's where Google said so", () => {
  const pool = poolOf([free("a"), credentialOf("b")], { quotaLimits: { free: { m: { requestsPerDay: 0 } } } });
  judged(pool, "b", { effects: [rest(1_000)], limits: [limitOf("day", 0)] });
  expect(refusal(pool, small)).toMatchObject({
    reason: "cooling",
    causes: { "no-quota": 2 },
    soonestMs: noon + day,
  });
  expect(serve(pool, { ...small, now: noon + day })).toBe("b");
  pool.replace([free("a")]);
  expect(refusal(pool, small)).toMatchObject({ reason: "cooling", causes: { "no-quota": 1 }, soonestMs: null });
});

test("keys of one project share its quota; models do not", () => {
  const pool = poolOf([free("a", { projectId: "p" }), free("b", { projectId: "p" }), free("c")], {
    quotaLimits: limits,
  });
  expect(serveMany(pool, 4, small)).toEqual(["a", "b", "c", "c"]);
  expect(refusal(pool, small).causes).toEqual({ "minute-quota": 3 });
  expect(serve(pool, { ...small, model: "other" })).toBeDefined();
});

test("calls that take no quota are served by whoever is out of it", () => {
  const pool = poolOf([free("a")], { quotaLimits: limits });
  serveMany(pool, 2, small);
  expect(ask(pool, small).ok).toBe(false);
  expect(serve(pool)).toBe("a");
  expect(serve(pool, { model: null, cost: small.cost })).toBe("a");
});

test("without respect for quotas uses are counted and nobody is passed over", () => {
  const pool = poolOf([free("a")], { quotaLimits: limits, quotaScheduling: false });
  expect(serveMany(pool, 9, small)).toHaveLength(9);
  expect(pool.quotas(noon).find((view) => view.metric === "requests" && view.window === "day")?.used).toBe(9);
});

test("a call too large for what is left goes to whoever has room, and small ones still come", () => {
  const pool = poolOf([free("a"), free("b")], { quotaLimits: limits });
  expect(serve(pool, { ...large, strategy: "newest" })).toBe("b");
  expect(serve(pool, { ...large, strategy: "newest" })).toBe("a");
  expect(refusal(pool, large)).toMatchObject({ reason: "cooling", causes: { "minute-quota": 2 } });
  expect(serve(pool, { ...small, strategy: "newest" })).toBe("b");
});

test("among hundreds that have little left a large call finds the one with room", () => {
  const ids = Array.from({ length: 300 }, (_, index) => `c${index}`);
  const pool = poolOf(
    ids.map((id) => free(id)),
    { quotaLimits: limits },
  );
  expect(new Set(serveMany(pool, 300, { ...large, strategy: "newest" })).size).toBe(300);
  expect(refusal(pool, large).causes).toEqual({ "minute-quota": 300 });
});

test("what was taken too much comes back with the settlement and wakes the project at once", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { tokensPerMinute: 1_000 } } } });
  const lease = open(pool, { cost: { requests: 1, tokens: 1_000 } });
  expect(lease.reserved).toMatchObject({ key: "own:a\nm", requests: 1, tokens: 1_000, at: noon });
  expect(ask(pool, small).ok).toBe(false);
  pool.settle(lease, { tokens: 100 }, noon + 10);
  expect(serve(pool, { ...small, now: noon + 10 })).toBe("a");
  expect(usedOf(pool, "tokens")).toBe(110);
});

test("a refusal that was given before room came back is not given again", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { tokensPerMinute: 1_000 } } } });
  const tokens = [100, 300, 600];
  const leases = tokens.map((count, index) =>
    open(pool, { cost: { requests: 1, tokens: count }, now: noon + index * 10_000 }),
  );
  const call = { cost: { requests: 1, tokens: 400 }, now: noon + 30_000 };
  const before = refusal(pool, call).soonestMs as number;
  pool.settle(leases[2] as Lease, { tokens: 300 }, call.now);
  // The first one's end is enough now.
  expect(refusal(pool, call).soonestMs).toBe(before - 10_000);
});

test("whoever was tried and is out of quota since is not told as tried", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { requestsPerDay: 1 } } } });
  const tried = { ...small, tried: ["a"] };
  expect(refusal(pool, tried).reason).toBe("tried");
  serve(pool, small);
  expect(refusal(pool, tried)).toMatchObject({ reason: "cooling", causes: { "day-quota": 1 } });
});

test("a call that never reached Google gives all back; one that was not settled keeps what it took", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { requestsPerMinute: 1 } } } });
  const lost = open(pool, small);
  expect(ask(pool, small).ok).toBe(false);
  pool.settle(lost, null, noon);
  pool.release(lost);
  const kept = open(pool, small);
  pool.release(kept);
  expect(ask(pool, small).ok).toBe(false);
});

test("a limit that Google tells is respected from then on; its own word for the minute is believed first", () => {
  const pool = poolOf(["a"]);
  const first = open(pool, small);
  const refused = (now: number): Parameters<typeof judged>[2] => ({
    effects: [rest(now + 30_000 - noon, { scope: "project-model" })],
    limits: [limitOf("minute", 3)],
    now,
  });
  judged(pool, "a", refused(noon));
  expect(refusal(pool, small)).toMatchObject({ causes: { "minute-quota": 1 }, soonestMs: noon + 30_000 });
  // What was under way says nothing new.
  judged(pool, "a", refused(noon + 1_000));
  pool.release(first);
  const again = noon + 31_000;
  expect(serveMany(pool, 3, { ...small, now: again })).toEqual(["a", "a", "a"]);
  expect(refusal(pool, { ...small, now: again }).soonestMs).toBeGreaterThanOrEqual(again + 60_000);
});

test("a minute that is refused again right after the time that Google named counts as used up", () => {
  const pool = poolOf(["a"]);
  const verdict = { effects: [rest(30_000, { scope: "project-model" })], limits: [limitOf("minute", 3)] };
  judged(pool, "a", verdict);
  judged(pool, "a", { ...verdict, effects: [rest(32_000, { scope: "project-model" })], now: noon + 30_500 });
  expect(refusal(pool, { ...small, now: noon + 33_000 }).soonestMs).toBeGreaterThanOrEqual(noon + 90_500);
});

test("a day that Google says is used up counts as used up, whatever was counted", () => {
  const pool = poolOf(["a"]);
  judged(pool, "a", { effects: [rest(1_000)], limits: [limitOf("day", 50)] });
  expect(refusal(pool, { ...small, now: noon + 2_000 })).toMatchObject({
    causes: { "day-quota": 1 },
    soonestMs: midnight,
  });
});

test("a limit that is told without a refusal takes nothing from what is left", () => {
  const pool = poolOf(["a"]);
  judged(pool, "a", { limits: [limitOf("day", 2)] });
  expect(serveMany(pool, 2, small)).toEqual(["a", "a"]);
  expect(ask(pool, small).ok).toBe(false);
});

test("Google's word outranks the configuration; a changed tier brings its own limits and keeps the uses", () => {
  const quotaLimits = { free: { "*": { requestsPerDay: 2 } }, paid1: { "*": { requestsPerDay: 5 } } };
  const pool = poolOf([free("a"), free("b")], { quotaLimits });
  judged(pool, "a", { limits: [limitOf("day", 4)] });
  expect(serveMany(pool, 6, small)).toHaveLength(6);
  expect(ask(pool, small).ok).toBe(false);
  pool.replace([free("a", { quotaTier: "paid1" }), free("b", { quotaTier: "paid1" })]);
  expect(serveMany(pool, 3, small)).toEqual(["b", "b", "b"]);
  expect(ask(pool, small).ok).toBe(false);
});

test("projects that turn out to be one share what they have used", () => {
  const pool = poolOf([free("a"), free("b")], { quotaLimits: { free: { "*": { requestsPerDay: 5 } } } });
  const leases = [open(pool, small), open(pool, small), open(pool, small)];
  judged(pool, "a", { consumer: "projects/7" });
  judged(pool, "b", { consumer: "projects/7" });
  expect(usedOf(pool, "requests")).toBe(3);
  expect(pool.quotas(noon).map((view) => view.projectId)).toEqual(["projects/7"]);
  // Settled through what the credential's project is today.
  pool.settle(leases[0] as Lease, null, noon);
  expect(usedOf(pool, "requests")).toBe(2);
  expect(serveMany(pool, 3, small)).toHaveLength(3);
  expect(ask(pool, small).ok).toBe(false);
});

test("quotas are shown with what is used and when there is room", () => {
  const pool = poolOf([free("a")], { quotaLimits: { free: { "*": { requestsPerDay: 2, tokensPerMinute: 500 } } } });
  serveMany(pool, 2, small);
  expect(pool.quotas(noon)).toMatchObject([
    { projectId: "own:a", model: "m", metric: "tokens", window: "minute", value: 500, used: 20, roomAtMs: null },
    { projectId: "own:a", model: "m", metric: "requests", window: "day", value: 2, used: 2, roomAtMs: midnight },
  ]);
});

test("a prefix and a preferred project give way when they have no quota left", () => {
  const pool = poolOf([free("a"), free("b")], { quotaLimits: limits });
  const one: Partial<PickRequest> = { ...small, affinityKey: "one" };
  expect(serveMany(pool, 4, one)).toEqual(["a", "a", "b", "b"]);
  expect(ask(pool, { ...one, prefer: { credentialId: "a", projectId: "" } }).ok).toBe(false);
});

// --- helpers ---

function usedOf(pool: Pool, metric: "requests" | "tokens"): number {
  const changes = pool.quotas(noon).filter((view) => view.metric === metric);
  return changes.reduce((sum, view) => sum + view.used, 0);
}
