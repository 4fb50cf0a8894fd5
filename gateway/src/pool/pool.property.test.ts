import fc from "fast-check";
import { expect, test } from "vitest";
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import { createNaivePool } from "./naive-pool.ts";
import type { NaiveMember } from "./naive-pool.ts";
import { createPool } from "./pool.ts";
import type { Cooldown, Disabled, Pick, PickRequest, Pool, PoolChange } from "./types.ts";

const start = 1_800_000_000_000;
const ids = ["a", "b", "c", "d", "e"];

type Action =
  | { do: "pick"; change: Omit<PickRequest, "now"> }
  | { do: "apply"; id: string; model: string | null; effects: Effect[]; consumer: string | null }
  | { do: "advance"; byMs: number }
  | { do: "replace"; list: Credential[] }
  | { do: "reset"; id: string }
  | { do: "release" | "probe" | "restart" };

const id = fc.constantFrom(...ids);
const model = fc.constantFrom("x", "y", null);
const duration = fc.constantFrom(10, 100, 1_000, 5_000);
const cooldown: fc.Arbitrary<Effect> = fc.record({
  kind: fc.constant("cooldown" as const),
  scope: fc.constantFrom("project-model", "credential-model", "project", "credential", "model"),
  untilMs: duration,
  cause: fc.constantFrom("minute-quota", "day-quota", "money"),
  words: fc.constant(""),
});
const disable: fc.Arbitrary<Effect> = fc.record({
  kind: fc.constant("disable" as const),
  scope: fc.constantFrom("credential", "project"),
  reason: fc.constantFrom("leaked", "denied"),
  probeAtMs: fc.oneof(duration, fc.constant(null)),
  words: fc.constant(""),
});
const effect = fc.oneof({ weight: 4, arbitrary: cooldown }, { weight: 1, arbitrary: disable });
const credential = (name: string): fc.Arbitrary<Credential> =>
  fc.record({
    id: fc.constant(name),
    name: fc.constant(name),
    secret: fc.constant(toSecret(name)),
    projectId: fc.constantFrom(null, null, "p", "q"),
    source: fc.constant("stored"),
    weight: fc.constantFrom(1, 2),
    tier: fc.constantFrom(0, 0, 1),
    enabled: fc.constantFrom(true, true, true, false),
  });
const list = fc.subarray(ids).chain((names) => fc.tuple(...names.map(credential)));
const weightedActions: [number, fc.Arbitrary<Action>][] = [
  [
    12,
    fc.record({
      do: fc.constant("pick"),
      change: fc.record({
        model,
        strategy: fc.constantFrom(
          "round_robin",
          "least_used",
          "weighted",
          "sticky",
          "sticky_until_error",
          "least_errors",
          "newest",
        ),
        stickyKey: fc.constantFrom(null, "one", "two"),
        tried: fc.subarray(ids),
        allowTried: fc.boolean(),
      }),
    }),
  ],
  [
    4,
    fc.record({
      do: fc.constant("apply"),
      id,
      model,
      effects: fc.array(effect, { maxLength: 2 }),
      consumer: fc.constantFrom(null, null, null, "projects/1", "projects/2"),
    }),
  ],
  [3, fc.record({ do: fc.constant("advance"), byMs: fc.constantFrom(1, 10, 99, 1_000, 10_000) })],
  [2, fc.record({ do: fc.constant("replace"), list })],
  [1, fc.record({ do: fc.constant("reset"), id })],
  [4, fc.record({ do: fc.constant("release") })],
  [1, fc.record({ do: fc.constantFrom("probe", "restart") })],
];
const action = fc.oneof(...weightedActions.map(([weight, arbitrary]) => ({ weight, arbitrary })));

test("agrees with a naive model on who may serve, in which order, why not, and what is kept", () => {
  fc.assert(
    fc.property(list, fc.array(action, { maxLength: 120, size: "max" }), (first, actions) => {
      const world = createWorld();
      world.run({ do: "replace", list: first });
      for (const one of actions) world.run(one);
      world.check();
    }),
    { numRuns: 400 },
  );
});

