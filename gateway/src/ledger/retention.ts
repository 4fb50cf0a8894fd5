/**
 * Keeps the ledger within its bounds, and its sums summed up.
 * @module
 */
import type { Clock } from "../core/ports.ts";
import type { Store } from "../storage/types.ts";

/** The bounds. */
export interface Retention {
  store: { ledger: Pick<Store["ledger"], "prune" | "bytes" | "rollUp" | "pruneSums" | "oldestMs"> };
  /** Epoch milliseconds. */
  now: number;
  /** Calls older than this are deleted, and sums by quarters of an hour. @default 90 */
  retentionDays?: number;
  /** Sums by hours that are older than this are deleted; those by days stay. @default 400 */
  hourRetentionDays?: number;
  /**
   * Above this the oldest calls are deleted, with the finer sums of their time. The file keeps its size; its free pages
   * are used again. @default 2 GiB
   */
  maxBytes?: number;
  /** Calls a slice: one short transaction, after which other work runs. With a clock, of the first slice. @default 250 */
  slice?: number;
  /** Most slices of one run; the next run goes on. @default 800 */
  maxSlices?: number;
  /** With it, slices become smaller when one takes longer than 5 ms, and larger when they take little. */
  clock?: Pick<Clock, "monotonic">;
}

const dayMs = 86_400_000;
/** Rows of roll-ups that one run adds up or deletes. */
const mostSums = 50_000;
const smallestSlice = 20;
const largestSlice = 1_000;
const [quickMs, slowMs] = [2, 5];

/**
 * Deletes what is too old or too much, in slices. To be called by a timer, often; each slice takes about a millisecond.
 * @returns how many calls were deleted, and whether more are left for the next run
 */
export async function pruneLedger(retention: Retention): Promise<{ deleted: number; more: boolean }> {
  const { ledger } = retention.store;
  const { now, retentionDays = 90, hourRetentionDays = 400, maxBytes = 2 * 1024 ** 3, maxSlices = 800 } = retention;
  const oldMs = now - retentionDays * dayMs;
  const hoursBeforeMs = now - Math.max(hourRetentionDays, retentionDays) * dayMs;
  const slices = createSlices(retention);
  await ledger.rollUp({ now, limit: mostSums });
  await ledger.pruneSums({ quartersBeforeMs: oldMs, hoursBeforeMs, limit: mostSums });
  let deleted = 0;
  for (let count = 0; count < maxSlices; count += 1) {
    const old = await slices.prune(oldMs);
    deleted += old;
    if (slices.wasFull(old)) continue;
    if ((await ledger.bytes()) <= maxBytes) return { deleted, more: false };
    // Whatever the age: the oldest go, and what is finer than days of the time before those that stay.
    const over = await slices.prune(Number.MAX_SAFE_INTEGER);
    deleted += over;
    const oldestMs = (await ledger.oldestMs()) ?? now;
    const limit = over === 0 ? mostSums : sumsPerSlice;
    const sums = await ledger.pruneSums({ quartersBeforeMs: oldestMs, hoursBeforeMs, limit });
    if (over === 0 && sums === 0) return { deleted, more: false };
  }
  return { deleted, more: true };
}

// --- helpers ---

/** As many rows of sums go with a slice of calls as there may be for them. */
const sumsPerSlice = 1_000;

interface Slices {
  prune(olderThanMs: number): Promise<number>;
  /** Whether the last slice deleted as much as it was allowed to. */
  wasFull(deleted: number): boolean;
}

function createSlices({ store, clock, slice = 250 }: Retention): Slices {
  let size = slice;
  let asked = slice;
  return {
    async prune(olderThanMs) {
      asked = size;
      const began = clock?.monotonic() ?? 0;
      const deleted = await store.ledger.prune(olderThanMs, asked);
      if (clock === undefined || deleted < asked) return deleted;
      // With what else ran meanwhile: on a busy process the slices are smaller, too.
      const took = clock.monotonic() - began;
      if (took > slowMs) size = Math.max(smallestSlice, size >> 1);
      else if (took < quickMs) size = Math.min(largestSlice, Math.ceil(size * 1.25));
      return deleted;
    },
    wasFull: (deleted) => deleted === asked,
  };
}
