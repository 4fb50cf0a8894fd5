/**
 * The only place that changes health, and that tells the store about it.
 *
 * How rows leave the store: every cooldown that ends early, is replaced by nothing, or is found to have run out by
 * `sweep` is announced with `removed: true`; `restore` of the pool announces those that ran out while the process was
 * down. Sweeps visit a few subjects after each verdict and many at each look for due probes, so what has run out never
 * piles up beyond the bounds below, in memory or in the store.
 * @module
 */
import type { Health } from "./health.ts";
import { isFault, moveRamps, startRamp } from "./ramp.ts";
import type { Cooldown, Disabled, HealthChange } from "./types.ts";

/**
 * Most model cooldowns of one subject. Names of models come from clients, so their number must be bounded; Google
 * serves some fifty.
 */
const modelRestLimit = 64;
/** Most of those for models that do not exist: the kind that a hostile client can make at will. */
const missingModelLimit = 16;

/** What a cooldown says apart from its subject. */
export type Rest = Pick<Cooldown, "untilMs" | "sinceMs" | "cause" | "rule" | "words">;

/** Changes health. */
export interface HealthBook {
  /** Rises with every change: whoever has computed something from health can see whether it still holds. */
  version(): number;
  /**
   * Lets a subject rest. The later end wins: a shorter verdict never shortens a running rest.
   * @param model null: for every model
   * @returns whether another cooldown of the subject had to give way to the bounds
   */
  rest(health: Health, model: string | null, rest: Rest, now: number): boolean;
  /** Lets a model rest for every credential. A hint only, see the pool. */
  restModel(model: string, rest: Rest, now: number): void;
  /**
   * Disables a subject. The same reason again changes nothing before the probe is due: it comes from calls that were
   * under way when the first one failed.
   */
  disable(health: Health, disabled: Omit<Disabled, "scope" | "subject">, now: number): void;
  /** Brings the probe of a disabled subject forward. */
  hasten(health: Health, probeAtMs: number): void;
  /** Ends everything that is known against a subject; after a fault it comes back call by call. */
  clear(health: Health): void;
  /**
   * Hands everything known against one subject to another of the same kind.
   * @returns whether a cooldown of `to` had to give way to the bounds
   */
  move(from: Health, to: Health, now: number): boolean;
  /** Forgets what has run out. */
  sweep(health: Health, now: number): void;
  /** Forgets the models' hints that have run out. */
  sweepModels(now: number): void;
  /** Puts back what the store has: as `rest`, but says nothing of what is there already. */
  load(health: Health, cooldown: Cooldown, now: number): void;
  loadModel(cooldown: Cooldown, now: number): void;
  loadDisabled(health: Health, disabled: Disabled): void;
  /** Tells the store that a row is of no use any more. */
  discard(change: { kind: "cooldown"; value: Cooldown } | { kind: "disabled"; value: Disabled }): void;
}

/**
 * Makes the book.
 * @param onChange told of each change; must not call the pool
 */
