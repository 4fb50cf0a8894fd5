/**
 * Google's day limits start anew at midnight in Los Angeles (fact sheet upstream 4.4), summer time included.
 * @module
 */

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

/**
 * The next midnight in Los Angeles.
 * @param now epoch milliseconds
 * @returns epoch milliseconds, later than `now` by at most 25 hours
 */
export function nextPacificMidnight(now: number): number {
  const local = toLocal(now);
  const midnight = local - (((local % dayMs) + dayMs) % dayMs) + dayMs;
  // The clocks change at two in the morning, so the offset at midnight may differ from the one now, but is never in doubt:
  // the first guess is at most an hour off, and the offset around it is that of midnight itself.
  const guess = midnight + (now - local);
  return midnight + (guess - toLocal(guess));
}

// --- helpers ---

/** Los Angeles' wall clock, as if it were UTC. */
function toLocal(at: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of pacific.formatToParts(at)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}
