/**
 * Ranges of time: the last so-and-so, or two fixed ends. In an address: `24h`, or `1700000000000-1700003600000`.
 * @module
 */

/** Ranges that end now. */
export const lastRanges = ["1h", "24h", "7d", "30d", "90d"] as const;
export type LastRange = (typeof lastRanges)[number];

/** A range as it is chosen. */
export type Range = { kind: "last"; last: LastRange } | { kind: "custom"; fromMs: number; toMs: number };

/** A range with both ends, epoch milliseconds: `fromMs` belongs to it, `toMs` does not. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Names for people. */
export const rangeNames: Readonly<Record<LastRange, string>> = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
};

/** Reads a range out of an address; null: none. */
export function parseRange(text: string): Range | null {
  const last = lastRanges.find((name) => name === text);
  if (last !== undefined) return { kind: "last", last };
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  if (match === null) return null;
  const [, fromMs = 0, toMs = 0] = match.map(Number);
  return fromMs < toMs && toMs <= latestMs ? { kind: "custom", fromMs, toMs } : null;
}

/** Writes a range for an address. */
export function formatRange(range: Range): string {
  return range.kind === "last" ? range.last : `${range.fromMs}-${range.toMs}`;
}

/**
 * Both ends of a range.
 * @param now epoch milliseconds; the end of ranges that end now is the next whole step, so that it stays put for a while
 * @param stepMs @default one minute
 */
export function spanOf(range: Range, now: number, stepMs = 60_000): Span {
  if (range.kind === "custom") return { fromMs: range.fromMs, toMs: range.toMs };
  const toMs = Math.ceil((now + 1) / stepMs) * stepMs;
  return { fromMs: toMs - lengths[range.last], toMs };
}

// --- helpers ---

const hour = 3_600_000;
const lengths: Readonly<Record<LastRange, number>> = {
  "1h": hour,
  "24h": 24 * hour,
  "7d": 168 * hour,
  "30d": 720 * hour,
  "90d": 2160 * hour,
};
/** The latest time that Date can hold. */
const latestMs = 8.64e15;
