/** @module Midnight in America/Los_Angeles, where Google's day quotas reset (fact sheet upstream 4.4). */

const FORMAT = new Intl.DateTimeFormat("en-US", {
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
 * The first instant after `time` that is midnight in Los Angeles; right on days of 23 and 25 hours too.
 * @param time Milliseconds since the epoch.
 */
export function nextPacificMidnight(time: number): number {
  const wall = wallClock(time);
  const nextDay = Date.UTC(wall.year, wall.month - 1, wall.day + 1);
  // Guess with today's offset, then correct by what the zone says at the guess: midnight itself is never skipped there.
  const guess = nextDay + (time - wall.asUtc);
  const there = wallClock(guess);
  return guess + (nextDay - there.asUtc);
}

// --- helpers ---

function wallClock(time: number): { year: number; month: number; day: number; asUtc: number } {
  const whole = Math.floor(time / 1000) * 1000;
  const parts: Record<string, number> = {};
  for (const { type, value } of FORMAT.formatToParts(whole)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, asUtc: Date.UTC(year, month - 1, day, hour, minute, second) + (time - whole) };
}
