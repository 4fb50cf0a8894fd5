/**
 * Captured bodies at rest: sealed, bounded by time and size, opened for the dashboard (CAPTURE, CAPTURE_RETENTION_MS,
 * CAPTURE_STORE_BYTES).
 * @module
 */
import type { CapturedCall, CaptureReader } from "../admin/services.ts";
import type { Clock, Logger } from "../core/ports.ts";
import type { Settings } from "../settings/types.ts";
import type { AdministrationStore, StoredCapture } from "../storage/types-administration.ts";
import type { Vault } from "../vault/envelope.ts";
import { createCaptureCollector, type CapturedCallData, type CaptureCollector } from "./capture-collector.ts";

/** Takes copies of calls, keeps and opens them. */
export interface CaptureStore extends CaptureCollector, CaptureReader {
  /** Seals and writes what another process collected (Workers: the object is told by RPC). The same call twice is kept once. */
  capture(batch: readonly CapturedCallData[]): Promise<void>;
  /** Deletes what has expired and what is too much. For timers; it is also done after some writes. */
  prune(): Promise<void>;
  /** Writes what is left. Calls must have ended. */
  close(): Promise<void>;
}

/** A row of a Durable Object's SQLite takes 2 MB (https://developers.cloudflare.com/durable-objects/platform/limits/). */
const mostSealedBytes = 1_900_000;
/** Sealing is base64 of the text and less than this beside it. */
const sealOverhead = 500;
const pruneEveryMs = 60_000;
/** Or when this share of the whole was written since. */
const pruneShare = 1 / 16;
const pruneLimit = 1_000;

/**
 * Makes the store.
 * @param parts `administration`: the table; `settings`: read for each call; `schedule`: calls back after milliseconds
 */
export function createCaptureStore(parts: {
  administration: AdministrationStore["captures"];
  vault: Vault;
  settings: Pick<Settings, "capture" | "captureMaxBytes" | "captureRetentionMs" | "captureStoreBytes">;
  clock: Clock;
  logger: Logger;
  schedule: (callback: () => void, ms: number) => () => void;
}): CaptureStore {
  const { administration, vault, settings, clock, logger } = parts;
  let prunedAt = -Infinity;
  let writtenBytes = 0;

  async function prune(): Promise<void> {
    prunedAt = clock.now();
    writtenBytes = 0;
    // In slices: many small ones may have to go.
    for (let gone = pruneLimit; gone === pruneLimit;)
      gone = await administration.prune(clock.now(), settings.captureStoreBytes, pruneLimit);
  }

  async function capture(batch: readonly CapturedCallData[]): Promise<void> {
    const rows: StoredCapture[] = [];
    for (const data of batch) {
      const { callId, createdAt, expiresAt } = data;
      const sealed = await vault.seal(toText(data), contextOf(callId));
      writtenBytes += sealed.length;
      rows.push({ callId, createdAt, expiresAt, sealed });
    }
    await administration.write(rows);
    if (clock.now() - prunedAt >= pruneEveryMs || writtenBytes > settings.captureStoreBytes * pruneShare) await prune();
  }

  const collector = createCaptureCollector({
    settings,
    clock,
    schedule: parts.schedule,
    async deliver(batch) {
      try {
        await capture(batch);
      } catch (error) {
        logger.log("warn", "captures.unwritten", { captures: batch.length, cause: wordsOf(error) });
        throw error;
      }
    },
  });

  return {
    ...collector,
    capture,
    prune,
    async read(callId) {
      const row = await administration.get(callId);
      if (row === null || row.expiresAt <= clock.now()) return null;
      try {
        // oxlint-disable-next-line house/reveal -- sealed for secrecy at rest; the text has gone through redaction
        return JSON.parse((await vault.open(row.sealed, contextOf(callId))).reveal()) as CapturedCall;
      } catch (error) {
        // Sealed with a master key that is no more.
        logger.log("warn", "capture.unreadable", { call: callId, cause: wordsOf(error) });
        return null;
      }
    },
    close: () => collector.flush(),
  };
}

// --- helpers ---

/** What an envelope is sealed for: it cannot be moved to another call. */
function contextOf(callId: string): string {
  return `capture ${callId}`;
}

/** As JSON that fits into a row when it is sealed. Bodies of up to CAPTURE_MAX_BYTES do, unless most of them is escaped. */
function toText({ callId, method, path, request, response, expiresAt }: CapturedCallData): string {
  const encoder = new TextEncoder();
  for (let call: CapturedCall = { callId, method, path, request, response, expiresAt }; ;) {
    const text = JSON.stringify(call);
    if ((encoder.encode(text).length * 4) / 3 + sealOverhead < mostSealedBytes) return text;
    call = { ...call, request: halved(call.request), response: halved(call.response) };
  }
}

function halved(message: CapturedCall["request"]): CapturedCall["request"] {
  // Groups of four characters, as base64 needs.
  const length = Math.floor(message.body.length / 8) * 4;
  return { ...message, body: message.body.slice(0, length), cut: true };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