// --- helpers ---

function leaseOf(name: string): Lease {
  return { credentialId: name, credentialName: name, projectId: "unknown", secret: toSecret(name) };
}

function ask(change: Partial<PickRequest>, now: number): PickRequest {
  return { model: null, strategy: "round_robin", stickyKey: null, tried: [], now, ...change };
}

function newPool(onChange: (change: PoolChange) => void): Pool {
  return createPool({ random: { next: () => 0, bytes: (length) => new Uint8Array(length) }, onChange });
}

/** A pool beside its naive model and a store. */
function createWorld(): { run(action: Action): void; check(): void } {
  const naive = createNaivePool();
  const store = new Map<string, Cooldown | Disabled>();
  const learned = new Map<string, string>();
  let now = start;
  let turn = 0;
  let leases: Lease[] = [];
  let pool = newPool(keep);

  function keep(change: PoolChange): void {
    if (change.kind === "project") return void learned.set(change.credentialId, change.projectId);
    const { value } = change;
    const name = change.kind === "cooldown" ? change.value.model : "";
    const key = `${change.kind} ${value.scope} ${value.subject} ${name}`;
    if (!change.removed) store.set(key, value);
    else expect(store.delete(key)).toBe(true);
  }

  function checkPick(request: PickRequest, given: Pick, name: string): void {
    turn++;
    for (const one of naive.members()) {
      if (!one.turns.has(name)) one.turns.set(name, { lastUse: one.lastUse, uses: 0 });
    }
    const able = naive.able(name, now);
    let candidates = able.filter((one) => !request.tried.includes(one.credential.id));
    if (candidates.length === 0 && request.allowTried === true) candidates = able;
    if (!given.ok) {
      expect(candidates).toEqual([]);
      return checkRefusal(given, name);
    }
    const tier = Math.min(...candidates.map((one) => one.credential.tier));
    candidates = candidates.filter((one) => one.credential.tier === tier);
    const chosen = candidates.find((one) => one.credential.id === given.lease.credentialId);
    if (chosen === undefined) throw new Error(`${given.lease.credentialId} may not serve`);
    expect(given.lease.projectId).toBe(chosen.project);
    const key = orderKey(request, name);
    if (key !== null) expect(key(chosen)).toBe(Math.min(...candidates.map(key)));
    chosen.turns.set(name, { lastUse: turn, uses: (chosen.turns.get(name)?.uses ?? NaN) + 1 });
    chosen.lastUse = turn;
    chosen.uses++;
    leases.push(given.lease);
  }

  function checkRefusal(given: Extract<Pick, { ok: false }>, name: string): void {
    const able = naive.able(name, now);
    const causes: Record<string, number> = {};
    const ends: number[] = [];
    for (const one of naive.members()) {
      if (able.includes(one)) continue;
      const longest = naive.holding(one, name, now).sort((left, right) => right.untilMs - left.untilMs)[0];
      const out = !one.credential.enabled ? "off" : naive.disableOf(one)?.reason;
      // Which cause counts among those that end at the same time is open.
      const cause = out ?? "resting";
      causes[cause] = (causes[cause] ?? 0) + 1;
      if (out === undefined) ends.push(longest?.untilMs ?? NaN);
    }
    const { "minute-quota": minute = 0, "day-quota": day = 0, money = 0, ...others } = given.causes;
    const resting = minute + day + money;
    expect(resting === 0 ? others : { ...others, resting }).toEqual(causes);
    expect(given.soonestMs).toBe(ends.length === 0 ? null : Math.min(...ends));
    const dead = ends.length > 0 ? "cooling" : "unusable";
    expect(given.reason).toBe(naive.members().length === 0 ? "empty" : able.length > 0 ? "tried" : dead);
  }

  function apply({ id: name, model: asked, effects, consumer }: Extract<Action, { do: "apply" }>): void {
    const timed = effects.map((one): Effect => {
      if (one.kind === "cooldown") return { ...one, untilMs: now + one.untilMs };
      return { ...one, probeAtMs: one.probeAtMs === null ? null : now + one.probeAtMs };
    });
    pool.apply({ lease: leaseOf(name), model: asked, rule: "r", effects: timed, consumer, limits: [], now });
    const learns = naive.apply(name, { model: asked ?? "", effects: timed, consumer }, now);
    if (learns) expect(learned.get(name)).toBe(consumer);
  }

  function checkProbes(): void {
    const due = pool.dueProbes(now).map((lease) => naive.find(lease.credentialId) as NaiveMember);
    const rows = naive.disables().filter((row) => row.probeAtMs !== null && row.probeAtMs <= now);
    const concerns = (one: NaiveMember, row: (typeof rows)[number]): boolean =>
      naive.subjectOf(one, row.scope) === row.subject;
    for (const row of rows) {
      const through = naive.members().filter((one) => one.credential.enabled && concerns(one, row));
      expect(due.some((one) => concerns(one, row))).toBe(through.length > 0);
    }
    for (const one of due) expect(one.credential.enabled && rows.some((row) => concerns(one, row))).toBe(true);
    // All subjects are swept now: nothing that has run out is left in the store.
    expect([...store.values()].filter((row) => "untilMs" in row && row.untilMs <= now)).toEqual([]);
  }

  function restart(): void {
    const rows = [...store.values()];
    const isCooldown = (row: Cooldown | Disabled): row is Cooldown => "untilMs" in row;
    const isDisabled = (row: Cooldown | Disabled): row is Disabled => !isCooldown(row);
    pool = newPool(keep);
    turn = 0;
    leases = [];
    pool.replace(naive.restart());
    pool.restore({ cooldowns: rows.filter(isCooldown), disabled: rows.filter(isDisabled) }, now);
    check();
  }

  function check(): void {
    expect(pool.view(now)).toHaveLength(naive.members().length);
    for (const view of pool.view(now)) {
      const { project, uses } = naive.find(view.id) as NaiveMember;
      const inFlight = leases.filter((lease) => lease.credentialId === view.id).length;
      expect(view).toMatchObject({ projectId: project, uses, inFlight });
    }
    const running = [...store.values()].filter((row) => !("untilMs" in row) || row.untilMs > now);
    const expected = [...naive.rests().filter((row) => row.untilMs > now), ...naive.disables()];
    expect(running.map(signature).sort()).toEqual(expected.map(signature).sort());
  }

  function run(one: Action): void {
    if (one.do === "pick") {
      const request = ask(one.change, now);
      checkPick(request, pool.pick(request), request.model ?? "");
    } else if (one.do === "apply") apply(one);
    else if (one.do === "advance") now += one.byMs;
    else if (one.do === "replace") {
      pool.replace(one.list);
      naive.replace(one.list);
    } else if (one.do === "reset") {
      pool.reset(one.id);
      naive.reset(one.id);
    } else if (one.do === "release") {
      const lease = leases.pop();
      if (lease !== undefined) pool.release(lease);
    } else if (one.do === "probe") checkProbes();
    else restart();
  }

  return { run, check };
}

/** The number that must be smallest for the chosen one; null: bindings decide. */
function orderKey(request: PickRequest, name: string): ((member: NaiveMember) => number) | null {
  switch (request.strategy) {
    case "round_robin":
      return (member) => member.turns.get(name)?.lastUse ?? NaN;
    case "sticky":
      return request.stickyKey === null ? (member) => member.turns.get(name)?.lastUse ?? NaN : null;
    case "least_used":
      return (member) => member.turns.get(name)?.uses ?? NaN;
    case "least_errors":
      return (member) => member.faults;
    case "newest":
      return (member) => -member.joined;
    default:
      return null;
  }
}

function signature(row: object): string {
  const { scope, subject, model: name, untilMs, reason, probeAtMs } = row as Partial<Cooldown & Disabled>;
  return [scope, subject, name, untilMs, reason, probeAtMs].join(" ");
}
