/**
 * Sums over the last minutes, for rates that say how it goes now and not since the start.
 * @module
 */

/** Sums of a stretch of time. */
export interface WindowSums {
  /** All that ended. */
  calls: number;
  /** Those with a duration that says something: all but Live sessions. */
  timed: number;
  micros: number;
  /** Outcome `error` or `incomplete`. */
  errors: number;
  /** Errors that are not the client's: 429, 5xx, `incomplete`. */
  failures: number;
  /** Answered from kept or shared answers. */
  cached: number;
  attempts: number;
  /** Attempts that failed by the upstream's or the network's fault. */
  upstreamFaults: number;
  /** Counts by class of `durationBounds`; empty where none are kept. */
  latency: number[];
}

/** Sums by minute. */
export interface Window {
  /** The sums that a call which ended in this minute is added to. */
  at(minute: number): WindowSums;
  /** Sums of the last five minutes and what there is of the present one. */
  sum(nowMs: number): WindowSums;
}

/** Minutes looked back on. */
export const windowMinutes = 5;
const minuteMs = 60_000;

/** @returns the minute that a time belongs to */
export function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs);
}

/**
 * Makes an empty window. Takes about a kilobyte.
 * @param classes how many classes of latency it keeps. @default 0
 */
export function createWindow(classes = 0): Window {
  const slots: (WindowSums & { minute: number })[] = Array.from({ length: windowMinutes + 1 }, () => ({
    minute: -1,
    ...emptySums(classes),
  }));
  return {
    at(minute) {
      const slot = slots[minute % slots.length] as WindowSums & { minute: number };
      // Another minute, also an earlier one: clocks are set back.
      if (slot.minute !== minute) Object.assign(slot, emptySums(classes), { minute });
      return slot;
    },
    sum(nowMs) {
      const now = minuteOf(nowMs);
      const sums = emptySums(classes);
      for (const slot of slots) {
        if (slot.minute > now || slot.minute < now - windowMinutes) continue;
        sums.calls += slot.calls;
        sums.timed += slot.timed;
        sums.micros += slot.micros;
        sums.errors += slot.errors;
        sums.failures += slot.failures;
        sums.cached += slot.cached;
        sums.attempts += slot.attempts;
        sums.upstreamFaults += slot.upstreamFaults;
        for (const [index, count] of slot.latency.entries()) sums.latency[index] = (sums.latency[index] ?? 0) + count;
      }
      return sums;
    },
  };
}

// --- helpers ---

function emptySums(classes: number): WindowSums {
  return {
    calls: 0,
    timed: 0,
    micros: 0,
    errors: 0,
    failures: 0,
    cached: 0,
    attempts: 0,
    upstreamFaults: 0,
    latency: Array.from({ length: classes }, () => 0),
  };
}
