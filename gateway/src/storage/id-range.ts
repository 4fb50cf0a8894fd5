/**
 * Ranges of time as ranges of call ids, so that the calls table needs no index on the time.
 * @module
 */

/**
 * The least id that a call begun at this time can have. Ids start with 9 digits (base 36) of milliseconds and never go
 * back when the clock does (core/ids), so a call begun at or after `ms` has an id at or above `idFloor(ms)`; one with
 * a smaller id began before it. The reverse does not hold: compare `started_at` too.
 * @param ms epoch milliseconds; below 0 counts as 0, beyond 9 digits as the last
 */
export function idFloor(ms: number): string {
  const whole = Math.min(Math.max(Math.floor(ms), 0), 36 ** 9 - 1);
  return whole.toString(36).padStart(9, "0");
}
