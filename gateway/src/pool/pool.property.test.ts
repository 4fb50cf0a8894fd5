import fc from "fast-check";
import { expect, test } from "vitest";
import type { Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import { anyAction, anyList } from "../testkit/any-pool-action.ts";
import type { Action } from "../testkit/any-pool-action.ts";
import { createNaivePool, rowSignature } from "./naive-pool.ts";
import type { NaiveMember } from "./naive-pool.ts";
import { createNaiveQuotas } from "./naive-quota.ts";
import { createPool } from "./pool.ts";
import type { QuotaCost } from "./quota/types.ts";
import type { Cooldown, Disabled, HealthChange, Pick, PickRequest, Pool, QuotaChange } from "./types.ts";

const start = 1_800_000_000_000;
const quotaLimits = {
  "*": { "*": { requestsPerMinute: 3, tokensPerMinute: 100 }, y: { requestsPerDay: 6, requestsPerMinute: null } },
};

test("agrees with a naive model on who may serve, in which order, why not, and what is kept", () => {
  fc.assert(
    fc.property(anyList, fc.array(anyAction, { maxLength: 120, size: "max" }), (first, actions) => {
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

function newPool(onChange: (change: HealthChange) => void): Pool {
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) };
  // Every disable is believed and nothing is inferred: both have tests of their own.
  return createPool({ random, onChange, quotaLimits, disableShare: 1, inferProjects: false });
}

/** A pool beside its naive model and a store. */
function createWorld(): { run(action: Action): void; check(): void } {
  const quotas = createNaiveQuotas(quotaLimits);
  const naive = createNaivePool(quotas);
  const store = new Map<string, Cooldown | Disabled>();
  const learned = new Map<string, string>();
  const keptQuota = new Map<string, QuotaChange>();
  let now = start;
  /** The last time that the pool was told: a new list comes without one, and what it moves is dated so. */
  let lastTold = 0;
  let turn = 0;
  let leases: Lease[] = [];
  let pool = newPool(keep);

  function keep(change: HealthChange): void {
    if (change.kind === "project") return void learned.set(change.credentialId, change.projectId);
    const { value } = change;
    const name = change.kind === "cooldown" ? change.value.model : "";
    const key = `${change.kind} ${value.scope} ${value.subject} ${name}`;
    if (!change.removed) store.set(key, value);
    else expect(store.delete(key)).toBe(true);
  }

  /** Who may serve this call if nobody was tried, among `members`. */
  function ableFor(request: PickRequest, name: string): NaiveMember[] {
    const spent = costOf(request, name);
    return naive
      .able(name, now)
      .filter((one) => spent === null || quotas.roomAt(one.project, name, { cost: spent, now }) === 0);
  }

  function projectOf(of: PickRequest["owner"]): string | null {
    if (of == null) return null;
    const known = naive.find(of.credentialId)?.project;
    return known ?? (naive.members().some((one) => one.project === of.projectId) ? of.projectId : null);
  }

  function checkPick(request: PickRequest, given: Pick, name: string): void {
    turn++;
    const spent = costOf(request, name);
    const priced = spent !== null;
    const lane = `${name} ${priced}`;
    for (const one of naive.members()) {
      if (!one.turns.has(lane)) one.turns.set(lane, { lastUse: one.lastUse, uses: 0 });
    }
    const owned = projectOf(request.owner);
    if (request.owner != null && owned === null) {
      return expect(given).toEqual({ ok: false, reason: "gone", causes: {}, soonestMs: null });
    }
    const concerned = naive.members().filter((one) => owned === null || one.project === owned);
    const able = ableFor(request, name).filter((one) => concerned.includes(one));
    let candidates = able.filter((one) => !request.tried.includes(one.credential.id));
    if (candidates.length === 0 && request.allowTried === true) candidates = able;
    if (!given.ok) {
      expect(candidates).toEqual([]);
      return checkRefusal(given, request, { name, concerned, able });
    }
    const preferred = projectOf(request.prefer);
    const near = candidates.filter((one) => one.project === (owned ?? preferred));
    // Tiers do not count within a project that was asked for.
    if (near.length > 0) candidates = near;
    const chosen = candidates.find((one) => one.credential.id === given.lease.credentialId);
    if (chosen === undefined) throw new Error(`${given.lease.credentialId} may not serve`);
    expect(given.lease.projectId).toBe(chosen.project);
    checkOrder(chosen, candidates, { request, name, lane, isNear: near.length > 0 });
    const subjects = naive.rampSubjects(chosen);
    expect(given.lease.trial).toBe(naive.ramps.isRamping(subjects, name) ? name : null);
    naive.ramps.began(subjects, { model: name, now });
    if (spent !== null) quotas.take(chosen.project, name, { cost: spent, now });
    expect(given.lease.reserved?.key).toBe(priced ? `${chosen.project}\n${name}` : undefined);
    chosen.turns.set(lane, { lastUse: turn, uses: (chosen.turns.get(lane)?.uses ?? NaN) + 1 });
    chosen.lastUse = turn;
    chosen.uses++;
    leases.push(given.lease);
  }

  /** Those that come back from a fault may wait a little longer than they must, so only those that are well are in order. */
  function checkOrder(
    chosen: NaiveMember,
    candidates: readonly NaiveMember[],
    parts: { request: PickRequest; name: string; lane: string; isNear: boolean },
  ): void {
    const { request, name, lane, isNear } = parts;
    const isRamping = (one: NaiveMember): boolean => naive.ramps.isRamping(naive.rampSubjects(one), name);
    const well = candidates.filter((one) => !isRamping(one));
    if (naive.ramps.isFull(naive.rampSubjects(chosen), { model: name, now })) return expect(well).toEqual([]);
    if (well.length === 0) return;
    const lowest = Math.min(...well.map((one) => one.credential.tier));
    if (!isNear) expect(chosen.credential.tier).toBeLessThanOrEqual(lowest);
    if (!isRamping(chosen) && !isNear) expect(chosen.credential.tier).toBe(lowest);
    const equals = isNear ? well : well.filter((one) => one.credential.tier === chosen.credential.tier);
    const key = orderKey(request, lane);
    if (key !== null && equals.length > 0) expect(key(chosen)).toBeLessThanOrEqual(Math.min(...equals.map(key)));
  }

  function checkRefusal(
    given: Extract<Pick, { ok: false }>,
    request: PickRequest,
    parts: { name: string; concerned: readonly NaiveMember[]; able: readonly NaiveMember[] },
  ): void {
    const { name, concerned, able } = parts;
    const causes: Record<string, number> = {};
    const ends: number[] = [];
    for (const one of concerned) {
      if (able.includes(one)) continue;
      const out = !one.credential.enabled ? "off" : naive.disableOf(one)?.reason;
      // Which cause counts among those that end at the same time is open.
      const cause = out ?? "resting";
      causes[cause] = (causes[cause] ?? 0) + 1;
      if (out === undefined) ends.push(endOf(one, request, name));
    }
    const resting = ["minute-quota", "day-quota", "no-quota", "money"];
    const told: Record<string, number> = {};
    for (const [cause, count] of Object.entries(given.causes)) {
      const kind = resting.includes(cause) ? "resting" : cause;
      told[kind] = (told[kind] ?? 0) + count;
    }
    expect(told).toEqual(causes);
    const soonest = Math.min(...ends);
    expect(given.soonestMs).toBe(soonest === Infinity ? null : soonest);
    const dead = ends.length > 0 ? "cooling" : "unusable";
    expect(given.reason).toBe(concerned.length === 0 ? "empty" : able.length > 0 ? "tried" : dead);
  }

  /** When the member may serve such a call again. */
  function endOf(one: NaiveMember, request: PickRequest, name: string): number {
    const rests = naive.holding(one, name, now).map((row) => row.untilMs);
    const spent = costOf(request, name);
    return Math.max(...rests, spent === null ? 0 : quotas.returnAt(one.project, name, { cost: spent, now }));
  }

  function apply({ id: name, model: asked, effects, consumer, limits }: Extract<Action, { do: "apply" }>): void {
    const timed = effects.map((one): Effect => {
      if (one.kind === "cooldown") return { ...one, untilMs: now + one.untilMs };
      return { ...one, probeAtMs: one.probeAtMs === null ? null : now + one.probeAtMs };
    });
    pool.apply({ lease: leaseOf(name), model: asked, rule: "r", effects: timed, consumer, limits, now });
    const learns = naive.apply(name, { model: asked ?? "", effects: timed, consumer }, now);
    const project = naive.find(name)?.project ?? null;
    const ends = timed.flatMap((one) => (one.kind === "cooldown" && one.cause.endsWith("-quota") ? [one.untilMs] : []));
    const refusal = ends.length === 0 ? null : { sentAt: now, untilMs: Math.max(...ends) };
    if (project !== null && asked !== null) quotas.learn(project, limits, { model: asked, refusal, now });
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
    keepQuota();
    pool = newPool(keep);
    turn = 0;
    leases = [];
    pool.replace(naive.restart(now));
    const limits = [...keptQuota.values()].flatMap((row) => (row.kind === "quota-limit" ? [row.value] : []));
    const usage = [...keptQuota.values()].flatMap((row) => (row.kind === "quota-usage" ? [row.value] : []));
    lastTold = now;
    pool.restore({ cooldowns: rows.filter(isCooldown), disabled: rows.filter(isDisabled), limits, usage }, now);
    check();
  }

  function keepQuota(): void {
    for (const change of pool.takeQuotaChanges(now)) {
      const { projectId, model: name, metric } = change.value;
      const key = [change.kind, projectId, name, metric, "window" in change.value ? change.value.window : ""].join(" ");
      if (!change.removed) keptQuota.set(key, change);
      else expect(keptQuota.delete(key)).toBe(true);
    }
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
    expect(running.map(rowSignature).sort()).toEqual(expected.map(rowSignature).sort());
  }

  function end(lease: Lease, { ok, used }: Extract<Action, { do: "release" }>): void {
    const member = naive.find(lease.credentialId);
    pool.settle(lease, used, now);
    quotas.settle(lease, member?.project ?? null, { actual: used, now });
    pool.release(lease);
    const subjects = [`p:${lease.projectId}`, ...(member === undefined ? [] : [`c:${lease.credentialId}`])];
    if (lease.trial != null) naive.ramps.ended(subjects, lease.trial);
    if (!ok || member === undefined) return;
    pool.succeed(lease, null, null, now);
    if (lease.trial != null) naive.ramps.succeeded(subjects, lease.trial);
  }

  function run(one: Action): void {
    if (one.do === "pick") {
      const request = ask(one.change, now);
      lastTold = now;
      checkPick(request, pool.pick(request), request.model ?? "");
    } else if (one.do === "apply") {
      lastTold = now;
      apply(one);
    } else if (one.do === "advance") now += one.byMs;
    else if (one.do === "replace") {
      pool.replace(one.list);
      naive.replace(one.list, lastTold);
    } else if (one.do === "reset") {
      pool.reset(one.id);
      naive.reset(one.id);
    } else if (one.do === "release") {
      const lease = leases.pop();
      if (lease !== undefined) end(lease, one);
    } else if (one.do === "probe") checkProbes();
    else restart();
  }

  return { run, check };
}

/** No call takes less than one token. */
function costOf({ cost }: PickRequest, name: string): QuotaCost | null {
  return name === "" || cost == null ? null : { requests: 1, tokens: Math.max(1, cost.tokens) };
}

/** The number that must be smallest for the chosen one; null: bindings decide. */
function orderKey(request: PickRequest, lane: string): ((member: NaiveMember) => number) | null {
  if (request.affinityKey != null) return null;
  switch (request.strategy) {
    case "round_robin":
      return (member) => member.turns.get(lane)?.lastUse ?? NaN;
    case "sticky":
      return request.stickyKey === null ? (member) => member.turns.get(lane)?.lastUse ?? NaN : null;
    case "least_used":
      return (member) => member.turns.get(lane)?.uses ?? NaN;
    case "least_errors":
      return (member) => member.faults;
    case "newest":
      return (member) => -member.joined;
    default:
      return null;
  }
}
