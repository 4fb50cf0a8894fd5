import { expect, test } from "vitest";
import type { Lease } from "../core/credential.ts";
import { ask, credentialOf, disable, judged, noon, open, poolOf, rest, serve, serveMany } from "./pool-fixture.ts";
import type { Pool } from "./types.ts";

const later = { now: noon + 20_000 };
const burst = rest(10_000, { cause: "burst" });

test("whoever comes back from a fault gets one call, and twice as many after each success", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [burst] });
  let now = later.now;
  const most: number[] = [];
  for (let round = 0; round < 6; round++) {
    const leases = Array.from({ length: 80 }, () => open(pool, { strategy: "least_used", now }));
    const own = leases.filter((lease) => lease.credentialId === "a");
    most.push(own.length);
    for (const lease of leases) pool.release(lease);
    pool.succeed(own[0] as Lease, "m", null, now);
    now += 1_000;
  }
  // The sixth time it is well, and least_used makes up for what it missed.
  expect(most.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(most[5]).toBeGreaterThan(40);
});

test("a failure while it comes back starts over", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [burst] });
  const lease = openOf(pool, "a", later.now);
  pool.release(lease);
  pool.succeed(lease, "m", null, later.now);
  judged(pool, "a", { effects: [rest(40_000, { cause: "burst" })], now: later.now });
  expect(ownAmong(pool, 20, noon + 120_000)).toBe(1);
});

test("a call that ends without a word gives its place back", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [burst] });
  const lease = openOf(pool, "a", later.now);
  expect(ownAmong(pool, 4, later.now)).toBe(0);
  pool.release(lease);
  expect(serveMany(pool, 4, { now: later.now + 1_000 })).toContain("a");
});

test("when nobody else can serve, whoever comes back takes all calls, also before a higher tier is lost", () => {
  const pool = poolOf(["a", "b", credentialOf("paid", { tier: 1 })]);
  judged(pool, "a", { effects: [burst] });
  judged(pool, "b", { effects: [burst] });
  const ids = Array.from({ length: 4 }, () => open(pool, later).credentialId);
  expect(ids).toEqual(["a", "b", "paid", "paid"]);
  judged(pool, "paid", { effects: [rest(60_000)] });
  expect(Array.from({ length: 4 }, () => open(pool, later).credentialId)).toEqual(["a", "b", "a", "b"]);
});

test("the end of a minute or day quota is certain: no call is held back", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [rest(10_000), rest(10_000, { scope: "project-model", cause: "day-quota" })] });
  expect(ownAmong(pool, 10, later.now)).toBe(5);
  expect(pool.view(later.now)[0]?.recovering).toBe(false);
});

test("a probe that succeeds brings a credential back call by call, for every model", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [disable()] });
  pool.reset("a");
  expect(pool.view(noon)[0]).toMatchObject({ state: "active", recovering: true });
  const lease = openOf(pool, "a", noon);
  expect(lease.trial).toBe("m");
  expect(ownAmong(pool, 6, noon)).toBe(0);
  expect(serveMany(pool, 3, { model: "other" })).toEqual(["b", "b", "b"]);
});

test("a fault of one model holds back no other", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [burst] });
  expect(ownAmong(pool, 10, later.now)).toBe(1);
  const others = Array.from({ length: 10 }, () => open(pool, { ...later, model: "other" }));
  expect(others.filter((lease) => lease.credentialId === "a")).toHaveLength(5);
  expect(others.some((lease) => lease.trial !== null)).toBe(false);
});

test("keys of a project whose fault it was come back together", () => {
  const ids = ["a", "b", "c"];
  const pool = poolOf(ids.map((id) => credentialOf(id, { projectId: id === "c" ? "q" : "p" })));
  judged(pool, "a", { effects: [rest(10_000, { scope: "project", cause: "money" })] });
  const leases = Array.from({ length: 9 }, () => open(pool, later).credentialId);
  expect(leases.filter((id) => id !== "c")).toHaveLength(1);
});

test("places of calls that never end are free again after ten minutes", () => {
  const pool = poolOf(["a", "b"]);
  judged(pool, "a", { effects: [burst] });
  openOf(pool, "a", later.now);
  expect(ownAmong(pool, 4, later.now + 599_000)).toBe(0);
  expect(ownAmong(pool, 4, later.now + 600_000)).toBe(1);
});

test("a conversation of a credential that is held goes elsewhere", () => {
  const pool = poolOf(["a", "b"]);
  const sticky = { strategy: "sticky", stickyKey: "one" } as const;
  expect(serve(pool, sticky)).toBe("a");
  judged(pool, "a", { effects: [burst] });
  openOf(pool, "a", later.now);
  expect(serve(pool, { ...sticky, ...later })).toBe("b");
});

test("thousands that come back at once get one call each, and share the rest when nobody else can serve", () => {
  const ids = Array.from({ length: 2_000 }, (_, index) => `c${index}`);
  const pool = poolOf(ids);
  for (const id of ids) judged(pool, id, { effects: [rest(10_000, { cause: "location", scope: "credential" })] });
  const served = Array.from({ length: 4_000 }, () => open(pool, { ...later, strategy: "newest" }).credentialId);
  // Each one in flight once; then all take a second call, since nobody else can.
  expect(new Set(served.slice(0, 2_000)).size).toBe(2_000);
  expect(new Set(served.slice(2_000)).size).toBe(2_000);
});

test("a restart forgets nobody who comes back", () => {
  const pool = poolOf(["a", "b"]);
  const until = noon + 10_000;
  const row = {
    scope: "credential-model",
    subject: "a",
    model: "m",
    untilMs: until,
    sinceMs: noon,
    cause: "burst",
  } as const;
  pool.restore({ cooldowns: [{ ...row, rule: "quota.burst", words: "" }], disabled: [] }, noon);
  expect(ask(pool, { tried: ["b"] }).ok).toBe(false);
  expect(ownAmong(pool, 6, later.now)).toBe(1);
});

// --- helpers ---

/** A call under way at that credential. */
function openOf(pool: Pool, id: string, now: number): Lease {
  return open(pool, { owner: { credentialId: id, projectId: "" }, now });
}

/** How many of so many calls at once go to credential a. They stay open. */
function ownAmong(pool: Pool, count: number, now: number): number {
  const leases = Array.from({ length: count }, () => open(pool, { now }));
  return leases.filter((lease) => lease.credentialId === "a").length;
}
