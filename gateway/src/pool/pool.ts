/**
 * The pool: which credential serves the next attempt, and what is known of each one's health.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import { createDisableGuard } from "./disable-guard.ts";
import { applyEffect, refusalOf } from "./effects.ts";
import { createHealthBook } from "./health-book.ts";
import type { Health } from "./health.ts";
import { createJoins } from "./joins.ts";
import type { Joins } from "./joins.ts";
import { countedFault, wake } from "./lane.ts";
import { createLanes } from "./lanes.ts";
import { busyUntil, hasProjectByHand, toProjectId } from "./member.ts";
import type { Member, Project } from "./member.ts";
import { createPicker, laneName, projectOfOwner } from "./picker.ts";
import type { PoolOptions } from "./pool-options.ts";
import { findDueProbes } from "./probes.ts";
import { createQuotaKeeper } from "./quota-keeper.ts";
import type { RefusedLimit } from "./quota-keeper.ts";
import { rampEnded, rampSucceeded } from "./ramp.ts";
import { projectForRow, restoreHealth } from "./restore.ts";
import { createRoster, projectIdOf } from "./roster.ts";
import { leastCost } from "./select.ts";
import { createStickyMap } from "./sticky.ts";
import { countMembers, toView } from "./survey.ts";
import type { Pool } from "./types.ts";

const defaultBurstStepsMs = [10_000, 20_000, 40_000, 60_000];
/** Subjects looked at for cooldowns that have run out: after a verdict, and at a look for due probes. */
const sweepAfterVerdict = 4;
const sweepAtProbes = 2_000;

/** Members of a project that are woken at a time when room comes back early; the others follow as it is used. */
const wakenAtOnce = 64;

/**
 * An empty pool.
 *
 * - A pick is O(log n), for an owner O(keys of its project); a refusal is O(n) once and is then remembered until health
 *   changes, room comes back, or the first rest ends.
 * - Cooldowns of scope `model` (overload) are kept and announced but never refuse a call: they concern every credential
 *   alike, so resting would only turn a chance into an error. The retry policy waits instead.
 * - Who comes back from a fault is tried out first, see ramp.ts; verdicts that would disable most of the pool at once are
 *   not believed, see disable-guard.ts.
 * @param options see there
 */
