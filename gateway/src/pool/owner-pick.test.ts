import { expect, test } from "vitest";
import {
  ask,
  credentialOf,
  disable,
  judged,
  noon,
  open,
  poolOf,
  refusal,
  rest,
  serve,
  serveMany,
} from "./pool-fixture.ts";
import type { PickRequest } from "./types.ts";

const hour = 3_600_000;
const ownerOf = (credentialId: string, projectId = ""): NonNullable<PickRequest["owner"]> => ({
  credentialId,
  projectId,
});
const two = [
  credentialOf("a", { projectId: "p" }),
  credentialOf("b", { projectId: "p", tier: 1 }),
  credentialOf("c", { projectId: "q" }),
];

test("only keys of the owner's project serve, in turn, whatever their tier", () => {
  const pool = poolOf(two);
  expect(serveMany(pool, 4, { owner: ownerOf("a") })).toEqual(["a", "b", "a", "b"]);
  expect(serveMany(pool, 2, { owner: ownerOf("c") })).toEqual(["c", "c"]);
  expect(serve(pool, { owner: ownerOf("", "p") })).toBe("a");
});

test("an owner follows its credential to the project of today, and is found by project when the credential has left", () => {
  const pool = poolOf(["a", "b"]);
  expect(pool.ownerProject(ownerOf("a", "old"))).toBe("own:a");
  judged(pool, "a", { consumer: "projects/7" });
  judged(pool, "b", { consumer: "projects/7" });
  expect(pool.ownerProject(ownerOf("a", "own:a"))).toBe("projects/7");
  pool.replace([credentialOf("b")]);
  expect(serve(pool, { owner: ownerOf("a", "projects/7") })).toBe("b");
  expect(refusal(pool, { owner: ownerOf("a", "own:a") })).toEqual({
    ok: false,
    reason: "gone",
    causes: {},
    soonestMs: null,
  });
});

test("a refusal counts the owner's keys alone", () => {
  const pool = poolOf(two);
  judged(pool, "a", { effects: [rest(5_000)] });
  judged(pool, "b", { effects: [rest(9_000, { cause: "day-quota" })] });
  judged(pool, "c", { effects: [rest(1_000)] });
  expect(refusal(pool, { owner: ownerOf("a") })).toEqual({
    ok: false,
    reason: "cooling",
    causes: { "minute-quota": 1, "day-quota": 1 },
    soonestMs: noon + 5_000,
  });
  expect(refusal(pool, { owner: ownerOf("c") }).soonestMs).toBe(noon + 1_000);
  pool.replace([credentialOf("a", { projectId: "p", enabled: false }), credentialOf("c", { projectId: "q" })]);
  expect(refusal(pool, { owner: ownerOf("a") })).toMatchObject({ reason: "unusable", causes: { off: 1 } });
  expect(refusal(pool, { owner: ownerOf("c"), now: noon + hour, tried: ["c"] }).reason).toBe("tried");
  expect(serve(pool, { owner: ownerOf("c"), now: noon + hour, tried: ["c"], allowTried: true })).toBe("c");
});

test("an owner of whom all keys come back from a fault is served by one of them", () => {
  const pool = poolOf(two);
  judged(pool, "c", { effects: [rest(1_000, { cause: "burst" })] });
  const later = { owner: ownerOf("c"), now: noon + 20_000 };
  expect([open(pool, later), open(pool, later)].map((lease) => lease.credentialId)).toEqual(["c", "c"]);
});

test("a preferred project serves while it can, also from a higher tier", () => {
  const pool = poolOf([credentialOf("paid", { projectId: "p", tier: 1 }), credentialOf("free", { projectId: "q" })]);
  const prefer = ownerOf("paid");
  expect(serveMany(pool, 2)).toEqual(["free", "free"]);
  expect(serveMany(pool, 2, { prefer })).toEqual(["paid", "paid"]);
  expect(serve(pool, { prefer, tried: ["paid"] })).toBe("free");
  judged(pool, "paid", { effects: [rest(1_000)] });
  expect(serve(pool, { prefer })).toBe("free");
  expect(serve(pool, { prefer: ownerOf("unknown", "gone") })).toBe("free");
});

test("projects with an enabled credential are listed, sorted", () => {
  const pool = poolOf([...two, credentialOf("d"), credentialOf("e", { enabled: false })]);
  expect(pool.projectIds()).toEqual(["own:d", "p", "q"]);
});

test("a lease carries the credential's own address and proxy", () => {
  const pool = poolOf([credentialOf("a", { baseUrl: "https://example.test", quotaTier: "free" }), "b"]);
  expect(open(pool)).toMatchObject({ baseUrl: "https://example.test", proxy: null });
  expect(open(pool)).toMatchObject({ baseUrl: null, proxy: null, reserved: null, trial: null });
});

