/**
 * Looks over all members: why nobody can serve, the counts, and the list for people. O(n), so never on a pick that
 * succeeds.
 * @module
 */
import type { CooldownCause } from "../core/verdict.ts";
import { longestRest, runningRests } from "./health.ts";
import type { Health } from "./health.ts";
import type { Member, Project } from "./member.ts";
import { hasRamp } from "./ramp.ts";
import { roomAt } from "./select.ts";
import type { Choice } from "./select.ts";
import type { Cooldown, CredentialView, Disabled, Pick, PoolCounts } from "./types.ts";

/** No minute's quota takes longer to come back. */
const longestMinuteMs = 120_000;

/** The last moment that a Date can name: a view's word for never. */
const endOfTime = 8_640_000_000_000_000;

/** A pick that failed. */
export type Refusal = Extract<Pick, { ok: false }>;

/**
 * Why a call cannot be served. Each credential is counted once, under what keeps it longest: `off` (by hand), the reason
 * of its disable, the cause of the cooldown that ends last, or the quota that is used up. Those that can serve were tried
 * and are not counted.
 * @param members all that may serve such a call
 * @param choice the call; `excluding` tells who was tried
 */
export function explainRefusal(members: Iterable<Member>, choice: Choice): Refusal {
  const { lane, cost, now } = choice;
  const causes: Record<string, number> = {};
  let total = 0;
  let able = 0;
  let resting = 0;
  let soonestMs: number | null = null;
  for (const member of members) {
    total++;
    const disabled = member.health.disabled ?? member.project.health.disabled;
    let cause: string;
    if (!member.credential.enabled) cause = "off";
    else if (disabled !== null) cause = disabled.reason;
    else {
      const own = longestRest(member.health, lane.model, now);
      const shared = longestRest(member.project.health, lane.model, now);
      const rest = own === null || (shared !== null && shared.untilMs > own.untilMs) ? shared : own;
      const restMs = rest?.untilMs ?? 0;
      const roomMs = roomAt(member.project, cost, choice);
      if (restMs === 0 && roomMs === 0) {
        able++;
        continue;
      }
      const quota = roomMs === 0 ? null : quotaReturn(member.project, roomMs, choice);
      cause = quota === null || (rest !== null && restMs >= quota.untilMs) ? (rest as Cooldown).cause : quota.cause;
      const until = Math.max(restMs, quota?.untilMs ?? 0);
      if (until !== Infinity && (soonestMs === null || until < soonestMs)) soonestMs = until;
      resting++;
    }
    causes[cause] = (causes[cause] ?? 0) + 1;
  }
  const reason = total === 0 ? "empty" : able > 0 ? "tried" : resting > 0 ? "cooling" : "unusable";
  return { ok: false, reason, causes, soonestMs };
}

/** Counts for health, see `Pool.counts`. */
export function countMembers(members: Iterable<Member>, now: number): Omit<PoolCounts, "panic"> {
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
    recovering: hasRamp(health) || hasRamp(project.health),
  };
}

// --- helpers ---

/** Which quota it is that comes back, and when: a limit of 0 is tried again some day, a limit below the cost is not. */
function quotaReturn(
  project: Project,
  roomMs: number,
  { lane, now }: Choice,
): { cause: CooldownCause; untilMs: number } {
  if (roomMs !== Infinity && roomMs > now + longestMinuteMs) return { cause: "day-quota", untilMs: roomMs };
  const views = project.quotas?.get(lane.model)?.bucket.view(now) ?? [];
  if (roomMs === Infinity) {
    const zeros = views.filter((view) => view.value === 0).map((view) => view.roomAtMs ?? 0);
    const untilMs = Math.max(0, ...zeros);
    return { cause: "no-quota", untilMs: untilMs > now && untilMs < endOfTime ? untilMs : Infinity };
  }
  const isDay = views.some((view) => view.window === "day" && view.roomAtMs !== null);
  return { cause: isDay ? "day-quota" : "minute-quota", untilMs: roomMs };
}

function restsWhole(health: Health, now: number): boolean {
  return health.rest !== null && health.rest.untilMs > now;
}

/** Of two disables the one that is probed first: an inconclusive probe postpones the one that is shown. */
function firstDue(own: Disabled | null, shared: Disabled | null): Disabled | null {
  if (own === null || shared === null) return own ?? shared;
  return (shared.probeAtMs ?? Infinity) < (own.probeAtMs ?? Infinity) ? shared : own;
}
