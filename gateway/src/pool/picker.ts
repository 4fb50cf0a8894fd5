/**
 * One pick: from the request to the lease, with what binds it: owners, conversations, prefixes, quotas.
 * @module
 */
import type { QuotaReservation } from "../core/credential.ts";
import type { ResourceOwner } from "../core/resources.ts";
import { longestModelName } from "./effects.ts";
import { isCrowded, staysHome } from "./home.ts";
import { countUse, createLane, orderOf, wake, wakeDue } from "./lane.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { busyUntil, toLease } from "./member.ts";
import type { Member, Project } from "./member.ts";
import type { QuotaKeeper } from "./quota-keeper.ts";
import type { QuotaCost } from "./quota/types.ts";
import { isRamping, rampBegan } from "./ramp.ts";
import { isAccount } from "./roster.ts";
import type { Roster } from "./roster.ts";
import { choose, chooseAmong, findAnyone, homeMembers, leastCost } from "./select.ts";
import type { Choice } from "./select.ts";
import type { StickyMap } from "./sticky.ts";
import { explainRefusal } from "./survey.ts";
import type { Refusal } from "./survey.ts";
import type { Pick, PickRequest } from "./types.ts";

/** What a pick is made with. */
export interface PickerParts {
  roster: Roster;
  lanes: Lanes;
  quotas: QuotaKeeper;
  /** Conversation → credential. */
  sticky: StickyMap;
  /** Prefix of a prompt → project. */
  homes: StickyMap;
  /** Rises with every change of health. */
  healthVersion: () => number;
  /** Quotas are respected, not only counted. */
  scheduled: () => boolean;
  /** Asked before a call is refused that takes from a quota and names no owner: whom to ask all the same; null: nobody. */
  secondLook: (choice: Choice) => Member | null;
}

/** Which project of today an owner means: its credential's, or the one kept; null: there is none. */
export function projectOfOwner(owner: ResourceOwner, roster: Roster): Project | null {
  const member = roster.byId.get(owner.credentialId);
  if (member !== undefined) return member.project;
  const project = roster.projects.get(owner.projectId);
  return project !== undefined && project.members.size > 0 ? project : null;
}

/** The lane's name for a model: calls for names that nobody has are pooled with those that concern none. */
export function laneName(model: string | null): string {
  return model === null || model.length > longestModelName ? "" : model;
}

/** A refusal is explained anew after this long, whatever it rests on: limits that Google told go stale. */
const longestMemoryMs = 600_000;

