/**
 * The Live sessions of one process.
 * @module
 */

import type { Settings } from "../../settings/types.ts";

/** What ends with the process. */
export interface Drainable {
  /** Ends it: the process is told to stop. */
  drain(): void;
}

/** The sessions that are open, at most MAX_LIVE_SESSIONS. */
export interface LiveSessions {
  /** @returns false when there are as many as there may be */
  enter(session: Drainable): boolean;
  leave(session: Drainable): void;
  /** Ends all that are open. */
  drain(): void;
  readonly count: number;
}

/** @param most sessions at once: a number, or the settings, which may change while it is used */
export function createLiveSessions(most: number | Pick<Settings, "maxLiveSessions">): LiveSessions {
  const open = new Set<Drainable>();
  const limit = (): number => (typeof most === "number" ? most : most.maxLiveSessions);
  return {
    enter(session) {
      if (open.size >= limit()) return false;
      open.add(session);
      return true;
    },
    leave: (session) => void open.delete(session),
    drain() {
      for (const session of open) session.drain();
    },
    get count() {
      return open.size;
    },
  };
}
