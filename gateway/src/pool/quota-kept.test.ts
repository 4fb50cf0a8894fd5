import { expect, test } from "vitest";
import type { Credential } from "../core/credential.ts";
import {
  ask,
  credentialOf,
  judged,
  limitOf,
  midnight,
  noon,
  poolOf,
  refusal,
  serve,
  serveMany,
} from "./pool-fixture.ts";
import type { Pool, QuotaChange, QuotaLimit, QuotaUsage } from "./types.ts";

const free = (id: string): Credential => credentialOf(id, { quotaTier: "free" });
const small = { cost: { requests: 1, tokens: 10 } };

test("uses and learned limits survive a restart; configured limits and what is over are not kept", () => {
  const quotaLimits = { free: { "*": { requestsPerDay: 4 } } };
  const kept = createStore();
  const pool = poolOf([free("a"), free("b")], { quotaLimits });
  serveMany(pool, 4, small);
  judged(pool, "b", { limits: [limitOf("day", 3)] });
  kept.take(pool, noon);
  expect(kept.names()).toEqual([
    "own:a m requests 2",
    "own:a m tokens 20",
    "own:b m requests 2",
    "own:b m requests day 3",
    "own:b m tokens 20",
  ]);
  expect(pool.takeQuotaChanges(noon)).toEqual([]);

  const next = poolOf([free("a"), free("b")], { quotaLimits });
  next.restore(kept.all(), noon);
  expect(serveMany(next, 3, small).sort()).toEqual(["a", "a", "b"]);
  expect(ask(next, small).ok).toBe(false);

  const tomorrow = poolOf([free("a")], { quotaLimits });
  tomorrow.restore(kept.all(), midnight);
  expect(serveMany(tomorrow, 4, { ...small, now: midnight })).toHaveLength(4);
  tomorrow.dueProbes(midnight);
  kept.take(tomorrow, midnight);
  expect(kept.names()).toEqual(["own:a m requests 4", "own:a m tokens 40"]);
});

test("what was kept for a learned project waits for its credential to be learned again", () => {
  const kept = createStore();
  const pool = poolOf(["a"]);
  judged(pool, "a", { consumer: "projects/7", limits: [limitOf("day", 2)] });
  serveMany(pool, 2, small);
  kept.take(pool, noon);
  const next = poolOf(["a"]);
  next.restore(kept.all(), noon);
  expect(serve(next, small)).toBe("a");
  judged(next, "a", { consumer: "projects/7" });
  expect(refusal(next, small).causes).toEqual({ "day-quota": 1 });
  kept.take(next, noon);
  expect(kept.names()).toEqual(["projects/7 m requests 3", "projects/7 m requests day 2", "projects/7 m tokens 30"]);
});

test("rows of several projects that became one while nobody ran add up, once", () => {
  const kept = createStore();
  const pool = poolOf(["a", "b"]);
  serveMany(pool, 10, small);
  kept.take(pool, noon);
  const team = ["a", "b"].map((id) => credentialOf(id, { projectId: "team" }));
  for (let restart = 0; restart < 2; restart++) {
    const next = poolOf(team);
    next.restore(kept.all(), noon);
    kept.take(next, noon);
    expect(kept.names()).toEqual(["team m requests 10", "team m tokens 100"]);
  }
});

test("looking for somebody who may serve keeps nothing of a model that nobody may", () => {
  const zero = { "*": { "*": { requestsPerDay: 0 }, m: { requestsPerDay: 5 } } };
  const pool = poolOf(["a", "b"], { quotaLimits: zero });
  for (let index = 0; index < 100; index++) {
    const { causes, reason } = refusal(pool, { ...small, model: `made-up-${index}` });
    expect({ causes, reason }).toEqual({ causes: { "no-quota": 2 }, reason: "cooling" });
  }
  expect(pool.quotas(noon)).toEqual([]);
  pool.replace([credentialOf("a", { enabled: false }), credentialOf("b")]);
  expect(refusal(pool, { ...small, model: "made-up-1" }).causes).toEqual({ off: 1, "no-quota": 1 });
  expect(serve(pool, small)).toBe("b");
  expect(pool.quotas(noon).map(({ model }) => model)).toEqual(["m"]);
});

test("rows of credentials that have left leave the store", () => {
  const kept = createStore();
  const pool = poolOf(["a", "b"]);
  serveMany(pool, 2, small);
  kept.take(pool, noon);
  pool.replace([credentialOf("b")]);
  kept.take(pool, noon);
  expect(kept.names()).toEqual(["own:b m requests 1", "own:b m tokens 10"]);
});

test("made-up models cannot grow the books, nor push out what is known of real ones", () => {
  const pool = poolOf(["a"]);
  judged(pool, "a", { limits: [limitOf("day", 3)] });
  serveMany(pool, 3, small);
  for (let index = 0; index < 1_000; index++) serve(pool, { ...small, model: `made-up-${index}` });
  expect(ask(pool, small).ok).toBe(false);
  const models = new Set(pool.takeQuotaChanges(noon).map((change) => change.value.model));
  expect(models.size).toBe(64);
  expect(models.has("m")).toBe(true);
  expect(serve(pool, { ...small, model: "m".repeat(300) })).toBe("a");
  expect(pool.takeQuotaChanges(noon).some((change) => change.value.model.length > 200)).toBe(false);
});

// --- helpers ---

/** What a store would hold. */
function createStore(): {
  take(pool: Pool, now: number): void;
  names(): string[];
  all(): { cooldowns: []; disabled: []; limits: QuotaLimit[]; usage: QuotaUsage[] };
} {
  const rows = new Map<string, QuotaChange>();
  const nameOf = ({ value }: QuotaChange): string =>
    [value.projectId, value.model, value.metric, ...("window" in value ? [value.window] : [])].join(" ");
  const valueOf = ({ value }: QuotaChange): number => ("used" in value ? value.used : value.value);
  return {
    take(pool, now) {
      for (const change of pool.takeQuotaChanges(now)) {
        if (change.removed) rows.delete(nameOf(change));
        else rows.set(nameOf(change), change);
      }
    },
    names: () => [...rows].map(([name, row]) => `${name} ${valueOf(row)}`).sort(),
    all: () => ({
      cooldowns: [],
      disabled: [],
      limits: [...rows.values()].flatMap((row) => (row.kind === "quota-limit" ? [row.value] : [])),
      usage: [...rows.values()].flatMap((row) => (row.kind === "quota-usage" ? [row.value] : [])),
    }),
  };
}
