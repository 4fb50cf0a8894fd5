import { expect, test } from "vitest";
import { ask, credentialOf, disable, judged, limitOf, noon, open, poolOf, refusal, serveMany } from "./pool-fixture.ts";

const cost = { requests: 1, tokens: 10 };
const rules = { quotaLimits: {}, quotaScheduling: true, disableShare: 0.5 };
const requests = (requestsPerMinute: number): typeof rules => ({
  ...rules,
  quotaLimits: { "*": { "*": { requestsPerMinute } } },
});

test("other limits hold from the next pick on, and whoever rested for the old ones comes back", () => {
  const pool = poolOf(["a", "b"], requests(1));
  serveMany(pool, 2, { cost });
  expect(refusal(pool, { cost }).reason).toBe("cooling");
  pool.configure(requests(3));
  expect(serveMany(pool, 4, { cost }).sort()).toEqual(["a", "a", "b", "b"]);
  expect(ask(pool, { cost }).ok).toBe(false);
});

test("limits that are lowered hold for what was used already", () => {
  const pool = poolOf(["a"]);
  serveMany(pool, 5, { cost });
  pool.configure(requests(5));
  expect(pool.quotas(noon)).toMatchObject([{ value: 5, source: "configured" }]);
  pool.configure(rules);
  expect(pool.quotas(noon)).toEqual([]);
  expect(ask(pool, { cost }).ok).toBe(true);
});

test("a limit that Google named stays", () => {
  const pool = poolOf(["a"], requests(5));
  open(pool, { cost });
  judged(pool, "a", { limits: [limitOf("minute", 2)] });
  pool.configure(requests(100));
  expect(pool.quotas(noon)).toMatchObject([{ value: 2, source: "google" }]);
  expect(ask(pool, { cost }).ok).toBe(true);
  expect(ask(pool, { cost }).ok).toBe(false);
});

test("models that a limit of 0 kept out are served once it is gone, and the other way round", () => {
  const none = { ...rules, quotaLimits: { "*": { m: { requestsPerDay: 0 } } } };
  const pool = poolOf(["a", "b"], none);
  expect(ask(pool, { cost }).ok).toBe(false);
  pool.configure(rules);
  expect(serveMany(pool, 2, { cost }).sort()).toEqual(["a", "b"]);
  pool.configure(none);
  expect(ask(pool, { cost }).ok).toBe(false);
  expect(ask(pool, { cost, model: "n" }).ok).toBe(true);
  pool.configure(rules);
  expect(serveMany(pool, 2, { cost }).sort()).toEqual(["a", "b"]);
});

test("limits by tier follow the credentials' tiers after a change", () => {
  const pool = poolOf([credentialOf("a", { quotaTier: "free" }), credentialOf("b", { quotaTier: "paid1" })]);
  serveMany(pool, 2, { cost });
  pool.configure({ ...rules, quotaLimits: { free: { "*": { requestsPerDay: 1 } } } });
  expect(new Set(serveMany(pool, 4, { cost }))).toEqual(new Set(["b"]));
});

test("without scheduling nobody rests for a quota; with it again the uses in between count", () => {
  const pool = poolOf(["a"], requests(1));
  serveMany(pool, 1, { cost });
  expect(ask(pool, { cost }).ok).toBe(false);
  pool.configure({ ...requests(1), quotaScheduling: false });
  serveMany(pool, 3, { cost });
  expect(pool.quotas(noon)).toMatchObject([{ used: 4 }]);
  pool.configure(requests(1));
  expect(ask(pool, { cost }).ok).toBe(false);
});

test("another share of disables holds for the next verdict", () => {
  const ids = Array.from({ length: 20 }, (_, index) => `c${index}`);
  const pool = poolOf(ids, { disableShare: 0.01 });
  const disabled = (count: number): number => {
    for (const id of ids.slice(0, count)) judged(pool, id, { effects: [disable()] });
    return pool.counts(noon).disabled;
  };
  expect(disabled(6)).toBe(3);
  pool.configure({ ...rules, disableShare: 1 });
  expect(disabled(10)).toBe(10);
});
