/**
 * Prices calls again, when prices were corrected after the calls were written.
 * @module
 */
import type { RepriceProgress, Store } from "../storage/types.ts";
import { priceCall, type Prices } from "./prices.ts";

/** What is priced again. */
export interface RepriceLedger {
  store: { ledger: Pick<Store["ledger"], "reprice"> };
  prices: Prices;
  /** Begun from `fromMs` on and before `toMs`, epoch milliseconds. */
  range: { fromMs: number; toMs: number };
  /** Asked for or served; null: all. */
  model: string | null;
  /** Only counts. */
  dryRun: boolean;
  /** Told after each slice. */
  onSlice?: (progress: RepriceProgress) => void;
  /** Ends it after the slice under way. */
  signal?: { readonly aborted: boolean };
}

/**
 * Goes through the calls of a range in slices, the newest first, and lets other work run between. Costs of calls,
 * attempts and roll-ups change together. A second run changes nothing.
 * @returns what there was to do
 * @throws on I/O failure; slices before it are done
 */
export async function repriceLedger(options: RepriceLedger): Promise<RepriceProgress> {
  const { store, prices, range, model, dryRun, onSlice, signal } = options;
  let last: RepriceProgress = { looked: 0, changed: 0, differenceNanoUsd: 0 };
  await store.ledger.reprice({
    ...range,
    model,
    dryRun,
    price: (record) => priceCall(prices, record),
    onSlice(progress) {
      last = progress;
      onSlice?.(progress);
    },
    signal,
  });
  return last;
}
