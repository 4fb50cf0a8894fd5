/**
 * The credentials of one model in the orders that the strategies want: per tier one heap of those ready for each order
 * in use, and one heap of those resting, by the time they come back.
 *
 * Health and quota are not pushed into lanes. A candidate's are asked when it comes to the top; whoever cannot serve goes
 * to the resting heap then. So a verdict costs nothing here, and each rest costs each lane O(log n) once.
 * @module
 */
import { clear, createHeap, fill, has, peek, push, remove, sink } from "./heap.ts";
import type { Heap } from "./heap.ts";
import { busyUntil } from "./member.ts";
import type { Member } from "./member.ts";
import type { Columns, Roster } from "./roster.ts";
import type { Pick, Strategy } from "./types.ts";

/** Orders of the ready; sticky strategies choose in turn when nothing is bound yet. */
const turn = 0;
const leastUsed = 1;
const weighted = 2;
const leastErrors = 3;
const newest = 4;

/** Up to this many come back one by one. */
const fewComeBack = 64;
/** Whoever is held is looked at again after this long. */
const holdMs = 250;
/** A clock that goes back by less is let be. */
const standStillMs = 60_000;

/** The order that a strategy chooses by. */
export const orderOf: Readonly<Record<Strategy, number>> = {
  round_robin: turn,
  sticky: turn,
  sticky_until_error: turn,
  least_used: leastUsed,
  weighted,
  least_errors: leastErrors,
  newest,
};

/** One tier of a lane. Every member of the tier is either resting or in all of the ready heaps that exist. */
export interface Tier {
  readonly number: number;
  readonly resting: Heap;
  /** Of the resting ones those that could serve, but come back from a fault and have their calls in flight. */
  readonly held: Set<number>;
  /** By order; null until a strategy asks for it. */
  readonly ready: (Heap | null)[];
}

/** A model's lane. Columns are indexed by slot. */
export interface Lane {
  readonly model: string;
  /** Its picks take from quotas: members whose quota is used up rest here too. */
  readonly priced: boolean;
  /** Sequence number of the last pick, to let go of the lane that was not used for longest. */
  touched: number;
  /** Structure of the roster that it was built for; -1: not built. */
  built: number;
  lastUse: Float64Array;
  uses: Float64Array;
  /** Stride scheduling: grows by 1 / weight with each use, so shares follow the weights. */
  pass: Float64Array;
  /** Pass of the last one chosen by weight: whoever joins or comes back starts here, without catching up in a burst. */
  virtualPass: number;
  wakeAt: Float64Array;
  /** Where each slot is in the resting heap of its tier. */
  restingAt: Int32Array;
  /** The same for each order. */
  readyAt: (Int32Array | null)[];
  /** Lower first. */
  tiers: Tier[];
  /** The latest time that it was used at. */
  seenMs: number;
  /** Slot where the last search for anyone ended, see `findAnyone`. */
  searchedTo: number;
  /** The last refusal and what it rests on. */
  refusal: KeptRefusal | null;
}

/** A refusal holds for calls of the same cost until health changes, room comes back, or the first rest ends. */
export interface KeptRefusal {
  version: number;
  fromMs: number;
  untilMs: number;
  requests: number;
  tokens: number;
  pick: Extract<Pick, { ok: false }>;
}

/** An empty lane, built at its first use. */
export function createLane(model: string, priced: boolean): Lane {
  return {
    model,
    priced,
    touched: 0,
    built: -1,
    lastUse: new Float64Array(0),
    uses: new Float64Array(0),
    pass: new Float64Array(0),
    virtualPass: 0,
    wakeAt: new Float64Array(0),
    restingAt: new Int32Array(0),
    readyAt: [],
    tiers: [],
    seenMs: 0,
    searchedTo: 0,
    refusal: null,
  };
}

/**
 * Takes in who joined, left or changed tier. O(n), only after such a change; numbers of those who stayed are kept, and
 * those resting are found again as they come to the top.
 */
export function build(lane: Lane, roster: Roster): void {
  const capacity = roster.bySlot.length;
  if (lane.lastUse.length < capacity) {
    lane.lastUse = longer(lane.lastUse, capacity);
    lane.uses = longer(lane.uses, capacity);
    lane.pass = longer(lane.pass, capacity);
    lane.wakeAt = longer(lane.wakeAt, capacity);
    lane.restingAt = new Int32Array(capacity);
  }
  lane.restingAt.fill(-1);
  lane.readyAt = [null, null, null, null, null];
  lane.tiers = [];
  lane.refusal = null;
  const numbers = new Set<number>();
  for (const member of roster.byId.values()) {
    numbers.add(member.credential.tier);
    if (member.since <= lane.built) continue;
    lane.lastUse[member.slot] = member.lastUse;
    lane.uses[member.slot] = 0;
    lane.pass[member.slot] = lane.virtualPass;
  }
  const resting = { positions: lane.restingAt, keys: lane.wakeAt, ties: lane.wakeAt };
  for (const number of [...numbers].sort((left, right) => left - right)) {
    const ready = [null, null, null, null, null];
    lane.tiers.push({ number, resting: createHeap(resting), held: new Set(), ready });
  }
  lane.built = roster.structure();
}

