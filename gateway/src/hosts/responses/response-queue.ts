/**
 * Responses that wait to be written: one batch at a time, off the call's way, within bounds.
 * @module
 */
import type { Clock, Logger } from "../../core/ports.ts";
import { bytesOf, type KeptResponse } from "./recent-responses.ts";

/** What waits. */
export interface ResponseQueue {
  add(kept: KeptResponse): void;
  /** Also one that is just being written. */
  find(clientId: string, id: string): KeptResponse | null;
  /** @returns whether it waited; one that is just being written may be written all the same, see `settled` */
  remove(clientId: string, id: string): boolean;
  /** Goes on with what could not be written before. */
  retry(): void;
  /** Resolves when what is being written now is written, or failed. */
  settled(): Promise<void>;
  /** Tries once to write everything that waits, and says what it could not. */
  flush(): Promise<void>;
}

/** Bounds. */
export interface QueueLimits {
  entries: number;
  bytes: number;
}

const batchSize = 20;
/** Of a response that cannot be written; each is alone from the second on, so that it keeps no other from its turn. */
const mostTries = 5;
/** So long a database that failed is left alone. */
const pauseMs = 1_000;

/**
 * Makes a queue.
 * @param parts `write`: all or nothing; `limits`: beyond them the oldest makes room, which is logged once until the queue
 *   is empty again
 */
export function createResponseQueue(parts: {
  write: (batch: readonly KeptResponse[]) => Promise<void>;
  limits: QueueLimits;
  clock: Pick<Clock, "monotonic">;
  logger: Logger;
}): ResponseQueue {
  const { write, limits, clock, logger } = parts;
  let waiting: Entry[] = [];
  let writing: Entry[] = [];
  let bytes = 0;
  let running: Promise<void> | null = null;
  let batchEnd: Promise<void> = Promise.resolve();
  let pausedUntil = -Infinity;
  let isOverflowing = false;

  function takeBatch(): Entry[] {
    const [first] = waiting;
    const next = first !== undefined && first.tries > 0 ? 1 : waiting.findIndex(({ tries }) => tries > 0);
    return waiting.splice(0, Math.min(batchSize, next < 0 ? batchSize : next));
  }

  async function drain(): Promise<void> {
    // Whoever added the first may add more.
    await Promise.resolve();
    while (waiting.length > 0) {
      writing = takeBatch();
      try {
        const work = write(writing.map(({ kept }) => kept));
        batchEnd = work.catch(() => undefined);
        await work;
        for (const entry of writing) bytes -= entry.bytes;
      } catch (error) {
        putBack(writing, error);
        return;
      } finally {
        writing = [];
      }
    }
    isOverflowing = false;
  }

  function putBack(batch: readonly Entry[], error: unknown): void {
    pausedUntil = clock.monotonic() + pauseMs;
    let lost = 0;
    for (const entry of batch) {
      entry.tries += 1;
      if (entry.tries < mostTries && !entry.removed) waiting.push(entry);
      else bytes -= entry.bytes;
      if (entry.tries >= mostTries && !entry.removed) lost += 1;
    }
    const cause = error instanceof Error ? error.message : String(error);
    logger.log("warn", "responses.unwritten", { responses: batch.length, lost, cause });
  }

  function start(): void {
    if (running !== null || waiting.length === 0) return;
    running = drain().finally(() => (running = null));
  }

  function makeRoom(): void {
    while (waiting.length > 0 && (waiting.length + writing.length > limits.entries || bytes > limits.bytes)) {
      bytes -= waiting.shift()?.bytes ?? 0;
      if (!isOverflowing) logger.log("warn", "responses.dropped", { waiting: waiting.length, bytes });
      isOverflowing = true;
    }
  }

  const isOf =
    (clientId: string, id: string) =>
    ({ kept: { response }, removed }: Entry): boolean =>
      response.id === id && response.clientId === clientId && !removed;

  return {
    add(kept) {
      const entry = { kept, bytes: bytesOf(kept.response), tries: 0, removed: false };
      waiting.push(entry);
      bytes += entry.bytes;
      makeRoom();
      if (clock.monotonic() >= pausedUntil) start();
    },
    find(clientId, id) {
      const match = isOf(clientId, id);
      return (waiting.findLast(match) ?? writing.findLast(match))?.kept ?? null;
    },
    remove(clientId, id) {
      const match = isOf(clientId, id);
      const left = waiting.filter((entry) => !match(entry));
      const isGone = left.length < waiting.length;
      for (const entry of waiting) if (match(entry)) bytes -= entry.bytes;
      // Its write may fail, and it must not be tried again.
      for (const entry of writing) if (match(entry)) entry.removed = true;
      waiting = left;
      return isGone;
    },
    retry: start,
    settled: () => batchEnd,
    async flush() {
      await running;
      start();
      await running;
      if (waiting.length > 0) logger.log("error", "responses.lost", { responses: waiting.length });
    },
  };
}

// --- helpers ---

interface Entry {
  kept: KeptResponse;
  bytes: number;
  tries: number;
  /** Since its write began. */
  removed: boolean;
}
