/**
 * What is known of one credential's or one project's health, and the question on every pick: may it serve now?
 * @module
 */
import type { Cooldown, Disabled } from "./types.ts";

/** How far a subject has come back. */
export interface Ramp {
  /** Most calls in flight at a time. */
  allowance: number;
  /** Calls in flight that try it out. */
  inFlight: number;
  successes: number;
  /** Epoch milliseconds of the last call that tried it out. */
  usedMs: number;
}

/** Cooldowns and automatic disable of one subject. Changed by the health book only. */
export interface Health {
  readonly owner: "credential" | "project";
  readonly subject: string;
  /** Rest for every model. May have run out: compare `untilMs`. */
  rest: Cooldown | null;
  /** Rests by model ("" for calls that concern none). Null while there are none: most credentials are well. */
  modelRests: Map<string, Cooldown> | null;
  disabled: Disabled | null;
  /** How far it has come back from a fault that concerned every model; null: it is well, or has not been at fault. */
  ramp: Ramp | null;
  /** The same by model. */
  modelRamps: Map<string, Ramp> | null;
}

/** Good health. */
export function createHealth(owner: Health["owner"], subject: string): Health {
  return { owner, subject, rest: null, modelRests: null, disabled: null, ramp: null, modelRamps: null };
}

/**
 * Until when the subject may not serve the model.
 * @returns epoch milliseconds; 0: it may serve now; Infinity: disabled
 */
export function heldUntil(health: Health, model: string, now: number): number {
  if (health.disabled !== null) return Infinity;
  let until = 0;
  if (health.rest !== null && health.rest.untilMs > now) until = health.rest.untilMs;
  if (health.modelRests !== null) {
    const rest = health.modelRests.get(model);
    if (rest !== undefined && rest.untilMs > now && rest.untilMs > until) until = rest.untilMs;
  }
  return until;
}

/** The cooldown that ends last among those that keep the subject from the model now, or null. */
export function longestRest(health: Health, model: string, now: number): Cooldown | null {
  const whole = health.rest !== null && health.rest.untilMs > now ? health.rest : null;
  const one = health.modelRests?.get(model);
  if (one === undefined || one.untilMs <= now) return whole;
  return whole === null || one.untilMs > whole.untilMs ? one : whole;
}

/** All cooldowns that still run. */
export function runningRests(health: Health, now: number): Cooldown[] {
  const running: Cooldown[] = [];
  if (health.rest !== null && health.rest.untilMs > now) running.push(health.rest);
  if (health.modelRests !== null) {
    for (const rest of health.modelRests.values()) if (rest.untilMs > now) running.push(rest);
  }
  return running;
}
