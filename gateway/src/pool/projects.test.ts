import { beforeEach, expect, test } from "vitest";
import type { Credential } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import { createPool } from "./pool.ts";
import type { Cooldown, Disabled, Pool, HealthChange } from "./types.ts";

const now = 1_800_000_000_000;
let pool: Pool;
/** What a store would hold. */
let rows: Map<string, Exclude<HealthChange, { kind: "project" }>>;
let learned: Map<string, string>;
let told: number;

beforeEach(() => {
  rows = new Map();
  learned = new Map();
  told = 0;
  pool = newPool();
});

test("a credential without a project is its own, and a project set by hand is kept as it is", () => {
  pool.replace([credentialOf("a"), credentialOf("b", "mine")]);
  expect(projectsOf()).toEqual({ a: "own:a", b: "mine" });
  apply("a", { consumer: "projects/7" });
  apply("b", { consumer: "projects/7" });
  expect(projectsOf()).toEqual({ a: "projects/7", b: "mine" });
  expect([...learned]).toEqual([["a", "projects/7"]]);
});

test("only project numbers are learned, with or without their prefix, once each", () => {
  pool.replace([credentialOf("a")]);
  apply("a", { consumer: "api_key:AIzaSomething" });
  apply("a", { consumer: "projects/" });
  apply("a", { consumer: "projects/evil-name" });
  expect(learned.size).toBe(0);
  apply("a", { consumer: "12345" });
  expect(projectsOf()).toEqual({ a: "projects/12345" });
  told = 0;
  apply("a", { consumer: "projects/12345" });
  expect(told).toBe(0);
  apply("a", { consumer: "projects/9" });
  expect(projectsOf()).toEqual({ a: "projects/9" });
});

test("keys that turn out to be of one project rest together", () => {
  pool.replace(["a", "b", "c"].map((id) => credentialOf(id)));
  apply("b", { consumer: "projects/7" });
  apply("a", { consumer: "projects/7", effects: [rest(5_000, "project-model")] });
  expect(able()).toEqual(["c"]);
  expect([...rows.keys()]).toEqual(["project-model projects/7 m"]);
});

test("what was known of a credential as its own project moves with it", () => {
  pool.replace(["a", "b"].map((id) => credentialOf(id)));
  apply("b", { consumer: "projects/7", effects: [rest(1_000, "project-model")] });
  apply("a", { effects: [rest(9_000, "project-model"), rest(2_000, "project")] });
  expect([...rows.keys()].sort()).toEqual(["project own:a ", "project-model own:a m", "project-model projects/7 m"]);
  apply("a", { consumer: "projects/7" });
  expect([...rows.keys()].sort()).toEqual(["project projects/7 ", "project-model projects/7 m"]);
  expect(able(now + 8_999)).toEqual([]);
  expect(able(now + 9_000)).toEqual(["a", "b"]);
});

test("a credential that leaves a project with others takes no rest along", () => {
  pool.replace(["a", "b"].map((id) => credentialOf(id, "projects/7")));
  apply("a", { effects: [rest(5_000, "project")] });
  expect(able()).toEqual([]);
  apply("a", { consumer: "projects/8" });
  expect(able()).toEqual(["a"]);
});

test("a refusal that was given before a project was learned is not given again", () => {
  pool.replace([credentialOf("a", "projects/7"), credentialOf("b", "projects/7"), credentialOf("c", "projects/8")]);
  apply("a", { effects: [rest(5_000, "project")] });
  apply("c", { effects: [{ ...rest(9_000, "project"), cause: "money" } as Effect] });
  const causes = (): unknown => pool.pick({ model: "m", strategy: "round_robin", stickyKey: null, tried: [], now });
  expect(causes()).toMatchObject({ causes: { "minute-quota": 2, money: 1 } });
  apply("a", { consumer: "projects/8" });
  expect(causes()).toMatchObject({ causes: { "minute-quota": 1, money: 2 } });
});

test("a learned project outlives lists that do not know it; the operator's word replaces it", () => {
  pool.replace([credentialOf("a")]);
  apply("a", { consumer: "projects/7", effects: [rest(5_000, "project")] });
  pool.replace([credentialOf("a"), credentialOf("b")]);
  expect(projectsOf()).toEqual({ a: "projects/7", b: "own:b" });
  expect(able()).toEqual(["b"]);
  pool.replace([credentialOf("a", "mine"), credentialOf("b", "mine")]);
  expect(projectsOf()).toEqual({ a: "mine", b: "mine" });
  expect(able()).toEqual([]);
  expect([...rows.keys()]).toEqual(["project mine "]);
});

test("rows of credentials and projects that are gone leave the store", () => {
  pool.replace([credentialOf("a", "p"), credentialOf("b", "p")]);
  apply("a", { effects: [rest(5_000, "credential"), rest(5_000, "project-model"), disable("leaked", "credential")] });
  apply("b", { effects: [disable("denied", "project")] });
  pool.replace([credentialOf("b", "p")]);
  expect([...rows.keys()].sort()).toEqual(["project p", "project-model p m"]);
  pool.replace([]);
  expect(rows.size).toBe(0);
});

