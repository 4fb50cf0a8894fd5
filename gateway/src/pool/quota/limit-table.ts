/**
 * The limits of one bucket, packed: 112 bytes for all four instead of 400, read without a detour.
 * @module
 */
import type { QuotaMetric, QuotaWindow } from "../types.ts";
import type { BucketLimit } from "./types.ts";

/** For how long a limit that Google told is respected without being told again. */
export const learnedLimitMs = 604_800_000;
/** The same for a limit of 0: the model is not offered to this project, until its tier changes. */
export const learnedZeroMs = 86_400_000;

/**
 * Four slots (see `slotOf`), thrice: value (NaN: no limit), `learnedAt`, and until when it is respected (Infinity: a
 * configured one).
 */
export type LimitTable = number[];

/** What each slot is. */
export const slots: readonly { metric: QuotaMetric; window: QuotaWindow }[] = [
  { metric: "requests", window: "minute" },
  { metric: "tokens", window: "minute" },
  { metric: "requests", window: "day" },
  { metric: "tokens", window: "day" },
];

/** @returns 0 to 3, or -1 for words of another world */
export function slotOf(metric: QuotaMetric, window: QuotaWindow): number {
  return slots.findIndex((slot) => slot.metric === metric && slot.window === window);
}

/** Makes an empty table. */
export function createLimitTable(): LimitTable {
  const none = Number.NaN;
  return [none, none, none, none, none, none, none, none, none, none, none, none];
}

/** The limit of a slot while it is respected, or NaN. */
export function limitAt(table: LimitTable, slot: number, now: number): number {
  return now < (table[slot + untilColumn] as number) ? (table[slot] as number) : Number.NaN;
}

/** Until when the limit of a slot is respected, epoch milliseconds; Infinity: a configured one. */
export function limitUntil(table: LimitTable, slot: number): number {
  return table[slot + untilColumn] as number;
}

/**
 * Enters a limit, unless a better one is known: Google's word before the configuration, then the newer.
 * @param now epoch milliseconds; a limit learned later than that was learned now
 * @returns whether something changed that is worth keeping
 */
export function enterLimit(table: LimitTable, limit: BucketLimit, now: number): boolean {
  const slot = slotOf(limit.metric, limit.window);
  if (slot < 0 || !(limit.value >= 0 && limit.value < Infinity)) return false;
  const value = Math.floor(limit.value);
  // A time ahead of now is a clock's mistake, and would keep the limit for ever.
  const learnedAt = Math.min(limit.learnedAt, now);
  const before = { value: table[slot] as number, learnedAt: table[slot + learnedColumn] as number };
  if (!Number.isNaN(before.value)) {
    const wasConfigured = table[slot + untilColumn] === Infinity;
    const isConfigured = limit.source === "configured";
    if (isConfigured && !wasConfigured) return false;
    if (isConfigured === wasConfigured) {
      if (before.learnedAt > learnedAt) return false;
      if (before.value === value && learnedAt - before.learnedAt < refreshMs) return false;
    }
  }
  const respectedMs = limit.source === "configured" ? Infinity : value === 0 ? learnedZeroMs : learnedLimitMs;
  table[slot] = value;
  table[slot + learnedColumn] = learnedAt;
  table[slot + untilColumn] = learnedAt + respectedMs;
  return true;
}

/** The clock was set back: no limit was learned later than now. */
export function turnLimitsBack(table: LimitTable, now: number): void {
  for (let slot = 0; slot < slots.length; slot++) {
    const ahead = (table[slot + learnedColumn] as number) - now;
    if (!(ahead > 0)) continue;
    table[slot + learnedColumn] = now;
    table[slot + untilColumn] = (table[slot + untilColumn] as number) - ahead;
  }
}

/**
 * Takes the configured limits out.
 * @returns whether any limit is left
 */
export function dropConfigured(table: LimitTable): boolean {
  let left = false;
  for (let slot = 0; slot < slots.length; slot++) {
    if (Number.isNaN(table[slot])) continue;
    if (table[slot + untilColumn] !== Infinity) left = true;
    else for (const column of [0, learnedColumn, untilColumn]) table[slot + column] = Number.NaN;
  }
  return left;
}

/** All limits, also those that are no longer respected. */
export function toLimits(table: LimitTable): BucketLimit[] {
  return slots.flatMap(({ metric, window }, slot): BucketLimit[] => {
    const value = table[slot] as number;
    const learnedAt = table[slot + learnedColumn] as number;
    const source = table[slot + untilColumn] === Infinity ? "configured" : "google";
    return Number.isNaN(value) ? [] : [{ metric, window, value, source, learnedAt }];
  });
}

// --- helpers ---

const learnedColumn = 4;
const untilColumn = 8;
/** A limit told again is noted no more often, to spare the store. */
const refreshMs = 21_600_000;
