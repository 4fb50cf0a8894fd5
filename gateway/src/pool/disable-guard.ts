/**
 * A guard against losing the pool to a mistake: when verdicts want to disable a large part of it within minutes, the
 * cause is hardly the credentials (an egress that was cut off, a change at Google, a rule gone wrong).
 * @module
 */
import type { Health } from "./health.ts";
import type { HealthBook } from "./health-book.ts";

/** What the host is told when the pool panics. */
export interface Panic {
  now: number;
  /** Credentials that were disabled within the last ten minutes. */
  disabled: number;
  /** Most that may be. */
  most: number;
}

/** Says whether one more disable is believed. */
export interface DisableGuard {
  /**
   * Asked before a subject that is not disabled becomes so; counts it when the answer is yes.
   * @param takenOut how many enabled credentials the disable takes out of the pool by itself; asked again later
   */
  believes(health: Health, takenOut: () => number, now: number): boolean;
  /** Whether a disable was not believed within the last ten minutes. */
  panics(now: number): boolean;
}

/** Disables are counted over this long, and so long does a panic last after the last one that was not believed. */
const windowMs = 600_000;
/** So many may always be disabled: in a small pool one dead project is a large share. */
const alwaysBelieved = 3;
/** In a panic the disables that were believed just before are under suspicion too: they are probed this soon. */
const secondLookMs = 60_000;

/**
 * Makes the guard.
 * @param options `share`: of the pool's enabled credentials, 0 to 1; `size`: how many those are; `onPanic`: told when a
 *   panic begins, must not call the pool
 */
export function createDisableGuard(options: {
  share: () => number;
  size: () => number;
  book: HealthBook;
  onPanic: (panic: Panic) => void;
}): DisableGuard {
  const believed = new Map<Health, { atMs: number; takenOut: () => number }>();
  let panicUntilMs = 0;

  function believes(health: Health, takenOut: () => number, now: number): boolean {
    let disabled = 0;
    for (const [one, { atMs, takenOut: taken }] of believed) {
      // Whoever came back meanwhile, or has left, does not count.
      if (one.disabled === null || atMs <= now - windowMs) believed.delete(one);
      else disabled += taken();
    }
    const most = Math.max(alwaysBelieved, Math.floor(options.size() * options.share()));
    if (disabled + takenOut() <= most) {
      believed.set(health, { atMs: now, takenOut });
      return true;
    }
    const begins = now >= panicUntilMs;
    panicUntilMs = now + windowMs;
    if (begins) {
      for (const one of believed.keys()) options.book.hasten(one, now + secondLookMs);
      options.onPanic({ now, disabled, most });
    }
    return false;
  }

  return { believes, panics: (now) => now < panicUntilMs };
}
