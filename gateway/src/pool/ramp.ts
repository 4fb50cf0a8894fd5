/**
 * Half-open recovery, as circuit breakers have it: who comes back from a fault first gets one call at a time, and each
 * success doubles that. A credential that is still broken then costs one call, not as many as happen to be under way.
 *
 * Rests whose end is certain (minute and day quotas) need none of this.
 * @module
 */
import type { CooldownCause } from "../core/verdict.ts";
import type { Health, Ramp } from "./health.ts";

/** Two subjects that a member's calls concern: itself and its project. */
interface Subjects {
  readonly health: Health;
  readonly project: { readonly health: Health };
}

/** After so many successes (1, 2, 4, 8, 16 at a time) a subject is well. */
const enoughSuccesses = 5;
/** Most models of one subject that come back at a time; beyond it the oldest count as well. */
const modelLimit = 64;
/** A call that has not ended for so long is taken for lost. */
const lostMs = 600_000;

/** Whether the end of such a rest says nothing about the subject being well. */
export function isFault(cause: CooldownCause): boolean {
  return cause !== "minute-quota" && cause !== "day-quota";
}

/**
 * A fault began: when it is over, the subject starts with one call.
 * @param model null: it concerns every model
 */
export function startRamp(health: Health, model: string | null): void {
  const known = model === null ? health.ramp : health.modelRamps?.get(model);
  const ramp: Ramp = { allowance: 1, inFlight: known?.inFlight ?? 0, successes: 0, usedMs: known?.usedMs ?? 0 };
  if (model === null) {
    health.ramp = ramp;
    return;
  }
  health.modelRamps ??= new Map();
  health.modelRamps.delete(model);
  health.modelRamps.set(model, ramp);
  if (health.modelRamps.size > modelLimit) health.modelRamps.delete(health.modelRamps.keys().next().value as string);
}

/** Whether the member comes back from a fault, for this model. Cheap: asked at every pick. */
export function isRamping(member: Subjects, model: string): boolean {
  const own = member.health;
  const shared = member.project.health;
  if (own.ramp !== null || shared.ramp !== null) return true;
  return (own.modelRamps?.has(model) ?? false) || (shared.modelRamps?.has(model) ?? false);
}

/** Whether the member has as many calls in flight as it may while it comes back. */
export function isRampFull(member: Subjects, model: string, now: number): boolean {
  const isFull = (ramp: Ramp | null | undefined): boolean =>
    ramp != null && ramp.inFlight >= ramp.allowance && now - ramp.usedMs < lostMs;
  const own = member.health;
  const shared = member.project.health;
  return (
    isFull(own.ramp) ||
    isFull(shared.ramp) ||
    isFull(own.modelRamps?.get(model)) ||
    isFull(shared.modelRamps?.get(model))
  );
}

/** A call that tries it out begins. */
export function rampBegan(member: Subjects, model: string, now: number): void {
  for (const health of [member.health, member.project.health]) {
    for (const ramp of [health.ramp, health.modelRamps?.get(model)]) {
      if (ramp == null) continue;
      if (now - ramp.usedMs >= lostMs) ramp.inFlight = 0;
      ramp.inFlight++;
      ramp.usedMs = now;
    }
  }
}

/** It ended, well or not. To be told for the credential and for the project that it was lent from. */
export function rampEnded(health: Health, model: string): void {
  for (const ramp of [health.ramp, health.modelRamps?.get(model)])
    if (ramp != null) ramp.inFlight = Math.max(0, ramp.inFlight - 1);
}

/** It ended well. To be told for both, too. */
export function rampSucceeded(health: Health, model: string): void {
  if (health.ramp !== null && isWell(health.ramp)) health.ramp = null;
  const ramp = health.modelRamps?.get(model);
  if (ramp === undefined || !isWell(ramp)) return;
  health.modelRamps?.delete(model);
  if (health.modelRamps?.size === 0) health.modelRamps = null;
}

/** Hands recoveries to another subject of the same kind, unless it has its own. Calls in flight are not counted there. */
export function moveRamps(from: Health, to: Health): void {
  if (from.ramp !== null && to.ramp === null) to.ramp = { ...from.ramp, inFlight: 0 };
  for (const [model, ramp] of from.modelRamps ?? []) {
    to.modelRamps ??= new Map();
    if (!to.modelRamps.has(model) && to.modelRamps.size < modelLimit)
      to.modelRamps.set(model, { ...ramp, inFlight: 0 });
  }
}

/** Whether the subject comes back from anything. */
export function hasRamp(health: Health): boolean {
  return health.ramp !== null || health.modelRamps !== null;
}

// --- helpers ---

/** Counts a success. */
function isWell(ramp: Ramp): boolean {
  ramp.successes++;
  ramp.allowance *= 2;
  return ramp.successes >= enoughSuccesses;
}
