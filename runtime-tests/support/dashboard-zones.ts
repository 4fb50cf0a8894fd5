/**
 * Local time by Intl alone: slow, and plainly right.
 * @module
 */

/** Zones that figures are looked at in: none, one without summer time, and the one that Google's days are of. */
export const zones = ["UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles"] as const;

const quarterMs = 900_000;

/**
 * The day of a date in a zone.
 * @param date year, month from 1, day
 * @returns its first moment, and the first of the next day
 */
export function localDay(date: readonly [number, number, number], zone: string): { fromMs: number; toMs: number } {
  const [year, month, day] = date;
  return {
    fromMs: midnight(Date.UTC(year, month - 1, day), zone),
    toMs: midnight(Date.UTC(year, month - 1, day + 1), zone),
  };
}

/** What the clock on the wall says: `01:15:00`. */
export function wallClock(at: number, zone: string): string {
  return formatter(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
}

// --- helpers ---

/** The first quarter of an hour that has this date. @param utc the date at midnight in UTC */
function midnight(utc: number, zone: string): number {
  const dates = formatter(zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  const wanted = new Date(utc).toISOString().slice(0, 10);
  for (let at = utc - 86_400_000; ; at += quarterMs) if (dates.format(at) === wanted) return at;
}

function formatter(zone: string, fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // Swedish writes dates as 2026-11-01.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, ...fields });
}
