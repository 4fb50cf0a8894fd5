/**
 * Looks over all members: why nobody can serve, the counts, and the list for people. O(n), so never on a pick that
 * succeeds.
 * @module
 */
import { longestRest, runningRests } from "./health.ts";
import type { Health } from "./health.ts";
import type { Member } from "./member.ts";
import type { CredentialView, Disabled, Pick } from "./types.ts";

/** A pick that failed. */
export type Refusal = Extract<Pick, { ok: false }>;

/**
 * Why a model cannot be served. Each credential is counted once, under what keeps it longest: `off` (by hand), the
 * reason of its disable, or the cause of the cooldown that ends last. Those that can serve were tried and are not
 * counted.
 */
export function explainRefusal(members: Iterable<Member>, model: string, now: number): Refusal {
  const causes: Record<string, number> = {};
  let total = 0;
  let able = 0;
  let soonestMs: number | null = null;
  for (const member of members) {
    total++;
    const disabled = member.health.disabled ?? member.project.health.disabled;
    let cause: string;
    if (!member.credential.enabled) cause = "off";
    else if (disabled !== null) cause = disabled.reason;
    else {
      const own = longestRest(member.health, model, now);
      const shared = longestRest(member.project.health, model, now);
      const rest = own === null || (shared !== null && shared.untilMs > own.untilMs) ? shared : own;
      if (rest === null) {
        able++;
        continue;
      }
      cause = rest.cause;
      if (soonestMs === null || rest.untilMs < soonestMs) soonestMs = rest.untilMs;
    }
    causes[cause] = (causes[cause] ?? 0) + 1;
  }
  const reason = total === 0 ? "empty" : able > 0 ? "tried" : soonestMs !== null ? "cooling" : "unusable";
  return { ok: false, reason, causes, soonestMs };
}

/** Counts for health, see `Pool.counts`. */
export function countMembers(
  members: Iterable<Member>,
  now: number,
): { total: number; usable: number; cooling: number; disabled: number; off: number } {
  const counts = { total: 0, usable: 0, cooling: 0, disabled: 0, off: 0 };
  for (const member of members) {
    const { health } = member;
    const shared = member.project.health;
    counts.total++;
    if (!member.credential.enabled) counts.off++;
    else if (health.disabled !== null || shared.disabled !== null) counts.disabled++;
    else {
      if (!restsWhole(health, now) && !restsWhole(shared, now)) counts.usable++;
      if (runningRests(health, now).length > 0 || runningRests(shared, now).length > 0) counts.cooling++;
    }
  }
  return counts;
}

/** One member as people see it, with the cooldowns and the disable of its project. */
export function toView(member: Member, now: number): CredentialView {
  const { credential, health, project } = member;
  const cooldowns = [...runningRests(health, now), ...runningRests(project.health, now)];
  const disabled = firstDue(health.disabled, project.health.disabled);
  return {
    id: credential.id,
    name: credential.name,
    projectId: project.id,
    source: credential.source,
    tier: credential.tier,
    weight: credential.weight,
    state: !credential.enabled ? "off" : disabled !== null ? "disabled" : cooldowns.length > 0 ? "cooling" : "active",
    disabled,
    cooldowns,
    inFlight: member.inFlight,
    uses: member.uses,
  };
}

// --- helpers ---

function restsWhole(health: Health, now: number): boolean {
  return health.rest !== null && health.rest.untilMs > now;
}

/** Of two disables the one that is probed first: an inconclusive probe postpones the one that is shown. */
function firstDue(own: Disabled | null, shared: Disabled | null): Disabled | null {
  if (own === null || shared === null) return own ?? shared;
  return (shared.probeAtMs ?? Infinity) < (own.probeAtMs ?? Infinity) ? shared : own;
}
