/**
 * The choice among those that can serve.
 * @module
 */
import type { Heap } from "./heap.ts";
import { peek, push, remove } from "./heap.ts";
import { hold, keysOf, letGo, letRest, readyIn } from "./lane.ts";
import type { Lane, Tier } from "./lane.ts";
import { busyUntil } from "./member.ts";
import type { Member, Project } from "./member.ts";
import type { QuotaKeeper } from "./quota-keeper.ts";
import type { QuotaCost } from "./quota/types.ts";
import { isRampFull, isRamping } from "./ramp.ts";
import type { Roster } from "./roster.ts";

/** What a choice is made from. */
export interface Choice {
  roster: Roster;
  lane: Lane;
  order: number;
  /** Preferred within its tier while it can serve; null: none. */
  bound: Member | null;
  /** The same for a project; comes after `bound`. */
  home: Project | null;
  /** Members whose `excluded` column holds this number are passed over; 0: nobody is. */
  excluding: number;
  /** Quota that there must be; null: any will do. */
  cost: QuotaCost | null;
  quotas: QuotaKeeper;
  now: number;
}

/** What the smallest call takes: whoever has no room for it rests until there is. */
export const leastCost: QuotaCost = { requests: 1, tokens: 1 };
/** A rest for quota is looked at again after this long, whatever the bucket says: the wall clock may jump. */
const longestQuotaRestMs = 3_600_000;
/** Candidates that have room, but not for this call, which are passed over in the strategy's order. */
const tooSmallLimit = 64;
/** Candidates looked at after those, roughly in that order, before the call is refused. */
const scanLimit = 2_000;
/** Members of a preferred project that are looked at. */
export const homeMembers = 64;

/**
 * Chooses, lower tiers first. The tier outranks a bound credential: a conversation that was moved to the paid tier
 * comes back when the free one can serve again.
 *
 * Those that come back from a fault and have their calls in flight serve only when nobody else can, in any tier; then by
 * turns, whatever the strategy.
 * @returns the member, or null when none can serve
 */
