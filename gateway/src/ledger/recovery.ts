/**
 * Puts back what a process that was killed had not written to the store.
 * @module
 */
import type { CallRecord } from "../core/records.ts";
import type { Store } from "../storage/types.ts";
import { priceCall, type Prices } from "./prices.ts";
import { parseJournalLine } from "./record-line.ts";
import type { Journal } from "./types.ts";

/** What was found. */
export interface Recovered {
  /** Calls that had ended and were not in the store. They are now. */
  replayed: number;
  /** Calls that had begun and never ended: written as `interrupted`, without usage and cost. */
  interrupted: number;
  /** Lines that could not be read, and records that the store refused. 0 unless a disk failed. */
  unusable: number;
}

const batch = 500;

/**
 * Reads the journal's old segments into the store and deletes them. May be cut off at any point and done again.
 * @throws the store's error when it takes nothing: the segments are kept
 */
export async function recoverJournal(parts: {
  journal: Pick<Journal, "recover">;
  store: { ledger: Pick<Store["ledger"], "insert" | "get"> };
  prices: Prices;
}): Promise<Recovered> {
  const { journal, prices } = parts;
  const { ledger } = parts.store;
  const recovered: Recovered = { replayed: 0, interrupted: 0, unusable: 0 };
  const open = new Map<string, number>();

  /** @returns how many were not there yet */
  async function put(records: readonly CallRecord[]): Promise<number> {
    const missing: CallRecord[] = [];
    // Most lines of a killed process are in the store already; only what was missing is worth telling.
    for (const record of records) if ((await ledger.get(record.id)) === null) missing.push(record);
    let count = 0;
    for (let start = 0; start < missing.length; start += batch)
      count += await insert(missing.slice(start, start + batch));
    return count;
  }

  async function insert(records: readonly CallRecord[]): Promise<number> {
    const priced = records.map((record) => priceCall(prices, record));
    try {
      await ledger.insert(priced);
      return records.length;
    } catch (error) {
      let taken = 0;
      for (const call of priced) {
        await ledger.insert([call]).then(
          () => (taken += 1),
          () => undefined,
        );
      }
      if (taken === 0) throw error;
      recovered.unusable += records.length - taken;
      return taken;
    }
  }

  const segments = await journal.recover();
  for (const segment of segments) {
    const records = new Map<string, CallRecord>();
    for (const text of await segment.read()) {
      const line = parseJournalLine(text);
      if (line === null) recovered.unusable += 1;
      else if (line.kind === "began") open.set(line.callId, line.startedAt);
      else records.set(line.record.id, line.record);
      if (line?.kind === "settled") open.delete(line.record.id);
    }
    recovered.replayed += await put([...records.values()]);
  }
  recovered.interrupted = await put([...open].map(([id, startedAt]) => toInterrupted(id, startedAt)));
  for (const segment of segments) await segment.release();
  return recovered;
}

// --- helpers ---

function toInterrupted(id: string, startedAt: number): CallRecord {
  return {
    id,
    startedAt,
    clientId: null,
    dialect: "gemini",
    backend: null,
    operation: "other",
    method: "",
    path: "",
    modelAsked: null,
    modelServed: null,
    stream: false,
    status: 0,
    outcome: "interrupted",
    errorCode: null,
    finishReason: null,
    usage: null,
    firstByteMicros: null,
    totalMicros: 0,
    overheadMicros: 0,
    requestBytes: 0,
    responseBytes: 0,
    attempts: [],
  };
}
