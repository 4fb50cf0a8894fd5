/**
 * Which disabled credentials may be asked again.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import { toLease } from "./member.ts";
import type { Member } from "./member.ts";
import type { Disabled } from "./types.ts";

/**
 * Due ones, the longest overdue first. A disabled project is probed through one of its credentials, preferably one
 * that is not disabled itself. Credentials that are off by hand are never probed.
 * @param now epoch milliseconds
 */
export function findDueProbes(members: Iterable<Member>, now: number): Lease[] {
  const due = new Map<Member, number>();
  const projects = new Map<string, Member>();
  for (const member of members) {
    if (!member.credential.enabled) continue;
    const own = member.health.disabled;
    const shared = member.project.health.disabled;
    if (isDue(own, now)) due.set(member, own.probeAtMs as number);
    if (!isDue(shared, now)) continue;
    const known = projects.get(member.project.id);
    if (known === undefined || (known.health.disabled !== null && own === null))
      projects.set(member.project.id, member);
  }
  for (const member of projects.values()) {
    const at = member.project.health.disabled?.probeAtMs as number;
    due.set(member, Math.min(due.get(member) ?? at, at));
  }
  return [...due].sort((left, right) => left[1] - right[1]).map(([member]) => toLease(member));
}

// --- helpers ---

function isDue(disabled: Disabled | null, now: number): disabled is Disabled {
  return disabled !== null && disabled.probeAtMs !== null && disabled.probeAtMs <= now;
}
