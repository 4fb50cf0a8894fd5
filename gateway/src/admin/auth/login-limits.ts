/**
 * Slows down guessing: failed log-ins are counted by address and by name; from the fifth within a quarter of an hour on
 * each must wait twice as long as the one before. In memory: a restart forgets, and costs the guesser more than it gives.
 *
 * The admin token is counted by address only, so that nobody can lock it out from elsewhere.
 * @module
 */
import { parseAddress } from "../../clients/addresses.ts";
import type { Clock } from "../../core/ports.ts";

/** Whether a log-in may be tried. */
export type LoginTry =
  | {
      ok: true;
      /** It went well: this try does not count, nor do earlier ones for the name. */
      succeeded(): void;
    }
  | { ok: false; retryAfterSeconds: number };

/** Counts log-ins. */
export interface LoginLimits {
  /**
   * Begins a try. It counts as failed until it is told otherwise, so that many at once are no way around.
   * @param from `address`: null: not known; `name`: null: with the admin token
   */
  begin(from: { address: string | null; name: string | null }): LoginTry;
}

/** Failures that are free. */
const freeFailures = 5;
/** Failures are forgotten so long after the last one and its wait. */
const rememberedMs = 15 * 60_000;
const firstWaitMs = 10_000;
const longestWaitMs = 15 * 60_000;
/** Addresses and names; the ones that failed the longest ago go. */
const mostSubjects = 10_000;

/** None has failed. */
export function createLoginLimits(clock: Pick<Clock, "monotonic">): LoginLimits {
  /** The latest last. */
  const failures = new Map<string, { count: number; at: number }>();

  function waitOf(subject: string, now: number): number {
    const failed = failures.get(subject);
    if (failed === undefined) return 0;
    const doublings = Math.min(failed.count - freeFailures, 20);
    const wait = doublings < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** doublings);
    // From the end of the wait on: whoever waits the longest must not begin anew.
    if (now - failed.at >= wait + rememberedMs) failures.delete(subject);
    return Math.max(0, failed.at + wait - now);
  }

  function count(subject: string, now: number): void {
    const failed = failures.get(subject);
    failures.delete(subject);
    for (const [oldest] of failures) {
      if (failures.size < mostSubjects) break;
      failures.delete(oldest);
    }
    failures.set(subject, { count: (failed?.count ?? 0) + 1, at: now });
  }

  return {
    begin({ address, name }) {
      const now = clock.monotonic();
      const subjects = [`address ${networkOf(address)}`];
      if (name !== null) subjects.push(`name ${name.toLowerCase()}`);
      const wait = Math.max(...subjects.map((subject) => waitOf(subject, now)));
      if (wait > 0) return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) };
      for (const subject of subjects) count(subject, now);
      return {
        ok: true,
        succeeded() {
          const [place, person] = subjects as [string, string?];
          const failed = failures.get(place);
          // Earlier failures from there stay: one who has a log-in must not guess another's in between.
          if (failed !== undefined && --failed.count <= 0) failures.delete(place);
          if (person !== undefined) failures.delete(person);
        },
      };
    },
  };
}

// --- helpers ---

/** Whoever has IPv6 has a /64 at least, and with it more addresses than any table takes. */
function networkOf(text: string | null): string {
  const address = text === null ? null : parseAddress(text);
  if (address === null) return "unknown";
  return address.family === 4 ? `4/${address.words[3]}` : `6/${address.words[0]}/${address.words[1]}`;
}
