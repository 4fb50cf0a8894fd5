import { expect, test } from "vitest";
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import { createPool } from "./pool.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { PickRequest, Pool } from "./types.ts";

const now = 1_800_000_000_000;
const hour = 3_600_000;

test("a conversation stays with its credential while others take turns", () => {
  const pool = poolOf(["a", "b", "c"]);
  const first = pickOf(pool, { stickyKey: "one" });
  const others = ["two", "three", "four"].map((stickyKey) => pickOf(pool, { stickyKey }));
  expect(new Set([first, ...others.slice(0, 2)]).size).toBe(3);
  for (let turn = 0; turn < 5; turn++) expect(pickOf(pool, { stickyKey: "one" })).toBe(first);
});

test("a conversation that is not heard of for an hour starts anew", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  expect(pickOf(pool, { stickyKey: "one", now: now + hour })).toBe("a");
  expect(pickOf(pool, { stickyKey: "one", now: now + 2 * hour + 1 })).toBe("b");
});

test("a conversation moves when its credential rests, and stays where it went", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  rest(pool, "a", 1_000);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("b");
  expect(pickOf(pool, { stickyKey: "one", now: now + 5_000 })).toBe("b");
});

test("a rest for another model does not move a conversation", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one", model: "x" })).toBe("a");
  rest(pool, "a", 1_000);
  expect(pickOf(pool, { stickyKey: "one", model: "x" })).toBe("a");
});

test("a credential that a call has tried keeps the conversation until another one has served it", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  expect(pickOf(pool, { stickyKey: "one", tried: ["a"] })).toBe("b");
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  pool.succeed(leaseOf("b"), "m", "one", now);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("b");
});

test("a late success does not pull a conversation back to a credential that rests", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  rest(pool, "a", 1_000);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("b");
  pool.succeed(leaseOf("a"), "m", "one", now);
  expect(pickOf(pool, { stickyKey: "one", now: now + 1_000 })).toBe("b");
});

test("a conversation comes back from the higher tier when a lower one can serve", () => {
  const pool = poolOf([]);
  pool.replace([credentialOf("free"), credentialOf("paid", { tier: 1 })]);
  rest(pool, "free", 1_000);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("paid");
  expect(pickOf(pool, { stickyKey: "one", now: now + 1_000 })).toBe("free");
});

test("a binding to a credential that has left is made anew", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  pool.replace([credentialOf("b")]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("b");
  pool.replace([credentialOf("a"), credentialOf("b")]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("b");
});

test("sticky without a key takes turns", () => {
  const pool = poolOf(["a", "b"]);
  expect([1, 2, 3].map(() => pickOf(pool, {}))).toEqual(["a", "b", "a"]);
});

test("sticky until error without a key stays with one credential for each model", () => {
  const pool = poolOf(["a", "b", "c"]);
  const one = (change: Partial<PickRequest> = {}): string =>
    pickOf(pool, { strategy: "sticky_until_error", ...change });
  expect([one(), one(), one()]).toEqual(["a", "a", "a"]);
  expect(one({ model: "x" })).toBe("b");
  // An error that leaves no rest behind: the call tries elsewhere, and everyone follows.
  expect(one({ tried: ["a"] })).toBe("b");
  expect([one(), one()]).toEqual(["b", "b"]);
  rest(pool, "b", 1_000);
  expect(one()).toBe("c");
  expect(one({ now: now + 1_000 })).toBe("c");
});

test("sticky until error with a key keeps each client apart", () => {
  const pool = poolOf(["a", "b"]);
  const one = (stickyKey: string): string => pickOf(pool, { strategy: "sticky_until_error", stickyKey });
  expect([one("x"), one("y"), one("x"), one("y")]).toEqual(["a", "b", "a", "b"]);
});

test("a tried bound credential serves again as the last resort", () => {
  const pool = poolOf(["a", "b"]);
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  expect(pickOf(pool, { stickyKey: "one", tried: ["a", "b"], allowTried: true })).toBe("a");
});

test("forgets conversations beyond its capacity", () => {
  const pool = poolOf(["a", "b", "c"], { stickyCapacity: 2 });
  expect(["one", "two", "three"].map((stickyKey) => pickOf(pool, { stickyKey }))).toEqual(["a", "b", "c"]);
  expect(pickOf(pool, { stickyKey: "three" })).toBe("c");
  expect(pickOf(pool, { stickyKey: "one" })).toBe("a");
  expect(pickOf(pool, { stickyKey: "two" })).toBe("b");
});

// --- helpers ---

function credentialOf(id: string, change: Partial<Credential> = {}): Credential {
  return {
    id,
    name: id,
    secret: toSecret(id),
    projectId: null,
    source: "stored",
    weight: 1,
    tier: 0,
    enabled: true,
    ...change,
  };
}

function poolOf(ids: readonly string[], options: Partial<PoolOptions> = {}): Pool {
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) };
  const pool = createPool({ random, onChange: () => {}, ...options });
  pool.replace(ids.map((id) => credentialOf(id)));
  return pool;
}

function leaseOf(id: string): Lease {
  return { credentialId: id, credentialName: id, projectId: `own:${id}`, secret: toSecret(id) };
}

function pickOf(pool: Pool, change: Partial<PickRequest>): string {
  const pick = pool.pick({ model: "m", strategy: "sticky", stickyKey: null, tried: [], now, ...change });
  if (!pick.ok) throw new Error(pick.reason);
  pool.release(pick.lease);
  return pick.lease.credentialId;
}

function rest(pool: Pool, id: string, forMs: number): void {
  const effects = [
    { kind: "cooldown", scope: "credential-model", untilMs: now + forMs, cause: "minute-quota", words: "" } as const,
  ];
  pool.apply({ lease: leaseOf(id), model: "m", rule: "rule", effects, consumer: null, limits: [], now });
}
