/**
 * Slows down guessing: failed log-ins are counted by address and by name; from the fifth within a quarter of an hour on
 * each must wait twice as long as the one before. In memory: a restart forgets, and costs the guesser more than it gives.
 *
 * Wrong admin tokens are counted by address only; the right one is let in whatever was counted (handlers/session.ts), since
 * behind a proxy that is not told about everybody has one address.
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
      /** Nothing was looked at: this try does not count. */
      withdraw(): void;
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
/** Addresses, and as many names; the ones that failed the longest ago go. */
const mostSubjects = 10_000;

/** None has failed. */
export function createLoginLimits(clock: Pick<Clock, "monotonic">): LoginLimits {
  // Two tables: addresses cost an attacker nothing where a network is rented, and must not push names out.
  const addresses = createFailures();
  const names = createFailures();

  return {
    begin({ address, name }) {
      const now = clock.monotonic();
      const subjects: { table: Failures; key: string }[] = [{ table: addresses, key: networkOf(address) }];
      if (name !== null) subjects.push({ table: names, key: name.toLowerCase() });
      const wait = Math.max(...subjects.map(({ table, key }) => table.waitOf(key, now)));
      if (wait > 0) return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) };
      for (const { table, key } of subjects) table.count(key, now);
      const withdraw = (): void => subjects.forEach(({ table, key }) => table.uncount(key));
      return {
        ok: true,
        withdraw,
        succeeded() {
          // Earlier failures from there stay: one who has a log-in must not guess another's in between.
          withdraw();
          if (name !== null) names.forget(name.toLowerCase());
        },
      };
    },
  };
}

// --- helpers ---

/** Failures by who failed. */
interface Failures {
  /** Milliseconds until the next try. */
  waitOf(key: string, now: number): number;
  count(key: string, now: number): void;
  /** One less. */
  uncount(key: string): void;
  forget(key: string): void;
}

function createFailures(): Failures {
  /** The latest last. */
  const failures = new Map<string, { count: number; at: number }>();
  return {
    waitOf(key, now) {
      const failed = failures.get(key);
      if (failed === undefined) return 0;
      const doublings = Math.min(failed.count - freeFailures, 20);
      const wait = doublings < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** doublings);
      // From the end of the wait on: whoever waits the longest must not begin anew.
      if (now - failed.at >= wait + rememberedMs) failures.delete(key);
      return Math.max(0, failed.at + wait - now);
    },
    count(key, now) {
      const failed = failures.get(key);
      failures.delete(key);
      for (const [oldest] of failures) {
        if (failures.size < mostSubjects) break;
        failures.delete(oldest);
      }
      failures.set(key, { count: (failed?.count ?? 0) + 1, at: now });
    },
    uncount(key) {
      const failed = failures.get(key);
      if (failed !== undefined && --failed.count <= 0) failures.delete(key);
    },
    forget: (key) => void failures.delete(key),
  };
}

/** Whoever has IPv6 has a /64 at least, and with it more addresses than any table takes. */
function networkOf(text: string | null): string {
  const address = text === null ? null : parseAddress(text);
  if (address === null) return "unknown";
  return address.family === 4 ? `4/${address.words[3]}` : `6/${address.words[0]}/${address.words[1]}`;
}
