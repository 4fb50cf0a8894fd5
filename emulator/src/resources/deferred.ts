/** @module What is to happen when the clock reaches a time: batches that end, videos that are done. Nothing runs by itself; each request looks. */

/** The deferred work of one world. */
export interface Deferred {
  /** @param work Gets the time it was due at, milliseconds since the epoch. */
  at(time: number, work: (due: number) => void): void;
  /** Runs what is due, in order of time; work may defer more. */
  settle(now: number): void;
  clear(): void;
}

/** Nothing to do at first. It holds a few entries for each resource that waits, so the stores' limits bound it. */
export function createDeferred(): Deferred {
  let tasks: Task[] = [];
  return {
    at: (due, work) => {
      // Most are appended: the last in time is the last to come.
      let place = tasks.length;
      while (place > 0 && (tasks[place - 1]?.due ?? 0) > due) place--;
      tasks.splice(place, 0, { due, work });
    },
    settle: (now) => {
      for (let first = tasks[0]; first && first.due <= now; first = tasks[0]) {
        tasks.shift();
        first.work(first.due);
      }
    },
    clear: () => {
      tasks = [];
    },
  };
}

// --- helpers ---

interface Task {
  due: number;
  work: (due: number) => void;
}
