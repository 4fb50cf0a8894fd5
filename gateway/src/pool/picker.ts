/**
 * One pick: from the request to the lease, with what binds it: owners, conversations, prefixes, quotas.
 * @module
 */
import type { QuotaReservation } from "../core/credential.ts";
import type { ResourceOwner } from "../core/resources.ts";
import { longestModelName } from "./effects.ts";
import { isCrowded, staysHome } from "./home.ts";
import { countUse, orderOf, wakeDue } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { busyUntil, toLease } from "./member.ts";
import type { Member, Project } from "./member.ts";
import type { QuotaKeeper } from "./quota-keeper.ts";
import type { QuotaCost } from "./quota/types.ts";
import { isRamping, rampBegan } from "./ramp.ts";
import type { Roster } from "./roster.ts";
import { choose, chooseAmong, homeMembers } from "./select.ts";
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
  scheduled: boolean;
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

/** Makes the function that picks. */
export function createPicker(parts: PickerParts): (request: PickRequest) => Pick {
  const { roster, lanes, quotas, sticky, homes, scheduled } = parts;
  /** Counts picks: orders turns and marks the tried. */
  let sequence = 0;

  /** An owner's members alone, the preferred project's first, or all. */
  function find(choice: Choice, owner: Project | null, preferred: Project | null): Member | null {
    if (owner !== null) return chooseAmong(owner.members, choice, { tier: null, most: Infinity, evenHeld: true });
    const rules = { tier: null, most: homeMembers, evenHeld: true };
    return (preferred === null ? null : chooseAmong(preferred.members, choice, rules)) ?? choose(choice);
  }

  function refuse(choice: Choice): Refusal {
    const { lane, now } = choice;
    const { requests, tokens } = choice.cost ?? nothing;
    const version = parts.healthVersion();
    const known = lane.refusal;
    if (known !== null && known.version === version && known.fromMs <= now && now < known.untilMs)
      if (known.requests === requests && known.tokens === tokens) return known.pick;
    const pick = explainRefusal(roster.byId.values(), choice);
    lane.refusal = { version, fromMs: now, untilMs: pick.soonestMs ?? Infinity, requests, tokens, pick };
    return pick;
  }

  return (request) => {
    const { now, strategy, tried } = request;
    const number = ++sequence;
    const model = laneName(request.model);
    const cost = model === "" || request.cost == null ? null : wholeCost(request.cost);
    const priced = scheduled && cost !== null;
    const lane = lanes.of(model, priced, number);
    wakeDue(lane, now);
    for (const id of tried) {
      const member = roster.byId.get(id);
      if (member !== undefined) roster.columns.excluded[member.slot] = number;
    }
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
      excluding: tried.length > 0 ? number : 0,
      cost: priced ? cost : null,
      quotas,
      now,
    };
    const owner = request.owner == null ? null : projectOfOwner(request.owner, roster);
    if (owner === null && request.owner != null) return { ok: false, reason: "gone", causes: {}, soonestMs: null };
    const preferred = request.prefer == null ? null : projectOfOwner(request.prefer, roster);
    let member = find(choice, owner, preferred);
    if (member === null && request.allowTried === true && tried.length > 0)
      member = find({ ...choice, excluding: 0 }, owner, preferred);
    if (member === null && owner === null && priced) member = parts.secondLook(choice);
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
