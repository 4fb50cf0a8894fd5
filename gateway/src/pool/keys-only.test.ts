import { expect, test } from "vitest";
import { credentialOf, judged, noon, poolOf, refusal, rest, serveMany, open } from "./pool-fixture.ts";

const account = (id: string, tier = 0): ReturnType<typeof credentialOf> =>
  credentialOf(id, { kind: "code-assist", tier });

test("calls that only keys can serve pass over accounts, whatever their tier", () => {
  const pool = poolOf([account("x"), "a", account("y"), "b"]);
  expect(serveMany(pool, 4, { keysOnly: true })).toEqual(["a", "b", "a", "b"]);
  expect(new Set(serveMany(pool, 4))).toEqual(new Set(["a", "b", "x", "y"]));
});

test("keys and accounts back each other up by tier", () => {
  const pool = poolOf(["a", account("x", 1)]);
  expect(serveMany(pool, 2)).toEqual(["a", "a"]);
  judged(pool, "a", { effects: [rest(5_000)] });
  expect(serveMany(pool, 2)).toEqual(["x", "x"]);
});

test("a repeat that may go to tried ones still goes to keys only", () => {
  const pool = poolOf(["a", account("x")]);
  expect(serveMany(pool, 1, { keysOnly: true, tried: ["a"], allowTried: true })).toEqual(["a"]);
});

test("a pool of accounts alone says so, and goes on serving what they can", () => {
  const pool = poolOf([account("x"), account("y")]);
  expect(refusal(pool, { keysOnly: true })).toEqual({
    ok: false,
    reason: "empty",
    causes: { account: 2 },
    soonestMs: null,
  });
  expect(serveMany(pool, 1)).toHaveLength(1);
});

test("resting keys are told when accounts could serve something else", () => {
  const pool = poolOf(["a", account("x")]);
  judged(pool, "a", { effects: [rest(5_000)] });
  const { reason, soonestMs } = refusal(pool, { keysOnly: true });
  expect({ reason, soonestMs }).toEqual({ reason: "cooling", soonestMs: noon + 5_000 });
  expect(serveMany(pool, 1)).toEqual(["x"]);
});

test("a lease of an account says what it is", () => {
  expect(open(poolOf([account("x")])).kind).toBe("code-assist");
  expect(open(poolOf(["a"])).kind).toBeUndefined();
});
