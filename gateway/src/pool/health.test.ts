import { beforeEach, expect, test } from "vitest";
import type { Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { CooldownCause, Effect } from "../core/verdict.ts";
import { credentialOf } from "./pool-fixture.ts";
import { createPool } from "./pool.ts";
import type { Cooldown, CredentialView, Disabled, Pool, HealthChange } from "./types.ts";

const now = 1_800_000_000_000;
let pool: Pool;
/** What a store would hold. */
let rows: Map<string, Cooldown | Disabled>;
let changes: HealthChange[];

beforeEach(() => {
  rows = new Map();
  changes = [];
  pool = newPool();
});

test("scopes hold what they say and nothing else", () => {
  const can = (id: string, model: string | null): boolean => able(model).includes(id);
  pool.replace([credentialOf("a", { projectId: "p" }), credentialOf("b", { projectId: "p" }), credentialOf("c")]);
  const cases: [Effect["scope"], string[], string[]][] = [
    ["credential-model", ["b", "c"], ["a", "b", "c"]],
    ["project-model", ["c"], ["a", "b", "c"]],
    ["credential", ["b", "c"], ["b", "c"]],
    ["project", ["c"], ["c"]],
    ["model", ["a", "b", "c"], ["a", "b", "c"]],
  ];
  for (const [scope, sameModel, otherModel] of cases) {
    apply("a", [rest(1_000, { scope })]);
    expect(able("m")).toEqual(sameModel);
    expect(able("x")).toEqual(otherModel);
    expect(can("a", null)).toBe(otherModel.includes("a"));
    expect(able("m", now + 1_000)).toEqual(["a", "b", "c"]);
    pool.reset("a");
  }
});

test("an overloaded model is a hint: it is announced but refuses nothing", () => {
  pool.replace([credentialOf("a")]);
  apply("a", [rest(30_000, { scope: "model", cause: "overload" })]);
  expect(able("m")).toEqual(["a"]);
  expect(row("model", "", "m")).toMatchObject({ untilMs: now + 30_000, cause: "overload" });
  apply("a", [], { at: now + 30_000 });
  expect(rows.size).toBe(0);
});

test("the later end wins: a shorter verdict never shortens a day quota", () => {
  pool.replace([credentialOf("a", { projectId: "p" })]);
  apply("a", [rest(3_600_000, { scope: "project-model", cause: "day-quota" })]);
  apply("a", [rest(38_000, { scope: "project-model" })], { at: now + 1_000 });
  expect(row("project-model", "p", "m")).toMatchObject({ untilMs: now + 3_600_000, cause: "day-quota", sinceMs: now });
  apply("a", [rest(7_200_000, { scope: "project-model", cause: "no-quota" })], { at: now + 2_000 });
  expect(row("project-model", "p", "m")).toMatchObject({ untilMs: now + 7_202_000, cause: "no-quota", sinceMs: now });
});

test("bursts rest 10, 20, 40, 60, 60 seconds, and a success starts over", () => {
  pool.replace([credentialOf("a")]);
  let at = now;
  const burst = (): number => {
    apply("a", [rest(10_000, { cause: "burst" })], { at });
    const length = (row("credential-model", "a", "m") as Cooldown).untilMs - at;
    at += length;
    return length / 1_000;
  };
  expect([burst(), burst(), burst(), burst(), burst()]).toEqual([10, 20, 40, 60, 60]);
  pool.succeed(leaseOf("a"), "other model", null, at);
  expect(burst()).toBe(60);
  pool.succeed(leaseOf("a"), "m", null, at);
  expect([burst(), burst()]).toEqual([10, 20]);
});

test("calls that were under way when a burst began do not make it grow", () => {
  pool.replace([credentialOf("a")]);
  for (let index = 0; index < 10; index++) apply("a", [rest(10_000, { cause: "burst" })], { at: now + index });
  expect(row("credential-model", "a", "m")).toMatchObject({ untilMs: now + 9 + 10_000 });
  apply("a", [rest(10_000, { cause: "burst" })], { at: now + 11_000 });
  expect(row("credential-model", "a", "m")).toMatchObject({ untilMs: now + 31_000 });
});

test("an automatic disable keeps its probe, and the same failure of calls under way does not postpone it", () => {
  pool.replace([credentialOf("a"), credentialOf("b")]);
  apply("a", [disable("leaked", now + 86_400_000)]);
  apply("a", [disable("leaked", now + 86_400_500)], { at: now + 500 });
  expect(able("m")).toEqual(["b"]);
  expect(row("credential", "a")).toMatchObject({ reason: "leaked", probeAtMs: now + 86_400_000, sinceMs: now });
  expect(changes).toHaveLength(1);
  expect(pool.dueProbes(now + 86_399_999)).toEqual([]);
  expect(pool.dueProbes(now + 86_400_000).map((lease) => lease.credentialId)).toEqual(["a"]);
  apply("a", [disable("leaked", now + 2 * 86_400_000)], { at: now + 86_400_000 });
  expect(row("credential", "a")).toMatchObject({ probeAtMs: now + 2 * 86_400_000, sinceMs: now });
  expect(pool.dueProbes(now + 86_400_000)).toEqual([]);
  expect(viewOf("a")).toMatchObject({ state: "disabled", disabled: { reason: "leaked" } });
});

test("a disabled project is probed through one credential, not one that is off by hand", () => {
  const ids = ["a", "b", "c"];
  pool.replace(ids.map((id) => credentialOf(id, { projectId: "p", enabled: id !== "a" })));
  apply("b", [disable("invalid-key", null)]);
  apply("b", [disable("service-disabled", now + 600_000, "project")]);
  expect(able("m")).toEqual([]);
  expect(pool.dueProbes(now + 600_000).map((lease) => lease.credentialId)).toEqual(["c"]);
  pool.reset("c");
  expect(able("m")).toEqual(["c"]);
});

test("off by hand outranks everything, and switching on does not lift an automatic disable", () => {
  pool.replace([credentialOf("a")]);
  apply("a", [disable("invalid-key", now + 1)]);
  pool.replace([credentialOf("a", { enabled: false })]);
  expect(viewOf("a").state).toBe("off");
  expect(pool.dueProbes(now + 1)).toEqual([]);
  expect(pool.pick(ask("m"))).toMatchObject({ reason: "unusable", causes: { off: 1 } });
  pool.replace([credentialOf("a")]);
  expect(viewOf("a").state).toBe("disabled");
});

test("reset ends cooldowns, disables and bursts of the credential and its project", () => {
  pool.replace([credentialOf("a", { projectId: "p" }), credentialOf("b", { projectId: "p" })]);
  apply("a", [rest(9_000, { cause: "burst" }), rest(9_000, { scope: "credential" }), disable("restricted", null)]);
  apply("a", [
    rest(9_000, { scope: "project" }),
    rest(9_000, { scope: "project-model" }),
    disable("denied", null, "project"),
  ]);
  expect(able("m")).toEqual([]);
  expect(rows.size).toBe(6);
  pool.reset("a");
  expect(able("m")).toEqual(["a", "b"]);
  expect(rows.size).toBe(0);
  apply("a", [rest(10_000, { cause: "burst" })]);
  expect(row("credential-model", "a", "m")).toMatchObject({ untilMs: now + 10_000 });
});

test("counts tell apart what can serve anything from what cannot", () => {
  pool.replace(["a", "b", "c", "d", "e"].map((id) => credentialOf(id, { enabled: id !== "e" })));
  apply("b", [rest(1_000)]);
  apply("c", [rest(1_000, { scope: "credential" })]);
  apply("d", [disable("leaked", null)]);
  expect(pool.counts(now)).toEqual({ total: 5, usable: 2, cooling: 2, disabled: 1, off: 1, panic: false });
  expect(pool.counts(now + 1_000)).toEqual({ total: 5, usable: 3, cooling: 0, disabled: 1, off: 1, panic: false });
  expect(["a", "b", "c", "d", "e"].map((id) => viewOf(id).state)).toEqual([
    "active",
    "cooling",
    "cooling",
    "disabled",
    "off",
  ]);
});

test("uses and calls in flight are counted, each release once, also across leaving and coming back", () => {
  pool.replace([credentialOf("a")]);
  const first = pool.pick(ask("m"));
  pool.pick(ask("m"));
  expect(viewOf("a")).toMatchObject({ uses: 2, inFlight: 2 });
  pool.replace([]);
  pool.release(leaseOf("a"));
  pool.replace([credentialOf("a")]);
  expect(viewOf("a")).toMatchObject({ uses: 0, inFlight: 1 });
  expect(first.ok).toBe(true);
  pool.release(leaseOf("a"));
  pool.release(leaseOf("a"));
  expect(viewOf("a").inFlight).toBe(0);
});

test("hostile model names and bad numbers cannot grow or break the pool", () => {
  pool.replace([credentialOf("a")]);
  apply("a", [rest(86_400_000, { cause: "day-quota" })], { model: "real" });
  for (let index = 0; index < 1_000; index++)
    apply("a", [rest(90_000_000, { cause: "model-missing" })], { model: `made-up-${index}` });
  for (let index = 0; index < 200; index++)
    apply("a", [rest(60_000, { scope: "model" })], { model: `made-up-${index}` });
  expect(rows.size).toBeLessThan(150);
  expect(able("real")).toEqual([]);
  expect(able("made-up-999")).toEqual([]);
  expect(able("made-up-0")).toEqual(["a"]);
  apply("a", [rest(60_000)], { model: "m".repeat(201) });
  apply("a", [rest(Number.NaN), rest(Infinity), rest(-5), rest(Number.NaN, { cause: "burst" })]);
  expect(able("m")).toEqual(["a"]);
  apply("a", [rest(1e15)]);
  expect(able("m", now + 32 * 86_400_000)).toEqual(["a"]);
});

test("what a verdict says of a credential that has left is dropped, but not what it says of the project", () => {
  pool.replace([credentialOf("a", { projectId: "p" }), credentialOf("b", { projectId: "p" })]);
  pool.replace([credentialOf("b", { projectId: "p" })]);
  apply("a", [disable("invalid-key", null), rest(1_000, { scope: "project-model" })], { projectId: "p" });
  expect(able("m")).toEqual([]);
  expect([...rows.values()].map((one) => one.scope)).toEqual(["project-model"]);
});

// --- helpers ---

function newPool(): Pool {
  return createPool({
    random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
    onChange(change) {
      changes.push(change);
      if (change.kind === "project") return;
      const { scope, subject } = change.value;
      const key = `${scope} ${subject} ${change.kind === "cooldown" ? change.value.model : ""}`.trimEnd();
      if (change.removed) rows.delete(`${change.kind} ${key}`);
      else rows.set(`${change.kind} ${key}`, change.value);
    },
  });
}

function row(scope: string, subject: string, model?: string): Cooldown | Disabled | undefined {
  return rows.get(model === undefined ? `disabled ${scope} ${subject}` : `cooldown ${scope} ${subject} ${model}`);
}

function leaseOf(id: string, projectId: string = `own:${id}`): Lease {
  return { credentialId: id, credentialName: id, projectId, secret: toSecret(id) };
}

function rest(forMs: number, change: { scope?: Effect["scope"]; cause?: CooldownCause } = {}): Effect {
  return {
    kind: "cooldown",
    scope: "credential-model",
    untilMs: forMs,
    cause: "minute-quota",
    words: "",
    ...change,
  };
}

function disable(
  reason: Disabled["reason"],
  probeAtMs: number | null,
  scope: Disabled["scope"] = "credential",
): Effect {
  return { kind: "disable", scope, reason, probeAtMs, words: "" };
}

/** Applies effects; the ends of cooldowns are given as durations. */
function apply(
  id: string,
  effects: readonly Effect[],
  change: { at?: number; model?: string | null; projectId?: string } = {},
): void {
  const at = change.at ?? now;
  pool.apply({
    lease: leaseOf(id, change.projectId),
    model: change.model === undefined ? "m" : change.model,
    rule: "rule",
    effects: effects.map((effect) =>
      effect.kind === "cooldown" ? { ...effect, untilMs: at + effect.untilMs } : effect,
    ),
    consumer: null,
    limits: [],
    now: at,
  });
}

function ask(model: string | null, at: number = now, tried: readonly string[] = []): Parameters<Pool["pick"]>[0] {
  return { model, strategy: "round_robin", stickyKey: null, tried, now: at };
}

/** Everyone who can serve the model, sorted. */
function able(model: string | null, at: number = now): string[] {
  const found: string[] = [];
  for (;;) {
    const pick = pool.pick(ask(model, at, found));
    if (!pick.ok) return found.sort();
    pool.release(pick.lease);
    found.push(pick.lease.credentialId);
  }
}

function viewOf(id: string): CredentialView {
  return pool.view(now).find((view) => view.id === id) as CredentialView;
}