/** The tier's ready ones in an order. Made at its first use in O(n), which also finds out who rests. */
export function readyIn(lane: Lane, tier: Tier, order: number, parts: { roster: Roster; now: number }): Heap {
  const known = tier.ready[order];
  if (known !== null && known !== undefined) return known;
  const { roster, now } = parts;
  const positions = (lane.readyAt[order] ??= new Int32Array(lane.lastUse.length).fill(-1));
  const heap = createHeap({ positions, keys: keysOf(lane, order, roster.columns), ties: lane.lastUse });
  const slots: number[] = [];
  for (const member of roster.byId.values()) {
    if (member.credential.tier !== tier.number || has(tier.resting, member.slot)) continue;
    const until = busyUntil(member, lane.model, now);
    if (until > 0) letRest(lane, tier, member.slot, until);
    else slots.push(member.slot);
  }
  fill(heap, slots);
  tier.ready[order] = heap;
  return heap;
}

/** What an order compares first; equal ones go by `lastUse`. */
export function keysOf(lane: Lane, order: number, columns: Columns): Float64Array {
  if (order === leastUsed) return lane.uses;
  if (order === weighted) return lane.pass;
  if (order === leastErrors) return columns.faults;
  if (order === newest) return columns.age;
  return lane.lastUse;
}

/** Sends a ready one to rest. */
export function letRest(lane: Lane, tier: Tier, slot: number, untilMs: number): void {
  for (const heap of tier.ready) if (heap !== null) remove(heap, slot);
  lane.wakeAt[slot] = untilMs;
  push(tier.resting, slot);
}

/**
 * Sets a ready one aside that comes back from a fault and has its calls in flight. It is looked at again soon, and serves
 * before that when nobody else can, see `choose`.
 */
export function hold(lane: Lane, tier: Tier, slot: number, now: number): void {
  letRest(lane, tier, slot, now + holdMs);
  tier.held.add(slot);
}

/** Brings one back that is held. */
export function letGo(lane: Lane, tier: Tier, slot: number): void {
  comeBack(lane, tier, slot);
}

/** Brings back those whose rest is over. A clock that was set back makes all rests wrong: who rests is found out anew. */
export function wakeDue(lane: Lane, roster: Roster, now: number): void {
  if (now > lane.seenMs) lane.seenMs = now;
  else if (now < lane.seenMs - standStillMs) {
    lane.seenMs = now;
    build(lane, roster);
  }
  for (const tier of lane.tiers) {
    for (let count = 0; ; count++) {
      const slot = peek(tier.resting);
      if (slot < 0 || (lane.wakeAt[slot] as number) > now) break;
      // When day quotas end at midnight thousands come back in one pick.
      if (count === fewComeBack) {
        manyComeBack(lane, tier, now);
        break;
      }
      comeBack(lane, tier, slot);
    }
  }
}

/**
 * Brings one back before its time: its health or its quota has changed for the better.
 * @returns whether it did rest here
 */
export function wake(lane: Lane, member: Member, roster: Roster): boolean {
  if (lane.built !== roster.structure() || (lane.restingAt[member.slot] as number) < 0) return false;
  const tier = lane.tiers.find((one) => one.number === member.credential.tier);
  if (tier !== undefined) comeBack(lane, tier, member.slot);
  return tier !== undefined;
}

/** The member's faults were counted up: moves it back in that order. */
export function countedFault(lane: Lane, member: Member, roster: Roster): void {
  if (lane.built !== roster.structure()) return;
  for (const tier of lane.tiers) {
    const heap = tier.ready[leastErrors] ?? null;
    if (heap !== null && tier.number === member.credential.tier) sink(heap, member.slot);
  }
}

/** Counts a use, by whichever order it was chosen: shares are shares of all calls. */
export function countUse(lane: Lane, member: Member, chosenBy: number, sequence: number): void {
  const { slot } = member;
  const tier = lane.tiers.find((one) => one.number === member.credential.tier) as Tier;
  if (chosenBy === weighted) lane.virtualPass = Math.max(lane.virtualPass, lane.pass[slot] as number);
  const { weight } = member.credential;
  lane.lastUse[slot] = sequence;
  lane.uses[slot] = (lane.uses[slot] as number) + 1;
  lane.pass[slot] = (lane.pass[slot] as number) + (weight > 0 ? 1 / weight : 1);
  for (const heap of tier.ready) if (heap !== null) sink(heap, slot);
}

// --- helpers ---

function comeBack(lane: Lane, tier: Tier, slot: number): void {
  remove(tier.resting, slot);
  if (tier.held.size > 0) tier.held.delete(slot);
  lane.pass[slot] = Math.max(lane.pass[slot] as number, lane.virtualPass);
  for (const heap of tier.ready) if (heap !== null) push(heap, slot);
}

/** The same as one by one, but O(n) for all together. */
function manyComeBack(lane: Lane, tier: Tier, now: number): void {
  const due = tier.resting.items.filter((slot) => (lane.wakeAt[slot] as number) <= now);
  const later = tier.resting.items.filter((slot) => (lane.wakeAt[slot] as number) > now);
  clear(tier.resting);
  if (tier.held.size > 0) for (const slot of due) tier.held.delete(slot);
  fill(tier.resting, later);
  for (const slot of due) lane.pass[slot] = Math.max(lane.pass[slot] as number, lane.virtualPass);
  for (const heap of tier.ready) if (heap !== null) fill(heap, due);
}

function longer(short: Float64Array, length: number): Float64Array {
  const long = new Float64Array(length);
  long.set(short);
  return long;
}