test("calls with the same prefix go to one project, others take turns", () => {
  const pool = poolOf(["a", "b", "c"]);
  expect(serve(pool, { affinityKey: "one" })).toBe("a");
  expect(serveMany(pool, 2)).toEqual(["b", "c"]);
  expect(serveMany(pool, 3, { affinityKey: "one" })).toEqual(["a", "a", "a"]);
  expect(serve(pool, { affinityKey: "one", now: noon + 2 * hour })).toBe("b");
});

test("a prefix moves when its project cannot serve, and stays where it went", () => {
  const pool = poolOf(["a", "b", "c"]);
  expect(serve(pool, { affinityKey: "one" })).toBe("a");
  judged(pool, "a", { effects: [rest(5_000)] });
  expect(serve(pool, { affinityKey: "one" })).toBe("b");
  expect(serve(pool, { affinityKey: "one", now: noon + 6_000 })).toBe("b");
});

test("a prefix stays when its project was only tried, or the call is bound elsewhere", () => {
  const pool = poolOf(["a", "b"]);
  expect(serve(pool, { affinityKey: "one" })).toBe("a");
  expect(serve(pool, { affinityKey: "one", tried: ["a"] })).toBe("b");
  expect(serve(pool, { affinityKey: "one", owner: ownerOf("b") })).toBe("b");
  expect(serve(pool, { affinityKey: "one", prefer: ownerOf("b") })).toBe("b");
  expect(serveMany(pool, 2, { affinityKey: "one" })).toEqual(["a", "a"]);
});

test("a prefix comes back from a higher tier when a lower one can serve", () => {
  const pool = poolOf(["free", credentialOf("paid", { tier: 1 })]);
  judged(pool, "free", { effects: [rest(1_000)] });
  expect(serve(pool, { affinityKey: "one" })).toBe("paid");
  expect(serveMany(pool, 2, { affinityKey: "one", now: noon + 1_000 })).toEqual(["free", "free"]);
});

test("a prefix that all calls share spreads when its project is crowded, and comes back", () => {
  const pool = poolOf(["a", "b", "c", "d", "e", "f", "g", "h"]);
  const leases = Array.from({ length: 80 }, () => open(pool, { affinityKey: "hot" }));
  const counts = new Map<string, number>();
  for (const { credentialId } of leases) counts.set(credentialId, (counts.get(credentialId) ?? 0) + 1);
  expect(counts.size).toBe(8);
  // The mean is 10: nobody has much more than twice of it.
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(25);
  for (const lease of leases) pool.release(lease);
  expect(new Set(serveMany(pool, 5, { affinityKey: "hot" }))).toEqual(new Set(["a"]));
});

test("calls in flight move with their credential to another project", () => {
  const pool = poolOf(["a", "b", "c"]);
  const owner = ownerOf("a");
  const leases = Array.from({ length: 20 }, () => open(pool, { owner }));
  judged(pool, "a", { consumer: "projects/7" });
  expect(serve(pool, { affinityKey: "one", owner })).toBe("a");
  expect(serve(pool, { affinityKey: "one" })).not.toBe("a");
  for (const lease of leases) pool.release(lease);
  expect(serveMany(pool, 2, { affinityKey: "one" })).toEqual(["a", "a"]);
});

test("a conversation's credential outranks the prefix, whose project only chooses for new ones", () => {
  const pool = poolOf(["a", "b", "c"]);
  const sticky = { strategy: "sticky" } as const;
  expect(serve(pool, { ...sticky, stickyKey: "one" })).toBe("a");
  expect(serve(pool, { ...sticky, stickyKey: "two", affinityKey: "shared" })).toBe("b");
  expect(serve(pool, { ...sticky, stickyKey: "one", affinityKey: "shared" })).toBe("a");
  expect(serve(pool, { ...sticky, stickyKey: "three", affinityKey: "shared" })).toBe("b");
});

test("prefixes beyond the capacity are forgotten", () => {
  const pool = poolOf(["a", "b", "c"], { affinityCapacity: 2 });
  expect(["one", "two", "three"].map((affinityKey) => serve(pool, { affinityKey }))).toEqual(["a", "b", "c"]);
  expect(serve(pool, { affinityKey: "one" })).toBe("a");
  expect(serve(pool, { affinityKey: "two" })).toBe("b");
});

test("a disabled project serves no owner", () => {
  const pool = poolOf(two);
  judged(pool, "a", { effects: [disable({ scope: "project", reason: "suspended" })] });
  expect(refusal(pool, { owner: ownerOf("b") })).toMatchObject({ reason: "unusable", causes: { suspended: 2 } });
  expect(ask(pool).ok).toBe(true);
});
