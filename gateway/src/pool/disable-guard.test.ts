import { expect, test } from "vitest";
import type { Panic } from "./disable-guard.ts";
import { ask, credentialOf, disable, judged, noon, poolOf, refusal, serveMany } from "./pool-fixture.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { Disabled, Pool } from "./types.ts";

const minute = 60_000;

test("half of the pool may be disabled within ten minutes; what comes then rests a minute and is suspect", () => {
  const { pool, panics } = poolOfTen();
  for (let index = 0; index < 7; index++) judged(pool, `c${index}`, { effects: [disable()] });
  expect(states(pool)).toEqual({ disabled: 5, cooling: 2, active: 3 });
  expect(pool.counts(noon)).toMatchObject({ disabled: 5, panic: true });
  expect(panics).toEqual([{ now: noon, disabled: 5, most: 5 }]);
  expect(serveMany(pool, 3).sort()).toEqual(["c7", "c8", "c9"]);
  for (let index = 7; index < 10; index++) judged(pool, `c${index}`, { effects: [disable()] });
  expect(refusal(pool)).toMatchObject({
    reason: "cooling",
    causes: { "invalid-key": 5, suspect: 5 },
    soonestMs: noon + minute,
  });
  expect(ask(pool, { now: noon + minute }).ok).toBe(true);
});

test("in a panic the disables that were believed are probed within a minute", () => {
  const { pool } = poolOfTen();
  for (let index = 0; index < 5; index++) judged(pool, `c${index}`, { effects: [disable()] });
  expect(pool.dueProbes(noon + minute)).toEqual([]);
  judged(pool, "c5", { effects: [disable()] });
  expect(pool.dueProbes(noon + minute)).toHaveLength(5);
  pool.reset("c0");
  expect(pool.counts(noon + minute)).toMatchObject({ disabled: 4, panic: true });
});

test("a panic ends ten minutes after the last disable that was not believed, and is told once", () => {
  const { pool, panics } = poolOfTen();
  for (let index = 0; index < 6; index++) judged(pool, `c${index}`, { effects: [disable()] });
  judged(pool, "c6", { effects: [disable()], now: noon + 5 * minute });
  expect(panics).toHaveLength(1);
  expect(pool.counts(noon + 15 * minute - 1).panic).toBe(true);
  expect(pool.counts(noon + 15 * minute).panic).toBe(false);
});

test("disables that are ten minutes old, or were lifted, do not count", () => {
  const { pool } = poolOfTen();
  for (let index = 0; index < 5; index++) judged(pool, `c${index}`, { effects: [disable()] });
  pool.reset("c0");
  judged(pool, "c5", { effects: [disable()] });
  judged(pool, "c6", { effects: [disable()], now: noon + 10 * minute });
  expect(pool.counts(noon + 10 * minute)).toMatchObject({ disabled: 6, panic: false });
});

test("a credential that is disabled again counts once", () => {
  const { pool } = poolOfTen();
  for (let index = 0; index < 20; index++) judged(pool, "c0", { effects: [disable()], now: noon + index * 1_000 });
  expect(pool.counts(noon).panic).toBe(false);
});

test("three may always be disabled", () => {
  const pool = poolOf(["a", "b", "c", "d"]);
  for (const id of ["a", "b", "c", "d"]) judged(pool, id, { effects: [disable()] });
  expect(pool.counts(noon)).toMatchObject({ disabled: 3, cooling: 1, panic: true });
});

test("a project counts with all of its keys that still serve", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const pool = poolOf(ids.map((id, index) => credentialOf(id, { projectId: index < 6 ? "p" : "q" })));
  judged(pool, "c0", { effects: [disable({ scope: "project", reason: "denied" })] });
  expect(pool.counts(noon)).toMatchObject({ disabled: 0, cooling: 6, panic: true });
  judged(pool, "c6", { effects: [disable({ scope: "project", reason: "denied" })] });
  expect(pool.counts(noon)).toMatchObject({ disabled: 4, cooling: 6 });
});

test("switched off by hand stays off in a panic, and is no part of the pool's size", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const pool = poolOf(ids.map((id, index) => credentialOf(id, { enabled: index < 8 })));
  for (let index = 0; index < 5; index++) judged(pool, `c${index}`, { effects: [disable()] });
  expect(states(pool)).toEqual({ disabled: 4, cooling: 1, active: 3, off: 2 });
});

test("every automatic disable is probed some day", () => {
  const rows: Disabled[] = [];
  const pool = poolOf(["a", "b"], {
    onChange(change) {
      if (change.kind === "disabled") rows.push(change.value);
    },
  });
  judged(pool, "a", { effects: [disable({ reason: "leaked", probeAtMs: null })] });
  judged(pool, "b", { effects: [disable({ scope: "project", reason: "suspended", probeAtMs: noon + minute })] });
  expect(rows.map((row) => row.probeAtMs)).toEqual([noon + 1_440 * minute, noon + minute]);
});

// --- helpers ---

function poolOfTen(): { pool: Pool; panics: Panic[] } {
  const panics: Panic[] = [];
  const options: Partial<PoolOptions> = { onPanic: (panic) => void panics.push(panic) };
  return {
    pool: poolOf(
      Array.from({ length: 10 }, (_, index) => `c${index}`),
      options,
    ),
    panics,
  };
}

function states(pool: Pool): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of pool.view(noon)) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
