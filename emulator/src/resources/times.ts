/** @module Times and durations as proto3-JSON writes them. */

/** RFC 3339 of milliseconds since the epoch. */
export function toTimestamp(time: number): string {
  return new Date(time).toISOString();
}

/** Milliseconds of an RFC 3339 time; null for anything else. */
export function parseTimestamp(text: string): number | null {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** Milliseconds of a duration such as `300s` or `3.5s`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(-?\d{1,12}(?:\.\d{1,9})?)s$/.exec(text);
  return match ? Math.round(Number(match[1]) * 1_000) : null;
}