export function choose(choice: Choice): Member | null {
  const { lane, bound, home } = choice;
  for (const tier of lane.tiers) {
    if (bound !== null && bound.credential.tier === tier.number && canServe(bound, choice) && !isHeld(bound, choice))
      return bound;
    if (home !== null) {
      const found = chooseAmong(home.members, choice, { tier: tier.number, most: homeMembers, evenHeld: false });
      if (found !== null) return found;
    }
    const found = firstReady(tier, choice);
    if (found !== null) return found;
  }
  for (const tier of lane.tiers) {
    const found = tier.held.size === 0 ? null : firstHeld(tier, choice);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Chooses among a few, such as the keys of one project, by the strategy's order. O(members).
 * @param rules `tier`: only members of it, null: of any; `most`: members looked at; `evenHeld`: one that comes back from a
 *   fault and has its calls in flight may serve when no other one of these can
 */
export function chooseAmong(
  members: Iterable<Member>,
  choice: Choice,
  rules: { tier: number | null; most: number; evenHeld: boolean },
): Member | null {
  const { lane, order, roster, bound } = choice;
  const keys = keysOf(lane, order, roster.columns);
  let best: Member | null = null;
  let held: Member | null = null;
  let looked = 0;
  const isBefore = (one: Member, other: Member | null): boolean => {
    if (other === null || one === bound) return true;
    if (other === bound) return false;
    const difference = (keys[one.slot] as number) - (keys[other.slot] as number);
    return (
      difference < 0 || (difference === 0 && (lane.lastUse[one.slot] as number) < (lane.lastUse[other.slot] as number))
    );
  };
  for (const member of members) {
    if (++looked > rules.most) break;
    if (rules.tier !== null && member.credential.tier !== rules.tier) continue;
    if (!canServe(member, choice)) continue;
    if (isHeld(member, choice)) held = isBefore(member, held) ? member : held;
    else if (isBefore(member, best)) best = member;
  }
  return best ?? (rules.evenHeld ? held : null);
}

/** Whether the member may serve this call, held or not. */
function canServe(member: Member, choice: Choice): boolean {
  return (
    !isExcluded(member, choice) &&
    busyUntil(member, choice.lane.model, choice.now) === 0 &&
    roomAt(member.project, choice.cost, choice) === 0
  );
}

/**
 * When a project has room for a cost.
 * @returns epoch milliseconds; 0: now; Infinity: never
 */
export function roomAt(
  project: Project,
  cost: QuotaCost | null,
  { quotas, lane, now }: Pick<Choice, "quotas" | "lane" | "now">,
): number {
  return cost === null ? 0 : quotas.roomAt(project, lane.model, { cost, now });
}

/**
 * Looks for anyone at all who can serve, in the order of slots, when the choice found nobody: those with room for a large
 * call may lie behind its bounds, and somebody may rest for longer than there is a reason (clocks are set back). O(n), but
 * goes on where it ended the last time, so that each one found costs little where there are many.
 */
export function findAnyone(choice: Choice): Member | null {
  const { roster, lane } = choice;
  const count = roster.bySlot.length;
  let held: Member | null = null;
  for (const { number } of lane.tiers) {
    for (let step = 0; step < count; step++) {
      const slot = (lane.searchedTo + step) % count;
      const member = roster.bySlot[slot];
      if (member === undefined || member.credential.tier !== number || !canServe(member, choice)) continue;
      if (isHeld(member, choice)) held ??= member;
      else {
        lane.searchedTo = slot;
        return member;
      }
    }
  }
  return held;
}

/** Whether the call has tried the member. */
export function isExcluded(member: Member, { excluding, roster }: Choice): boolean {
  return excluding > 0 && roster.columns.excluded[member.slot] === excluding;
}

// --- helpers ---

function isHeld(member: Member, { lane, now }: Choice): boolean {
  return isRamping(member, lane.model) && isRampFull(member, lane.model, now);
}

function firstReady(tier: Tier, choice: Choice): Member | null {
  const { roster, lane, order, cost, quotas, now } = choice;
  const ready = readyIn(lane, tier, order, choice);
  let aside: number[] | null = null;
  let found: Member | null = null;
  let tooSmall = 0;
  for (;;) {
    const slot = peek(ready);
    if (slot < 0) break;
    const member = roster.bySlot[slot] as Member;
    let until = busyUntil(member, lane.model, now);
    let hasRoom = true;
    if (until === 0 && cost !== null) {
      const { project } = member;
      if (roomAt(project, cost, choice) > 0) {
        hasRoom = false;
        until = Math.min(roomAt(project, leastCost, choice), now + longestQuotaRestMs);
        const cell = until > now ? quotas.find(project, lane.model) : null;
        if (cell !== null) cell.resting = true;
      }
    }
    if (until > now) {
      letRest(lane, tier, slot, until);
      continue;
    }
    if (!isExcluded(member, choice)) {
      if (isHeld(member, choice)) {
        hold(lane, tier, slot, now);
        continue;
      }
      if (hasRoom) {
        found = member;
        break;
      }
      if (++tooSmall === tooSmallLimit) {
        found = scan(ready, choice);
        break;
      }
    }
    remove(ready, slot);
    (aside ??= []).push(slot);
  }
  if (aside !== null) for (const slot of aside) push(ready, slot);
  return found;
}

/** The heap as it lies in memory: its beginning comes early in the order too. */
function scan(ready: Heap, choice: Choice): Member | null {
  const most = Math.min(ready.items.length, scanLimit);
  for (let index = 0; index < most; index++) {
    const member = choice.roster.bySlot[ready.items[index] as number] as Member;
    if (canServe(member, choice) && !isHeld(member, choice)) return member;
  }
  return null;
}

/** Whoever was held first and can serve. */
function firstHeld(tier: Tier, choice: Choice): Member | null {
  const { roster, lane } = choice;
  let looked = 0;
  for (const slot of tier.held) {
    if (++looked > scanLimit) break;
    const member = roster.bySlot[slot] as Member;
    if (!canServe(member, choice)) continue;
    letGo(lane, tier, slot);
    return member;
  }
  return null;
}