export function createPool(options: PoolOptions): Pool {
  const roster = createRoster(() => (options.startAnywhere === true ? options.random.next() : 0));
  const lanes = createLanes(Math.max(1, options.modelCapacity ?? 256), roster);
  const book = createHealthBook(options.onChange);
  const sticky = createStickyMap({
    capacity: options.stickyCapacity ?? 50_000,
    ttlMs: options.stickyTtlMs ?? 3_600_000,
  });
  const homes = createStickyMap({
    capacity: options.affinityCapacity ?? 50_000,
    ttlMs: options.affinityTtlMs ?? 3_600_000,
  });
  const quotas = createQuotaKeeper({
    limits: options.quotaLimits ?? {},
    projects: () => roster.projects.size,
    onRoom,
  });
  let limits = options.quotaLimits ?? {};
  let scheduled = options.quotaScheduling ?? true;
  let disableShare = options.disableShare ?? 0.5;
  let enabled = 0;
  const guard = createDisableGuard({
    share: () => disableShare,
    size: () => enabled,
    book,
    onPanic: options.onPanic ?? (() => undefined),
  });
  const tools = { book, guard, steps: options.burstStepsMs ?? defaultBurstStepsMs };
  /** The latest time that the pool was told: lists come without one. */
  let lastNow = 0;
  let sweepAt = 0;

  function wakeAll(members: Iterable<Member>): void {
    for (const member of members) for (const lane of lanes.all()) wake(lane, member, roster);
  }

  function onRoom(project: Project, model: string, now: number): void {
    const lane = lanes.find(model, true);
    if (lane === null) return;
    lane.refusal = null;
    const cell = project.quotas?.get(model);
    if (cell === undefined || (!cell.resting && cell.waking === null) || cell.bucket.roomAt(leastCost, now) > 0) return;
    let woken = 0;
    // Goes on where it ended the last time: whoever rests again meanwhile sets `resting` again.
    if (cell.waking === null) cell.resting = false;
    const waking = (cell.waking ??= project.members.values());
    for (let next = waking.next(); next.done !== true; next = waking.next())
      if (wake(lane, next.value, roster) && ++woken === wakenAtOnce) return;
    cell.waking = null;
  }

  function forgetRefusals(): void {
    for (const lane of lanes.all()) lane.refusal = null;
    lanes.barred.refusal = null;
  }

  function sweep(count: number, now: number): void {
    const most = Math.min(count, roster.bySlot.length);
    for (let step = 0; step < most; step++) {
      sweepAt = (sweepAt + 1) % roster.bySlot.length;
      const member = roster.bySlot[sweepAt];
      if (member === undefined) continue;
      book.sweep(member.health, now);
      book.sweep(member.project.health, now);
    }
    book.sweepModels(now);
  }

  /** Of the credential and of the project that it was lent from, as far as they are here. */
  function healthsOf(lease: Lease): Health[] {
    const subjects = [roster.byId.get(lease.credentialId), roster.projects.get(lease.projectId)];
    return subjects.flatMap((subject) => (subject === undefined ? [] : [subject.health]));
  }

  /** Moves a member to another project; the last one to leave takes what is known of the project along. */
  function rehome(member: Member, projectId: string): void {
    const from = member.project;
    const to = roster.project(projectId);
    roster.assign(member, to);
    if (from.members.size === 0) {
      // Time 0: what has run out is moved too, it harms nobody and the next sweep announces its end.
      if (book.move(from.health, to.health, 0)) wakeAll(to.members);
      quotas.absorb(from, to, lastNow);
      roster.forget(from);
    }
    wakeAll([member]);
    forgetRefusals();
  }

  /** The same, remembered. */
  function settleIn(member: Member, projectId: string): void {
    member.learned = projectId;
    rehome(member, projectId);
    options.onChange({ kind: "project", credentialId: member.credential.id, projectId });
  }

  const joins =
    options.inferProjects === false
      ? null
      : createJoins({ roster, rehome: settleIn, onConclusion: options.onConclusion ?? (() => undefined) });

  const secondLook: Joins["secondLook"] = (choice) => joins?.secondLook(choice) ?? null;
  const pick = createPicker({
    roster,
    lanes,
    quotas,
    sticky,
    homes,
    healthVersion: book.version,
    scheduled: () => scheduled,
    secondLook,
  });

  return {
    replace(credentials) {
      const { left, freed, rehomed } = roster.replace(credentials);
      for (const member of left) {
        book.clear(member.health);
        if (member.project.members.size > 0) continue;
        book.clear(member.project.health);
        quotas.drop(member.project);
        roster.forget(member.project);
      }
      for (const member of rehomed) rehome(member, projectIdOf(member.credential, member.learned));
      enabled = 0;
      const tiers = new Set<string | null>();
      for (const { credential } of roster.byId.values()) {
        if (credential.enabled) enabled++;
        tiers.add(credential.quotaTier || null);
      }
      quotas.setTiers(tiers);
      for (const project of roster.projects.values()) if (quotas.refresh(project, lastNow)) wakeAll(project.members);
      wakeAll(freed);
      forgetRefusals();
    },

    configure(rules) {
      disableShare = rules.disableShare;
      const isOther = rules.quotaScheduling !== scheduled || rules.quotaLimits !== limits;
      scheduled = rules.quotaScheduling;
      if (rules.quotaLimits !== limits) {
        limits = rules.quotaLimits;
        quotas.configure(limits, lastNow);
      }
      if (!isOther) return;
      wakeAll(roster.byId.values());
      forgetRefusals();
    },

    pick(request) {
      lastNow = request.now;
      return pick(request);
    },

    settle(lease, actual, now) {
      if (lease.reserved == null) return;
      const home = roster.byId.get(lease.credentialId)?.project ?? null;
      quotas.settle(lease.reserved, actual, { projects: roster.projects, home, now });
    },

    release(lease) {
      if (lease.trial != null) for (const health of healthsOf(lease)) rampEnded(health, lease.trial);
      roster.release(lease.credentialId);
    },

    ownerProject: (owner) => projectOfOwner(owner, roster)?.id ?? null,

    projectIds() {
      const ids = new Set<string>();
      for (const { credential, project } of roster.byId.values()) if (credential.enabled) ids.add(project.id);
      return [...ids].sort();
    },

    quotas: (now) => quotas.views(now),

    takeQuotaChanges: (now) => quotas.takeChanges(now),

    apply({ lease, model, rule, effects, consumer, limits: named, now }) {
      lastNow = now;
      const member = roster.byId.get(lease.credentialId) ?? null;
      const home = toProjectId(consumer);
      if (member !== null && home !== null && home !== member.project.id && !hasProjectByHand(member.credential))
        settleIn(member, home);
      const project = member?.project ?? roster.projects.get(lease.projectId) ?? null;
      let told: readonly RefusedLimit[] = [];
      if (project !== null && named.length > 0) {
        const refusal = refusalOf(effects, lease.reserved?.at ?? now);
        told = quotas.learn(project, named, { model: laneName(model), refusal, now });
      }
      for (const effect of effects) wakeAll(applyEffect(effect, { member, project, model, rule, now }, tools));
      if (member !== null && effects.some((effect) => effect.scope !== "model")) {
        roster.columns.faults[member.slot] = (roster.columns.faults[member.slot] as number) + 1;
        for (const lane of lanes.all()) countedFault(lane, member, roster);
      }
      // Last: it may move the member.
      if (member !== null && told.length > 0) joins?.refused(member, lease, { model: laneName(model), limits: told });
      sweep(sweepAfterVerdict, now);
    },

    succeed(lease, model, stickyKey, now) {
      const member = roster.byId.get(lease.credentialId);
      if (member === undefined) return;
      if (member.bursts !== null) member.bursts.delete(model ?? "");
      if (lease.trial != null) for (const health of healthsOf(lease)) rampSucceeded(health, lease.trial);
      const name = laneName(model);
      if (joins !== null && lease.reserved != null && member.project.isUnnamed)
        joins.served(member, lease, { model: name, usedToday: () => quotas.usedToday(member.project, name, now) });
      if (stickyKey === null) return;
      // A late success must not pull the conversation back to a credential that rests meanwhile.
      const elsewhere = sticky.get(stickyKey, now) !== lease.credentialId;
      if (elsewhere && busyUntil(member, name, now) === 0) sticky.bind(stickyKey, lease.credentialId, now);
    },

    reset(credentialId) {
      const member = roster.byId.get(credentialId);
      if (member === undefined) return;
      book.clear(member.health);
      book.clear(member.project.health);
      member.bursts = null;
      wakeAll(member.project.members);
    },

    /** Call it after `replace`: rows of credentials that are not in the list leave the store. */
    restore(kept, now) {
      lastNow = now;
      restoreHealth(kept, { roster, book, now });
      quotas.restore(kept, { projectOf: projectForRow({ roster, makes: true }), now });
      joins?.restore();
      forgetRefusals();
    },

    view: (now) => [...roster.byId.values()].map((member) => toView(member, now)),

    counts: (now) => ({ ...countMembers(roster.byId.values(), now), panic: guard.panics(now) }),

    dueProbes(now) {
      sweep(sweepAtProbes, now);
      for (const project of roster.projects.values()) {
        if (project.members.size > 0) continue;
        // Restored for a project whose keys have not been learned again: let go when nothing is left.
        book.sweep(project.health, now);
        if (project.health.rest !== null || project.health.modelRests !== null || !quotas.isIdle(project, now))
          continue;
        quotas.drop(project);
        roster.forget(project);
      }
      return findDueProbes(roster.byId.values(), now);
    },
  };
}
