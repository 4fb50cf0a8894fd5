/**
 * Prefix affinity: calls with the same long beginning of a prompt go to one project, so that Google's implicit caching
 * pays (fact sheet upstream 1.11).
 *
 * It must not undo the balance of load, so it yields in two ways: to everything that keeps a project from serving, after
 * which the prefix moves to the project that served; and to crowding (`isCrowded`): a prefix that all clients share, such
 * as one agent's instructions, fills its project up to a little above the mean and then overflows by the strategy's
 * choice, without moving. Unlimited projects so share the load of one hot prefix; limited ones serve it one after the
 * other, each up to its quota, which costs nobody a refusal once the limit is known.
 * @module
 */
import { busyUntil } from "./member.ts";
import type { Member, Project } from "./member.ts";
import type { Roster } from "./roster.ts";
import { homeMembers, roomAt } from "./select.ts";
import type { Choice } from "./select.ts";

/** Calls in flight that a project may have before its share of all is looked at. */
const fewInFlight = 4;

/** Whether a project has so many calls in flight that others should get their turn: more than 4 and twice the mean. */
export function isCrowded(home: Project, roster: Roster): boolean {
  return home.inFlight >= fewInFlight + (2 * roster.inFlight()) / Math.max(1, roster.projects.size);
}

/**
 * Whether a prefix stays where it is although another project serves this call: because the call has tried its project,
 * names another one's resources, or its project is crowded. Not when the project cannot serve, or only in a higher tier.
 */
export function staysHome(home: Project, chosen: Member, choice: Choice): boolean {
  let looked = 0;
  for (const member of home.members) {
    if (++looked > homeMembers) return false;
    if (member.credential.tier > chosen.credential.tier) continue;
    if (busyUntil(member, choice.lane.model, choice.now) === 0) return roomAt(home, choice.cost, choice) === 0;
  }
  return false;
}
