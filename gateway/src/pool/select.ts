/**
 * The choice among those that can serve.
 * @module
 */
import { peek, push, remove } from "./heap.ts";
import { letRest, readyIn } from "./lane.ts";
import type { Lane } from "./lane.ts";
import { busyUntil } from "./member.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";

/** What a choice is made from. */
export interface Choice {
  roster: Roster;
  lane: Lane;
  order: number;
  /** Preferred within its tier while it can serve; null: none. */
  bound: Member | null;
  /** Members whose `excluded` column holds this number are passed over; 0: nobody is. */
  excluding: number;
  now: number;
}

/**
 * Chooses, lower tiers first. The tier outranks a bound credential: a conversation that was moved to the paid tier
 * comes back when the free one can serve again.
 * @returns the member, or null when none can serve
 */
export function choose(choice: Choice): Member | null {
  const { roster, lane, order, bound, excluding, now } = choice;
  const { excluded } = roster.columns;
  for (const tier of lane.tiers) {
    if (bound !== null && bound.credential.tier === tier.number && !isExcluded(bound)) {
      if (busyUntil(bound, lane.model, now) === 0) return bound;
    }
    const ready = readyIn(lane, tier, order, choice);
    let aside: number[] | null = null;
    let found: Member | null = null;
    for (;;) {
      const slot = peek(ready);
      if (slot < 0) break;
      const member = roster.bySlot[slot] as Member;
      const until = busyUntil(member, lane.model, now);
      if (until > 0) {
        letRest(lane, tier, slot, until);
        continue;
      }
      if (!isExcluded(member)) {
        found = member;
        break;
      }
      remove(ready, slot);
      (aside ??= []).push(slot);
    }
    if (aside !== null) for (const slot of aside) push(ready, slot);
    if (found !== null) return found;
  }
  return null;

  function isExcluded(member: Member): boolean {
    return excluding > 0 && excluded[member.slot] === excluding;
  }
}