/** Makes the function that picks. */
export function createPicker(parts: PickerParts): (request: PickRequest) => Pick {
  const { roster, lanes, quotas, sticky, homes } = parts;
  /** Counts picks: orders turns and marks the tried. */
  let sequence = 0;

  /** An owner's members alone, the preferred project's first, or all. */
  function find(choice: Choice, owner: Project | null, preferred: Project | null): Member | null {
    if (owner !== null) return chooseAmong(owner.members, choice, { tier: null, most: Infinity, evenHeld: true });
    const rules = { tier: null, most: homeMembers, evenHeld: true };
    return (preferred === null ? null : chooseAmong(preferred.members, choice, rules)) ?? choose(choice);
  }

  /** The last refusal while it holds for this call. */
  function remembered({ lane, now, cost }: Choice): Refusal | null {
    const { requests, tokens } = cost ?? nothing;
    const known = lane.refusal;
    if (known === null || known.version !== parts.healthVersion() || known.fromMs > now || now >= known.untilMs)
      return null;
    return known.requests === requests && known.tokens === tokens ? known.pick : null;
  }

  /** Anyone that the choice has missed: wakes it, and it serves. */
  function findMissed(choice: Choice): Member | null {
    const known = remembered(choice);
    // Whoever a call had tried when it was refused may serve another one.
    if (known !== null && (known.reason !== "tried" || choice.excluding > 0)) return null;
    const found = findAnyone(choice);
    if (found !== null) wake(choice.lane, found, roster);
    return found;
  }

  function refuse(choice: Choice, lane: Lane = choice.lane): Refusal {
    const known = remembered({ ...choice, lane });
    if (known !== null) return known;
    const { now } = choice;
    const { requests, tokens } = choice.cost ?? nothing;
    const version = parts.healthVersion();
    const pick = explainRefusal(roster.byId.values(), choice);
    lane.refusal = {
      version,
      fromMs: now,
      untilMs: Math.min(pick.soonestMs ?? Infinity, now + longestMemoryMs),
      requests,
      tokens,
      pick,
    };
    return pick;
  }

  /** Accounts do not count: `empty` with a cause `account` means that there are only such. Not remembered: lanes are everybody's. */
  function explainKeys(choice: Choice): Refusal {
    const keys = [...roster.byId.values()].filter((member) => !isAccount(member));
    const pick = explainRefusal(keys, choice);
    return keys.length > 0 ? pick : { ...pick, causes: { account: roster.accounts().length } };
  }

  return (request) => {
    const { now, strategy, tried } = request;
    const number = ++sequence;
    const model = laneName(request.model);
    const cost = model === "" || request.cost == null ? null : wholeCost(request.cost);
    const priced = parts.scheduled() && cost !== null;
    // Names of models come from clients: one that nobody may ever serve leaves nothing behind.
    const isOffered = !priced || quotas.isOffered(model);
    const lane = isOffered ? lanes.of(model, priced, number) : createLane(model, true);
    if (isOffered) wakeDue(lane, roster, now);
    for (const id of tried) {
      const member = roster.byId.get(id);
      if (member !== undefined) roster.columns.excluded[member.slot] = number;
    }
    // Accounts are passed over as those are that the call has tried.
    const keysOnly = request.keysOnly === true && roster.accounts().length > 0;
    if (keysOnly) pass(roster, number);
    const stickyKey = stickyKeyOf(request, model);
    const boundId = stickyKey === null ? null : sticky.get(stickyKey, now);
    const bound = boundId === null ? null : (roster.byId.get(boundId) ?? null);
    const homeKey = request.affinityKey ?? null;
    const homeId = homeKey === null ? null : homes.get(homeKey, now);
    const home = homeId === null ? null : (roster.projects.get(homeId) ?? null);
    const choice: Choice = {
      roster,
      lane,
      order: orderOf[strategy],
      bound,
      home: home === null || isCrowded(home, roster) ? null : home,
      excluding: keysOnly || tried.length > 0 ? number : 0,
      cost: priced ? cost : null,
      quotas,
      now,
    };
    const owner = request.owner == null ? null : projectOfOwner(request.owner, roster);
    if (owner === null && request.owner != null) return { ok: false, reason: "gone", causes: {}, soonestMs: null };
    if (!isOffered) {
      // A configured 0 outlasts every rest, so the refusal is the same for all such models and costs.
      const least = { ...choice, cost: leastCost };
      if (keysOnly) return explainKeys(least);
      return owner === null ? refuse(least, lanes.barred) : explainRefusal(owner.members, least);
    }
    const preferred = request.prefer == null ? null : projectOfOwner(request.prefer, roster);
    // While nobody has room for such a call there is no need to look again.
    const known = owner === null ? remembered(choice) : null;
    const isHopeless = known !== null && known.reason !== "tried";
    let member = isHopeless ? null : find(choice, owner, preferred);
    if (member === null && !isHopeless && request.allowTried === true && tried.length > 0) {
      const again = keysOnly ? ++sequence : 0;
      if (keysOnly) pass(roster, again);
      member = find({ ...choice, excluding: again }, owner, preferred);
    }
    if (member === null && owner === null) member = findMissed(choice);
    if (member === null && owner === null && priced) member = parts.secondLook(choice);
    if (member === null && keysOnly && owner === null) return explainKeys(choice);
    if (member === null) return owner === null ? refuse(choice) : explainRefusal(owner.members, choice);

    if (stickyKey !== null && member !== bound && (bound === null || !isOnlyTried(bound, request, model)))
      sticky.bind(stickyKey, member.credential.id, now);
    if (homeKey !== null && member.project !== home && (home === null || !staysHome(home, member, choice)))
      homes.bind(homeKey, member.project.id, now);
    countUse(lane, member, choice.order, number);
    member.lastUse = number;
    roster.lend(member);
    let reserved: QuotaReservation | null = null;
    if (cost !== null) {
      reserved = quotas.take(member.project, model, { cost, now });
      // Who was able when the last refusal was explained may be out of quota now.
      lane.refusal = null;
    }
    const isTrial = isRamping(member, model);
    if (isTrial) rampBegan(member, model, now);
    return { ok: true, lease: toLease(member, reserved, isTrial ? model : null) };
  };
}

// --- helpers ---

/** Marks all accounts as excluded from this pick. */
function pass(roster: Roster, number: number): void {
  for (const { slot } of roster.accounts()) roster.columns.excluded[slot] = number;
}

/** No call takes less than one request and one token: whoever has no room for that rests. */
function wholeCost(cost: QuotaCost): QuotaCost {
  if (cost.requests >= 1 && cost.tokens >= 1) return cost;
  return { requests: Math.max(1, cost.requests || 1), tokens: Math.max(1, cost.tokens || 1) };
}

const nothing = { requests: 0, tokens: 0 };

/** A bound credential that a call has tried but that is well keeps its conversation until another one has served it. */
function isOnlyTried(bound: Member, request: PickRequest, model: string): boolean {
  if (request.stickyKey === null || !request.tried.includes(bound.credential.id)) return false;
  return busyUntil(bound, model, request.now) === 0;
}

/** Without a key `sticky_until_error` stays with one credential for each model; `sticky` takes turns. */
function stickyKeyOf(request: PickRequest, model: string): string | null {
  if (request.strategy === "sticky_until_error") return request.stickyKey ?? `\n${model}`;
  return request.strategy === "sticky" ? request.stickyKey : null;
}
