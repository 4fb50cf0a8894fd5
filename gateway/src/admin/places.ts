/**
 * Bounds for answers that go on for long: so many at once, and so many for each who asks, so that one reader cannot keep
 * the others out.
 * @module
 */
import type { Actor } from "./auth/actor.ts";

/** Places for one kind of answer. */
export interface Places {
  /**
   * Takes one.
   * @returns gives it back, once however often it is called; null: they are all taken, or all that one may have
   */
  take(actor: Actor): (() => void) | null;
}

/** @param bounds `most`: of all together; `mostOfOne`: of one operator or token, in however many sessions */
export function createPlaces({ most, mostOfOne }: { most: number; mostOfOne: number }): Places {
  /** By who asked; only those who have some. */
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(actor) {
      // Sessions of the admin token and the token itself are one.
      const who = actor.id ?? actor.name;
      const own = taken.get(who) ?? 0;
      if (all >= most || own >= mostOfOne) return null;
      all++;
      taken.set(who, own + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        all--;
        const left = (taken.get(who) ?? 1) - 1;
        if (left > 0) taken.set(who, left);
        else taken.delete(who);
      };
    },
  };
}
