/**
 * Stored responses at rest: sealed, each for its client alone, bounded by time and size (RESPONSES_STORE, RESPONSES_TTL_MS,
 * RESPONSES_STORE_BYTES), with those of the last minutes in memory in front.
 * @module
 */
import type { ResponseArchive, StoredResponse } from "../../call/response-archive.ts";
import type { Clock, Logger } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import type { SealedResponse, Store } from "../../storage/types.ts";
import type { Vault } from "../../vault/envelope.ts";
import { createRecentResponses, type KeptResponse } from "./recent-responses.ts";
import { createResponseQueue, type QueueLimits } from "./response-queue.ts";
import { openText, sealText } from "./sealed-text.ts";

/** An archive over the store. With RESPONSES_STORE off it takes nothing and knows nothing. */
export interface StoredResponses extends ResponseArchive {
  /**
   * Writes at once, for who is told by RPC (Workers).
   * @throws when the store or the vault fails
   */
  keep(response: StoredResponse): Promise<void>;
  /**
   * Deletes what has expired and what is too much. For timers; it is also done after some writes.
   * @param now epoch milliseconds
   */
  prune(now: number): Promise<void>;
  /** Writes what waits. Calls must have ended. */
  flush(): Promise<void>;
}

/** What it is made of. */
export interface ResponseArchiveParts {
  store: Store["responses"];
  vault: Vault;
  settings: Pick<Settings, "responsesStore" | "responsesTtlMs" | "responsesStoreBytes">;
  clock: Clock;
  logger: Logger;
  /** In memory, of the last ones. @default 16 MB */
  maxMemoryBytes?: number;
  /** Of one sealed response; larger ones are in memory only, while they fit. @default 8 MB */
  maxSealedBytes?: number;
  /** Of what waits to be written. @default 500 responses, 32 MB */
  limits?: QueueLimits;
}

/** A share of the whole: one response must not push out all others, and so much may be written between two prunings. */
const share = 1 / 4;
const pruneShare = 1 / 16;
const pruneLimit = 1_000;

/** Makes the archive. */
export function createResponseArchive(parts: ResponseArchiveParts): StoredResponses {
  const { store, vault, settings, logger } = parts;
  const { maxMemoryBytes = 16 << 20, maxSealedBytes = 8 << 20, limits = { entries: 500, bytes: 32 << 20 } } = parts;
  const recent = createRecentResponses(maxMemoryBytes);
  const queue = createResponseQueue({ write, limits, clock: parts.clock, logger });
  let writtenBytes = 0;
  let removals = 0;

  function toKept(response: StoredResponse): KeptResponse {
    return { response, expiresAt: response.createdAt + settings.responsesTtlMs };
  }

  async function write(batch: readonly KeptResponse[]): Promise<void> {
    const rows: SealedResponse[] = [];
    const most = Math.min(maxSealedBytes, settings.responsesStoreBytes * share);
    for (const { response, expiresAt } of batch) {
      const { id, clientId, createdAt, turns } = response;
      const sealed = turns.length > most ? null : await sealText(vault, toText(response), contextOf(clientId, id));
      if (sealed === null || sealed.length > most)
        logger.log("warn", "response.oversized", { response: id, characters: turns.length, mostBytes: most });
      else rows.push({ id, clientId, createdAt, expiresAt, sealed });
    }
    await store.write(rows);
    for (const { sealed } of rows) writtenBytes += sealed.length;
    if (writtenBytes > settings.responsesStoreBytes * pruneShare) await pruneAfterWrites();
  }

  async function pruneAfterWrites(): Promise<void> {
    try {
      await prune(parts.clock.now());
    } catch (error) {
      // What was written is written.
      logger.log("warn", "responses.unpruned", { cause: wordsOf(error) });
    }
  }

  async function prune(now: number): Promise<void> {
    writtenBytes = 0;
    // In slices: many small ones may have to go.
    for (let gone = pruneLimit; gone === pruneLimit;)
      gone = await store.prune(now, settings.responsesStoreBytes, pruneLimit);
  }

  async function read({
    id,
    clientId,
    now,
  }: {
    id: string;
    clientId: string;
    now: number;
  }): Promise<StoredResponse | null> {
    const removalsBefore = removals;
    try {
      const row = await store.get(clientId, id);
      if (row === null || row.expiresAt <= now) return null;
      const response = fromText(await openText(vault, row.sealed, contextOf(clientId, id)), row);
      // One that was removed meanwhile must not come back.
      if (removals === removalsBefore) recent.set({ response, expiresAt: row.expiresAt });
      return response;
    } catch (error) {
      // The store fails, or it was sealed with a master key that is no more.
      logger.log("warn", "response.unreadable", { response: id, cause: wordsOf(error) });
      return null;
    }
  }

  async function removeStored(clientId: string, id: string): Promise<boolean> {
    // It may be one of those that are just being written.
    await queue.settled();
    try {
      return await store.remove(clientId, id);
    } catch (error) {
      logger.log("warn", "response.kept", { response: id, cause: wordsOf(error) });
      return false;
    }
  }

  return {
    put(response) {
      if (!settings.responsesStore) return;
      const kept = toKept(response);
      recent.set(kept);
      queue.add(kept);
    },
    get(question, then) {
      if (!settings.responsesStore) return then(null);
      const { id, clientId, now } = question;
      const kept = recent.get(clientId, id) ?? queue.find(clientId, id);
      if (kept !== null) return then(kept.expiresAt <= now ? null : kept.response);
      void read(question).then(then);
    },
    remove({ id, clientId }, then) {
      removals += 1;
      const held = recent.remove(clientId, id);
      const wasHeld = held !== null && held.expiresAt > parts.clock.now();
      const hasWaited = queue.remove(clientId, id);
      void removeStored(clientId, id).then((wasStored) => then(wasHeld || hasWaited || wasStored));
    },
    async keep(response) {
      if (!settings.responsesStore) return;
      const kept = toKept(response);
      await write([kept]);
      recent.set(kept);
    },
    async prune(now) {
      recent.sweep(now);
      queue.retry();
      await prune(now);
    },
    flush: () => queue.flush(),
  };
}

// --- helpers ---

/** What an envelope is sealed for: it cannot be moved to another client or id. */
function contextOf(clientId: string, id: string): string {
  return `response ${JSON.stringify([clientId, id])}`;
}

/** The turns are JSON already: inside of other JSON each of their quotes would take two characters. */
function toText({ model, turns }: StoredResponse): string {
  return `${JSON.stringify(model)}\n${turns}`;
}

function fromText(text: string, { id, clientId, createdAt }: SealedResponse): StoredResponse {
  const line = text.indexOf("\n");
  return { id, clientId, createdAt, model: JSON.parse(text.slice(0, line)) as string, turns: text.slice(line + 1) };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
