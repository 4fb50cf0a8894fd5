import { expect, test } from "vitest";
import type { Credential } from "../core/credential.ts";
import type { Conclusion } from "./joins.ts";
import { createNaiveGoogle } from "./naive-google.ts";
import type { NaiveGoogle } from "./naive-google.ts";
import { ask, credentialOf, judged, limitOf, open, poolOf, serve } from "./pool-fixture.ts";
import type { HealthChange, Pool } from "./types.ts";

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 20, 8);
const midnights = Array.from({ length: 12 }, (_, index) => start + index * day);
const small = { cost: { requests: 1, tokens: 10 } };

test("keys that Google refuses as one project are joined, and share one quota from then on", () => {
  const world = createWorld({ a: "p", b: "p", c: "q", d: "r" });
  world.day(0);
  expect(world.conclusions).toEqual([]);
  for (let index = 1; index < 4; index++) world.day(index);
  expect(world.conclusions).toMatchObject([{ kind: "merge", projectId: "inferred:a" }]);
  expect([...(world.conclusions[0]?.credentialIds ?? [])].sort()).toEqual(["a", "b"]);
  expect(world.projects()).toEqual({ a: "inferred:a", b: "inferred:a", c: "own:c", d: "own:d" });
  expect(world.changes.filter((change) => change.kind === "project")).toHaveLength(2);
  // One bucket: not one refusal more, but the one of the second look.
  const before = world.refusals();
  world.day(4);
  expect(world.refusals()).toBe(before + 1);
  expect(world.google.servedByDay()[4]).toBe(300);
});

test("what was joined is kept like a learned project, gives way to Google's word, and is no operator's choice", () => {
  const pool = poolOf([credentialOf("a", { projectId: "inferred:a" }), credentialOf("b", { projectId: "inferred:a" })]);
  pool.restore({ cooldowns: [], disabled: [] }, start);
  expect(pool.view(start).map((view) => view.projectId)).toEqual(["inferred:a", "inferred:a"]);
  const lease = open(pool, { ...small, now: start });
  const verdict = { model: "m", rule: "r", effects: [], limits: [], now: start };
  pool.apply({ lease, ...verdict, consumer: "projects/7" });
  expect(pool.view(start).map((view) => view.projectId)).toEqual(["projects/7", "inferred:a"]);
});

test.each(["known", "learned"] as const)(
  "keys that were joined wrongly come apart by the second day, with %s limits",
  (limits) => {
    const world = createWorld({ a: "p", b: "q", c: "r" }, [
      credentialOf("a", { projectId: "inferred:a" }),
      credentialOf("b", { projectId: "inferred:a" }),
      credentialOf("c"),
    ]);
    if (limits === "known") world.learn();
    world.day(0);
    world.day(1);
    expect(world.conclusions.map(({ kind, projectId }) => `${kind} ${projectId}`)).toEqual([
      "split own:a",
      "split own:b",
    ]);
    expect(world.projects()).toEqual({ a: "own:a", b: "own:b", c: "own:c" });
    expect(world.changes).toContainEqual({ kind: "project", credentialId: "b", projectId: "own:b" });
    for (let index = 2; index < 4; index++) world.day(index);
    expect(world.conclusions).toHaveLength(2);
    expect(world.google.servedByDay()[3]).toBe(300);
  },
);

test("keys that were joined rightly are doubted once a day at most", () => {
  const world = createWorld({ a: "p", b: "p", c: "r" }, [
    credentialOf("a", { projectId: "inferred:a" }),
    credentialOf("b", { projectId: "inferred:a" }),
    credentialOf("c"),
  ]);
  world.learn();
  for (let index = 0; index < 4; index++) world.day(index);
  expect(world.conclusions).toEqual([]);
  expect(world.refusals()).toBe(4);
});

test("uses of a project that was inferred of keys from the environment are found again after a restart", () => {
  const pool = poolOf(["a", "b"]);
  const place = { projectId: "inferred:a", model: "m", metric: "requests" } as const;
  const limits = [{ ...place, window: "day", value: 2, source: "google", learnedAt: start } as const];
  pool.restore({ cooldowns: [], disabled: [], limits, usage: [{ ...place, windowStart: start, used: 2 }] }, start);
  expect(serve(pool, { ...small, now: start })).toBe("b");
  expect(ask(pool, { ...small, now: start, tried: ["b"] }).ok).toBe(false);
});

test("nothing is inferred when it is switched off, or of projects that are known", () => {
  const off = createWorld({ a: "p", b: "p", c: "q" }, undefined, false);
  const known = createWorld(
    { a: "p", b: "p", c: "q" },
    ["a", "b", "c"].map((id) => credentialOf(id, { projectId: `by-hand-${id}` })),
  );
  for (const world of [off, known]) {
    for (let index = 0; index < 5; index++) world.day(index);
    expect(world.conclusions).toEqual([]);
    expect(new Set(Object.values(world.projects())).size).toBe(3);
  }
});

// --- helpers ---

interface World {
  google: NaiveGoogle;
  conclusions: Conclusion[];
  changes: HealthChange[];
  /** One day of calls, a third more than Google serves. */
  day(index: number): void;
  /** Tells the pool all limits. */
  learn(): void;
  projects(): Record<string, string>;
  refusals(): number;
}

/** @param truth the Google project of each key */
function createWorld(
  truth: Readonly<Record<string, string>>,
  credentials: readonly (string | Credential)[] = Object.keys(truth),
  inferProjects = true,
): World {
  const google = createNaiveGoogle({ requestsPerMinute: 1_000, requestsPerDay: 100, minutes: "sliding", midnights });
  const conclusions: Conclusion[] = [];
  const changes: HealthChange[] = [];
  const pool: Pool = poolOf(credentials, {
    inferProjects,
    onChange: (change) => void changes.push(change),
    onConclusion: (conclusion) => void conclusions.push(conclusion),
  });
  pool.restore({ cooldowns: [], disabled: [] }, start);
  let refusals = 0;

  function call(now: number): void {
    const tried: string[] = [];
    for (;;) {
      const pick = ask(pool, { ...small, now, tried });
      if (!pick.ok) return;
      const { lease } = pick;
      const refusal = google.ask(truth[lease.credentialId] as string, now);
      pool.settle(lease, refusal === null ? { tokens: 10 } : null, now);
      pool.release(lease);
      if (refusal === null) return pool.succeed(lease, "m", null, now);
      refusals++;
      pool.apply({ lease, model: "m", ...refusal, consumer: null, now });
      tried.push(lease.credentialId);
    }
  }

  return {
    google,
    conclusions,
    changes,
    day(index) {
      for (let count = 0; count < 500; count++) call((midnights[index] as number) + 60_000 + count * 120_000);
    },
    learn() {
      for (const id of Object.keys(truth)) judged(pool, id, { limits: [limitOf("day", 100)], now: start });
    },
    projects: () => Object.fromEntries(pool.view(start).map((view) => [view.id, view.projectId])),
    refusals: () => refusals,
  };
}