test("restored health holds again, and only what is of no use any more is announced", () => {
  pool.replace([credentialOf("a"), credentialOf("b", "p"), credentialOf("c", "q"), credentialOf("d")]);
  apply("a", { effects: [rest(5_000, "credential-model"), rest(100, "credential")] });
  apply("b", { effects: [rest(6_000, "project-model"), rest(90_000, "model")] });
  apply("c", { effects: [disable("denied", "project")] });
  apply("d", { effects: [disable("leaked", "credential")] });
  const kept = stored();
  expect(kept.cooldowns).toHaveLength(4);

  pool = newPool();
  told = 0;
  pool.replace([credentialOf("a"), credentialOf("b", "p"), credentialOf("c", "q")]);
  pool.restore(kept, now + 100);
  expect(told).toBe(2);
  expect([...rows.keys()].sort()).toEqual(["credential-model a m", "model  m", "project q", "project-model p m"]);
  expect(able(now + 4_999)).toEqual([]);
  expect(able(now + 5_000)).toEqual(["a"]);
  expect(able(now + 6_000)).toEqual(["a", "b"]);
  expect(pool.dueProbes(now + 86_400_000).map((lease) => lease.credentialId)).toEqual(["c"]);
});

test("a restored rest of a project waits for its credential to be learned again, and ends by itself", () => {
  const words = "";
  const one: Cooldown = {
    scope: "project-model",
    subject: "projects/7",
    model: "m",
    untilMs: now + 5_000,
    sinceMs: now,
    cause: "day-quota",
    rule: "quota.day",
    words,
  };
  rows.set("project-model projects/7 m", { kind: "cooldown", value: one, removed: false });
  pool.replace([credentialOf("a")]);
  pool.restore({ cooldowns: [one], disabled: [] }, now);
  expect(able()).toEqual(["a"]);
  apply("a", { consumer: "projects/7" });
  expect(able()).toEqual([]);

  pool = newPool();
  pool.replace([credentialOf("a")]);
  pool.restore({ cooldowns: [one], disabled: [] }, now);
  pool.dueProbes(now + 4_999);
  expect(rows.size).toBe(1);
  pool.dueProbes(now + 5_000);
  expect(rows.size).toBe(0);
});

test("what was kept for a credential as its own project is found when it has one now", () => {
  pool.replace([credentialOf("a")]);
  apply("a", { effects: [rest(5_000, "project-model"), disable("denied", "project")] });
  const kept = stored();
  pool = newPool();
  pool.replace([credentialOf("a", "p")]);
  pool.restore(kept, now);
  expect([...rows.keys()].sort()).toEqual(["project p", "project-model p m"]);
  expect(able()).toEqual([]);
});

test("cooldowns that have run out leave the store by later verdicts and by looks for due probes", () => {
  const ids = Array.from({ length: 300 }, (_, index) => `c${index}`);
  pool.replace(ids.map((id) => credentialOf(id)));
  for (const id of ids) apply(id, { effects: [rest(1_000, "project-model"), rest(1_000, "credential")] });
  expect(rows.size).toBe(600);
  for (const id of ids.slice(0, 75)) apply(id, { effects: [], at: now + 1_000 });
  expect(rows.size).toBe(0);
  for (const id of ids) apply(id, { effects: [rest(1_000, "credential-model")], at: now + 2_000 });
  pool.dueProbes(now + 3_000);
  expect(rows.size).toBe(0);
});

// --- helpers ---

function newPool(): Pool {
  return createPool({
    random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
    onChange(change) {
      told++;
      if (change.kind === "project") return void learned.set(change.credentialId, change.projectId);
      const { scope, subject } = change.value;
      const key = change.kind === "cooldown" ? `${scope} ${subject} ${change.value.model}` : `${scope} ${subject}`;
      if (change.removed) rows.delete(key);
      else rows.set(key, change);
    },
  });
}

function stored(): { cooldowns: Cooldown[]; disabled: Disabled[] } {
  const kept: { cooldowns: Cooldown[]; disabled: Disabled[] } = { cooldowns: [], disabled: [] };
  for (const one of rows.values()) {
    if (one.kind === "cooldown") kept.cooldowns.push(one.value);
    else kept.disabled.push(one.value);
  }
  return kept;
}

function credentialOf(id: string, projectId: string | null = null): Credential {
  return { id, name: id, secret: toSecret(id), projectId, source: "stored", weight: 1, tier: 0, enabled: true };
}

function rest(forMs: number, scope: Cooldown["scope"]): Effect {
  return { kind: "cooldown", scope, untilMs: forMs, cause: "minute-quota", words: "" };
}

function disable(reason: Disabled["reason"], scope: Disabled["scope"]): Effect {
  return { kind: "disable", scope, reason, probeAtMs: now + 86_400_000, words: "" };
}

/** Applies to model m; the ends of cooldowns are given as durations. */
function apply(id: string, verdict: { consumer?: string; effects?: readonly Effect[]; at?: number }): void {
  const at = verdict.at ?? now;
  const projectId = pool.view(at).find((view) => view.id === id)?.projectId ?? "";
  pool.apply({
    lease: { credentialId: id, credentialName: id, projectId, secret: toSecret(id) },
    model: "m",
    rule: "rule",
    effects: (verdict.effects ?? []).map((effect) =>
      effect.kind === "cooldown" ? { ...effect, untilMs: at + effect.untilMs } : effect,
    ),
    consumer: verdict.consumer ?? null,
    limits: [],
    now: at,
  });
}

function projectsOf(): Record<string, string> {
  return Object.fromEntries(pool.view(now).map((view) => [view.id, view.projectId]));
}

/** Everyone who can serve the model, sorted. */
function able(at: number = now): string[] {
  const found: string[] = [];
  for (;;) {
    const pick = pool.pick({ model: "m", strategy: "round_robin", stickyKey: null, tried: found, now: at });
    if (!pick.ok) return found.sort();
    pool.release(pick.lease);
    found.push(pick.lease.credentialId);
  }
}
