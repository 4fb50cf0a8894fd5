/**
 * Writes records to the store and keeps account of its failures.
 * @module
 */
import type { Clock, Logger } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import type { Store } from "../storage/types.ts";
import { priceCall, type Prices } from "./prices.ts";
import type { RecorderState } from "./types.ts";

/** What a writer is made of. */
export interface BatchWriterOptions {
  store: { ledger: Pick<Store["ledger"], "insert"> };
  prices: Prices;
  clock: Clock;
  logger: Logger;
  /** Most calls of one transaction. */
  batch: number;
}

/** Writes batches. Not to be called twice at once. */
export interface BatchWriter {
  /**
   * Writes records from the head of a list, at most a batch.
   * @returns how many of them are done with: in the store, or refused by it for good (those are counted as lost)
   * @throws the store's error when it takes nothing now
   */
  write(records: readonly CallRecord[]): Promise<number>;
  /** Counts another failure on the way to the store: the next try waits as after a refused write. */
  fail(error: unknown): void;
  /** Milliseconds to wait before the next try; 0 while the store works. */
  pauseMs(): number;
  /** Counts a record that is lost; the first thousand are put into the log, as the last place where they can be. */
  lose(record: CallRecord, cause: unknown): void;
  state(): Pick<RecorderState, "lost" | "failures" | "lastError">;
}

const shortestPauseMs = 250;
const longestPauseMs = 10_000;
const mostLostLogged = 1_000;
/** So often a record alone is refused, with other writes going well in between, until it is given up. */
const refusalsForGood = 3;

/** Makes a writer. */
export function createBatchWriter(options: BatchWriterOptions): BatchWriter {
  const { store, prices, clock, logger, batch } = options;
  let lost = 0;
  let failures = 0;
  let failuresInARow = 0;
  let successes = 0;
  let lastError: string | null = null;
  let failingSince = 0;
  let size = batch;
  /** The record that was last refused alone, how often, and how many writes had gone well until then. */
  let refused = { id: "", times: 0, successes: 0 };

  function lose(record: CallRecord, cause: unknown): void {
    lost += 1;
    // A flood of these would be the next disk to fill.
    if (lost > mostLostLogged && lost % mostLostLogged !== 0) return;
    logger.log("error", "ledger.lost", { lostSoFar: lost, cause: wordsOf(cause), record });
  }

  function fail(error: unknown): void {
    if (lastError === null) {
      failingSince = clock.now();
      logger.log("error", "ledger.failing", { cause: wordsOf(error), next: "records are kept and written later" });
    }
    failures += 1;
    failuresInARow += 1;
    lastError = wordsOf(error);
  }

  async function insert(records: readonly CallRecord[]): Promise<void> {
    try {
      await store.ledger.insert(records.map((record) => priceCall(prices, record)));
    } catch (error) {
      fail(error);
      throw error;
    }
    if (lastError !== null) logger.log("info", "ledger.works", { afterMs: Math.max(0, clock.now() - failingSince) });
    failuresInARow = 0;
    successes += 1;
    lastError = null;
  }

  return {
    async write(records) {
      for (;;) {
        const part = records.slice(0, size);
        try {
          await insert(part);
          size = Math.min(batch, size * 2);
          return part.length;
        } catch (error) {
          if (part.length > 1) {
            // Smaller, so that one record that the store cannot take does not hold up 499 that it can.
            size = part.length >> 1;
            continue;
          }
          const [record, next] = records as [CallRecord, CallRecord | undefined];
          const again = refused.id === record.id && successes > refused.successes;
          refused = { id: record.id, times: again ? refused.times + 1 : 1, successes };
          if (refused.times >= refusalsForGood) {
            lose(record, error);
            return 1;
          }
          // If the store takes the next one (again later: that does no harm), it is this record's fault.
          if (next === undefined) throw error;
          await insert([next]);
        }
      }
    },
    fail,
    pauseMs: () =>
      lastError === null ? 0 : Math.min(shortestPauseMs * 2 ** Math.min(failuresInARow, 10), longestPauseMs),
    lose,
    state: () => ({ lost, failures, lastError }),
  };
}

// --- helpers ---

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
