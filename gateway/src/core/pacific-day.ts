/**
 * Google's day limits start anew at midnight in Los Angeles (fact sheet upstream 4.4), summer time included.
 * @module
 */

/** A day in Los Angeles: 23, 24 or 25 hours. */
export interface PacificDay {
  /** Its midnight, epoch milliseconds. */
  readonly start: number;
  /** The next midnight, epoch milliseconds; no longer part of the day. */
  readonly end: number;
}

const dayMs = 86_400_000;

// Made once: a formatter costs a thousand times what a format costs.
const pacific = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/Los_Angeles",
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
});

// The last answer. After midnight thousands of quota buckets ask for the same day, and two formats cost microseconds.
let lastDay: PacificDay = { start: 0, end: 0 };

/**
 * The day in Los Angeles that a moment belongs to.
 * @param now epoch milliseconds
 * @returns the same object for the same day, as long as no other day is asked for
 */
export function pacificDay(now: number): PacificDay {
  if (now >= lastDay.start && now < lastDay.end) return lastDay;
  const local = toLocal(now);
  const midnight = local - (((local % dayMs) + dayMs) % dayMs);
  const [start, end] = [toEpoch(midnight, now - local), toEpoch(midnight + dayMs, now - local)];
  lastDay = { start, end };
  return lastDay;
}

/**
 * The next midnight in Los Angeles.
 * @param now epoch milliseconds
 * @returns epoch milliseconds, later than `now` by at most 25 hours
 */
export function nextPacificMidnight(now: number): number {
  return pacificDay(now).end;
}

// --- helpers ---

/**
 * A midnight of Los Angeles' wall clock as epoch milliseconds. The clocks change at two in the morning, so the offset at
 * midnight may differ from the one now, but is never in doubt: the first guess is at most an hour off, and the offset
 * around it is that of midnight itself.
 */
function toEpoch(midnight: number, offset: number): number {
  const guess = midnight + offset;
  return midnight + (guess - toLocal(guess));
}

/** Los Angeles' wall clock, as if it were UTC. */
function toLocal(at: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of pacific.formatToParts(at)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}