export function createHealthBook(onChange: (change: HealthChange) => void): HealthBook {
  let version = 0;
  const models = new Map<string, Cooldown>();

  /** Set while rows are put back that came from the store. */
  let loading = false;
  /** Set while what is known goes to another subject: no new fault. */
  let moving = false;

  const told = (value: Cooldown, removed: boolean): void => {
    version++;
    if (!loading || removed) onChange({ kind: "cooldown", value, removed });
  };
  const toldDisabled = (value: Disabled, removed: boolean): void => {
    version++;
    if (!loading || removed) onChange({ kind: "disabled", value, removed });
  };

  function rest(health: Health, model: string | null, wanted: Rest, now: number): boolean {
    const known = (model === null ? health.rest : health.modelRests?.get(model)) ?? null;
    const running = known !== null && known.untilMs > now;
    if (wanted.untilMs <= now || (running && known.untilMs >= wanted.untilMs)) return false;
    const value: Cooldown = {
      ...wanted,
      scope: model === null ? health.owner : `${health.owner}-model`,
      subject: health.subject,
      model: model ?? "",
      sinceMs: running ? Math.min(known.sinceMs, wanted.sinceMs) : wanted.sinceMs,
    };
    told(value, false);
    if (!moving && isFault(value.cause)) startRamp(health, model);
    if (model === null) {
      health.rest = value;
      return false;
    }
    health.modelRests ??= new Map();
    health.modelRests.set(model, value);
    const evicted = overflow(health.modelRests, value);
    if (evicted === null) return false;
    health.modelRests.delete(evicted.model);
    told(evicted, true);
    return true;
  }

  function disable(health: Health, wanted: Omit<Disabled, "scope" | "subject">, now: number): void {
    const known = health.disabled;
    if (known !== null && known.reason === wanted.reason) {
      if (known.probeAtMs === wanted.probeAtMs) return;
      if (wanted.probeAtMs !== null && (known.probeAtMs === null || known.probeAtMs > now)) return;
    }
    const sinceMs = known === null ? wanted.sinceMs : Math.min(known.sinceMs, wanted.sinceMs);
    health.disabled = { ...wanted, scope: health.owner, subject: health.subject, sinceMs };
    if (!moving) startRamp(health, null);
    toldDisabled(health.disabled, false);
  }

  function clear(health: Health): void {
    if (health.rest !== null) told(health.rest, true);
    for (const value of health.modelRests?.values() ?? []) told(value, true);
    if (health.disabled !== null) toldDisabled(health.disabled, true);
    health.rest = null;
    health.modelRests = null;
    health.disabled = null;
  }

  function restModel(model: string, wanted: Rest, now: number): void {
    const known = models.get(model);
    if (wanted.untilMs <= now || (known !== undefined && known.untilMs >= wanted.untilMs)) return;
    const value: Cooldown = { ...wanted, scope: "model", subject: "", model };
    models.set(model, value);
    told(value, false);
    const evicted = overflow(models, value);
    if (evicted !== null && models.delete(evicted.model)) told(evicted, true);
  }

  function load(step: () => void): void {
    loading = true;
    step();
    loading = false;
  }

  return {
    version: () => version,
    rest,
    restModel,
    disable,
    hasten(health, probeAtMs) {
      const known = health.disabled;
      if (known === null || (known.probeAtMs !== null && known.probeAtMs <= probeAtMs)) return;
      health.disabled = { ...known, probeAtMs };
      toldDisabled(health.disabled, false);
    },
    clear,
    move(from, to, now) {
      let evicted = false;
      moving = true;
      if (from.rest !== null) rest(to, null, from.rest, now);
      for (const [model, value] of from.modelRests ?? []) evicted = rest(to, model, value, now) || evicted;
      if (from.disabled !== null && to.disabled === null) disable(to, from.disabled, now);
      moving = false;
      moveRamps(from, to);
      clear(from);
      return evicted;
    },
    sweep(health, now) {
      if (health.rest !== null && health.rest.untilMs <= now) {
        told(health.rest, true);
        health.rest = null;
      }
      if (health.modelRests === null) return;
      for (const [model, value] of health.modelRests) {
        if (value.untilMs > now) continue;
        health.modelRests.delete(model);
        told(value, true);
      }
      if (health.modelRests.size === 0) health.modelRests = null;
    },
    sweepModels(now) {
      for (const [model, value] of models) if (value.untilMs <= now && models.delete(model)) told(value, true);
    },
    load: (health, value, now) => load(() => rest(health, isWhole(value) ? null : value.model, value, now)),
    loadModel: (value, now) => load(() => restModel(value.model, value, now)),
    loadDisabled: (health, value) => load(() => disable(health, value, 0)),
    discard: (change) => onChange({ ...change, removed: true }),
  };
}

// --- helpers ---

function isWhole(cooldown: Cooldown): boolean {
  return cooldown.scope === "credential" || cooldown.scope === "project";
}

/** Which cooldown must go after `added` came: the first to end of the kind that is too many, never `added` itself. */
function overflow(rests: ReadonlyMap<string, Cooldown>, added: Cooldown): Cooldown | null {
  if (rests.size <= missingModelLimit) return null;
  let missing = 0;
  let firstMissing: Cooldown | null = null;
  let first: Cooldown | null = null;
  for (const value of rests.values()) {
    const isMissing = value.cause === "model-missing";
    if (isMissing) missing++;
    if (value === added) continue;
    if (first === null || value.untilMs < first.untilMs) first = value;
    if (isMissing && (firstMissing === null || value.untilMs < firstMissing.untilMs)) firstMissing = value;
  }
  if (missing > missingModelLimit) return firstMissing;
  return rests.size > modelRestLimit ? (firstMissing ?? first) : null;
}
