/**
 * From a verdict's effects to changes of health.
 * @module
 */
import type { Effect } from "../core/verdict.ts";
import type { DisableGuard } from "./disable-guard.ts";
import type { HealthBook, Rest } from "./health-book.ts";
import type { Member, Project } from "./member.ts";

/** Longer names belong to no model of Google's; calls for them are pooled with those that concern no model. */
export const longestModelName = 200;
/** No rest is longer, whatever a verdict says: the longest true one is to the first of the next month. */
const longestRestMs = 32 * 86_400_000;
/** Nothing that was disabled by itself stays so for good: what a verdict gives no time for is probed after a day. */
const defaultProbeMs = 86_400_000;
/** Rest in place of a disable that is not believed. */
const suspectMs = 60_000;
/** Models for which bursts of one credential are remembered. */
const burstLimit = 64;

/** Whom an effect may concern. */
export interface EffectTarget {
  /** Null: the credential has left the pool. */
  member: Member | null;
  project: Project | null;
  model: string | null;
  rule: string;
  now: number;
}

/**
 * Applies one effect.
 * This is the one place where a verdict takes credentials out of the pool, so the guard against losing most of them at
 * once stands here: a disable that it does not believe becomes a rest of a minute, cause `suspect`.
 * @param tools `steps`: milliseconds that a credential rests for a model after 1, 2, 3, … bursts without a success between
 * @returns members that may serve again because an old cooldown had to give way to the bounds
 */
export function applyEffect(
  effect: Effect,
  target: EffectTarget,
  tools: { book: HealthBook; steps: readonly number[]; guard: DisableGuard },
): Iterable<Member> {
  const { member, project, rule, now } = target;
  const { book } = tools;
  if (effect.kind === "disable") {
    const health = effect.scope === "credential" ? member?.health : project?.health;
    if (health === undefined) return [];
    const { reason, words } = effect;
    // A credential of a disabled project is out already.
    const isOut = health.disabled !== null || (effect.scope === "credential" && project?.health.disabled != null);
    if (!isOut && !tools.guard.believes(health, takenOut(effect.scope, target), now)) {
      book.rest(health, null, { untilMs: now + suspectMs, sinceMs: now, cause: "suspect", rule, words }, now);
      return [];
    }
    const probeAtMs = effect.probeAtMs ?? now + defaultProbeMs;
    book.disable(health, { reason, sinceMs: now, probeAtMs, rule, words }, now);
    return [];
  }
  if (!Number.isFinite(effect.untilMs)) return [];
  const untilMs = Math.min(effect.untilMs, now + longestRestMs);
  const rest: Rest = { untilMs, sinceMs: now, cause: effect.cause, rule, words: effect.words };
  const model = target.model ?? "";
  if (model.length > longestModelName && effect.scope.endsWith("model")) return [];
  switch (effect.scope) {
    case "credential":
      if (member !== null) book.rest(member.health, null, rest, now);
      return [];
    case "project":
      if (project !== null) book.rest(project.health, null, rest, now);
      return [];
    case "credential-model": {
      if (member === null) return [];
      if (effect.cause === "burst") rest.untilMs = Math.max(untilMs, now + burstStep(member, model, now, tools.steps));
      return book.rest(member.health, model, rest, now) ? [member] : [];
    }
    case "project-model":
      return project !== null && book.rest(project.health, model, rest, now) ? project.members : [];
    case "model":
      book.restModel(model, rest, now);
      return [];
  }
}

/** What a verdict says of a quota that is used up; null: nothing. */
export function refusalOf(effects: readonly Effect[], sentAt: number): { sentAt: number; untilMs: number } | null {
  let untilMs = -Infinity;
  for (const effect of effects)
    if (effect.kind === "cooldown" && effect.cause.endsWith("-quota")) untilMs = Math.max(untilMs, effect.untilMs);
  return untilMs === -Infinity ? null : { sentAt, untilMs };
}

// --- helpers ---

/** How many enabled credentials a disable keeps out: a project's members that are not disabled themselves as well. */
function takenOut(scope: "credential" | "project", { member, project }: EffectTarget): () => number {
  if (scope === "credential") return () => (member?.credential.enabled === true ? 1 : 0);
  return () => {
    let count = 0;
    for (const { credential, health } of project?.members ?? [])
      if (credential.enabled && health.disabled === null) count++;
    return count;
  };
}

/** Calls under way when the first of a burst failed fail too; they do not make it a second burst. */
function burstStep(member: Member, model: string, now: number, steps: readonly number[]): number {
  member.bursts ??= new Map();
  const running = member.health.modelRests?.get(model);
  const known = member.bursts.get(model) ?? 0;
  const count = running !== undefined && running.untilMs > now ? Math.max(1, known) : known + 1;
  member.bursts.delete(model);
  member.bursts.set(model, count);
  if (member.bursts.size > burstLimit) member.bursts.delete(member.bursts.keys().next().value as string);
  return steps[Math.min(count, steps.length) - 1] ?? 0;
}
