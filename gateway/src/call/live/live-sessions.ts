/**
 * The Live sessions of one process.
 * @module
 */

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

/** @param most sessions at once */
export function createLiveSessions(most: number): LiveSessions {
  const open = new Set<Drainable>();
  return {
    enter(session) {
      if (open.size >= most) return false;
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
