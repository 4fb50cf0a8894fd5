/**
 * Keeps the ledger within its bounds.
 * @module
 */
import type { Store } from "../storage/types.ts";

/** The bounds. */
export interface Retention {
  store: { ledger: Pick<Store["ledger"], "prune" | "bytes"> };
  /** Epoch milliseconds. */
  now: number;
  /** Calls older than this are deleted. @default 90 */
  retentionDays?: number;
  /** Above this the oldest calls are deleted. The file keeps its size; its free pages are used again. @default 2 GiB */
  maxBytes?: number;
  /** Calls a slice: one short transaction, after which other work runs. @default 500 */
  slice?: number;
  /** Most slices of one run; the next run goes on. @default 400 */
  maxSlices?: number;
}

const dayMs = 86_400_000;

/**
 * Deletes what is too old or too much, in slices. To be called by a timer, often; each slice takes about a millisecond.
 * @returns how many calls were deleted, and whether more are left for the next run
 */
export async function pruneLedger(retention: Retention): Promise<{ deleted: number; more: boolean }> {
  const { ledger } = retention.store;
  const { now, retentionDays = 90, maxBytes = 2 * 1024 ** 3, slice = 500, maxSlices = 400 } = retention;
  let deleted = 0;
  for (let slices = 0; slices < maxSlices; slices += 1) {
    const old = await ledger.prune(now - retentionDays * dayMs, slice);
    deleted += old;
    if (old === slice) continue;
    if ((await ledger.bytes()) <= maxBytes) return { deleted, more: false };
    // Whatever the age: the oldest go.
    const over = await ledger.prune(Number.MAX_SAFE_INTEGER, slice);
    deleted += over;
    if (over === 0) return { deleted, more: false };
  }
  return { deleted, more: true };
}
