/**
 * The pool: which credential serves the next attempt, and what is known of each one's health.
 * @module
 */
import type { Random } from "../core/ports.ts";
import { applyEffect, longestModelName } from "./effects.ts";
import { createHealthBook } from "./health-book.ts";
import { countedFault, countUse, orderOf, wake, wakeDue } from "./lane.ts";
import type { Lane } from "./lane.ts";
import { createLanes } from "./lanes.ts";
import { busyUntil, hasProjectByHand, toLease, toProjectId } from "./member.ts";
import type { Member } from "./member.ts";
import { findDueProbes } from "./probes.ts";
import { restoreHealth } from "./restore.ts";
import { createRoster, projectIdOf } from "./roster.ts";
import { choose } from "./select.ts";
import { createStickyMap } from "./sticky.ts";
import { countMembers, explainRefusal, toView } from "./survey.ts";
import type { Refusal } from "./survey.ts";
import type { Pick, PickRequest, Pool, PoolChange } from "./types.ts";

/** How a pool is made. */
export interface PoolOptions {
  random: Random;
  /** Told of everything that must survive a restart. Must not call the pool. */
  onChange: (change: PoolChange) => void;
  /** Most sticky bindings kept. @default 50000 */
  stickyCapacity?: number;
  /** A binding that is not used for this long ends, milliseconds. @default 3600000 */
  stickyTtlMs?: number;
  /**
   * Rest of a credential for a model after 1, 2, 3, … bursts without a success between, milliseconds.
   * @default [10000, 20000, 40000, 60000]
   */
  burstStepsMs?: readonly number[];
  /** Most models with a turn order of their own. @default 256 */
  modelCapacity?: number;
  /**
   * The first turn starts at a random credential instead of the first of the list: for hosts of which many instances
   * start with the same list. @default false
   */
  startAnywhere?: boolean;
}

const defaultBurstStepsMs = [10_000, 20_000, 40_000, 60_000];
/** Subjects looked at for cooldowns that have run out: after a verdict, and at a look for due probes. */
const sweepAfterVerdict = 4;
const sweepAtProbes = 2_000;

/**
 * An empty pool.
 *
 * - A pick is O(log n); a refusal is O(n) once and is then remembered until health changes or the first rest ends.
 * - Cooldowns of scope `model` (overload) are kept and announced but never refuse a call: they concern every credential
 *   alike, so resting would only turn a chance into an error. The retry policy waits instead.
 * - Limits that verdicts name are not used here yet.
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
  const steps = options.burstStepsMs ?? defaultBurstStepsMs;
  /** Counts picks: orders turns and marks the tried. */
  let sequence = 0;
  let sweepAt = 0;

  function wakeAll(members: Iterable<Member>): void {
    for (const member of members) for (const lane of lanes.all()) wake(lane, member, roster);
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

  /** Moves a member to another project; the last one to leave takes what is known of the project along. */
  function rehome(member: Member, projectId: string): void {
    const from = member.project;
    const to = roster.project(projectId);
    roster.assign(member, to);
    if (from.members.size === 0) {
      // Time 0: what has run out is moved too, it harms nobody and the next sweep announces its end.
      if (book.move(from.health, to.health, 0)) wakeAll(to.members);
      roster.forget(from);
    }
    wakeAll([member]);
    for (const lane of lanes.all()) lane.refusal = null;
  }

  function refuse(lane: Lane, now: number): Refusal {
    const known = lane.refusal;
    if (known !== null && known.version === book.version() && known.fromMs <= now && now < known.untilMs)
      return known.pick;
    const pick = explainRefusal(roster.byId.values(), lane.model, now);
    lane.refusal = { version: book.version(), fromMs: now, untilMs: pick.soonestMs ?? Infinity, pick };
    return pick;
  }

  function pick(request: PickRequest): Pick {
    const { now, strategy, tried } = request;
    const number = ++sequence;
    const lane = lanes.of(laneName(request.model), number);
    wakeDue(lane, now);
    for (const id of tried) {
      const member = roster.byId.get(id);
      if (member !== undefined) roster.columns.excluded[member.slot] = number;
    }
    const key = stickyKeyOf(request, lane.model);
    const boundId = key === null ? null : sticky.get(key, now);
    const bound = boundId === null ? null : (roster.byId.get(boundId) ?? null);
    const order = orderOf[strategy];
    const choice = { roster, lane, order, bound, excluding: tried.length > 0 ? number : 0, now };
    let member = choose(choice);
    if (member === null && request.allowTried === true && tried.length > 0)
      member = choose({ ...choice, excluding: 0 });
    if (member === null) return refuse(lane, now);
    if (key !== null && member !== bound && (bound === null || !onlyTried(bound, request, lane.model))) {
      sticky.bind(key, member.credential.id, now);
    }
    countUse(lane, member, order, number);
    member.lastUse = number;
    member.uses++;
    member.inFlight++;
    return { ok: true, lease: toLease(member) };
  }

  return {
    replace(credentials) {
      const { left, freed, rehomed } = roster.replace(credentials);
      for (const member of left) {
        book.clear(member.health);
        if (member.project.members.size > 0) continue;
        book.clear(member.project.health);
        roster.forget(member.project);
      }
      for (const member of rehomed) rehome(member, projectIdOf(member.credential, member.learned));
      wakeAll(freed);
      for (const lane of lanes.all()) lane.refusal = null;
    },

    pick,

    release: (lease) => roster.release(lease.credentialId),

    apply({ lease, model, rule, effects, consumer, now }) {
      const member = roster.byId.get(lease.credentialId) ?? null;
      const named = toProjectId(consumer);
      if (member !== null && named !== null && named !== member.project.id && !hasProjectByHand(member.credential)) {
        member.learned = named;
        rehome(member, named);
        options.onChange({ kind: "project", credentialId: lease.credentialId, projectId: named });
      }
      const project = member?.project ?? roster.projects.get(lease.projectId) ?? null;
      for (const effect of effects)
        wakeAll(applyEffect(effect, { member, project, model, rule, now }, { book, steps }));
      if (member !== null && effects.some((effect) => effect.scope !== "model")) {
        roster.columns.faults[member.slot] = (roster.columns.faults[member.slot] as number) + 1;
        for (const lane of lanes.all()) countedFault(lane, member, roster);
      }
      sweep(sweepAfterVerdict, now);
    },

    succeed(lease, model, stickyKey, now) {
      const member = roster.byId.get(lease.credentialId);
      if (member === undefined) return;
      if (member.bursts !== null) member.bursts.delete(model ?? "");
      if (stickyKey === null) return;
      // A late success must not pull the conversation back to a credential that rests meanwhile.
      const elsewhere = sticky.get(stickyKey, now) !== lease.credentialId;
      if (elsewhere && busyUntil(member, laneName(model), now) === 0) sticky.bind(stickyKey, lease.credentialId, now);
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
      restoreHealth(kept, { roster, book, now });
      for (const lane of lanes.all()) lane.refusal = null;
    },

    view: (now) => [...roster.byId.values()].map((member) => toView(member, now)),

    counts: (now) => countMembers(roster.byId.values(), now),

    dueProbes(now) {
      sweep(sweepAtProbes, now);
      for (const project of roster.projects.values()) {
        if (project.members.size > 0) continue;
        // Restored for a project whose keys have not been learned again: let go when nothing is left.
        book.sweep(project.health, now);
        if (project.health.rest === null && project.health.modelRests === null) roster.forget(project);
      }
      return findDueProbes(roster.byId.values(), now);
    },
  };
}

// --- helpers ---

/** A bound credential that a call has tried but that is well keeps its conversation until another one has served it. */
function onlyTried(bound: Member, request: PickRequest, model: string): boolean {
  if (request.stickyKey === null || !request.tried.includes(bound.credential.id)) return false;
  return busyUntil(bound, model, request.now) === 0;
}

function laneName(model: string | null): string {
  return model === null || model.length > longestModelName ? "" : model;
}

/** Without a key `sticky_until_error` stays with one credential for each model; `sticky` takes turns. */
function stickyKeyOf(request: PickRequest, model: string): string | null {
  if (request.strategy === "sticky_until_error") return request.stickyKey ?? `\n${model}`;
  return request.strategy === "sticky" ? request.stickyKey : null;
}
