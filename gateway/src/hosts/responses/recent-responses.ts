/**
 * The responses of the last minutes, in memory: the next request of a conversation mostly names one of them.
 * @module
 */
import type { StoredResponse } from "../../call/response-archive.ts";

/** A response with its end. */
export interface KeptResponse {
  response: StoredResponse;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Bounded by bytes; what was not used for longest makes room. */
export interface RecentResponses {
  set(kept: KeptResponse): void;
  /** Expired ones are given, too: the caller looks. */
  get(clientId: string, id: string): KeptResponse | null;
  /** Null: it was not there. Expired ones are given, too. */
  remove(clientId: string, id: string): KeptResponse | null;
  /** Lets go what has expired. @param now epoch milliseconds */
  sweep(now: number): void;
  /** Of what is held. */
  readonly bytes: number;
}

/** What a response takes in memory: two bytes a character, since one that is not Latin makes all of them so. */
export function bytesOf({ id, clientId, model, turns }: StoredResponse): number {
  return 2 * (id.length + clientId.length + model.length + turns.length) + 256;
}

/** @param maxBytes one that takes more is not held */
export function createRecentResponses(maxBytes: number): RecentResponses {
  // A Map keeps the order of insertion: the first entry is the one that was not used for longest.
  const entries = new Map<string, KeptResponse>();
  let bytes = 0;

  function remove(key: string): KeptResponse | null {
    const kept = entries.get(key);
    if (kept === undefined) return null;
    entries.delete(key);
    bytes -= bytesOf(kept.response);
    return kept;
  }

  return {
    set(kept) {
      const { response } = kept;
      const key = toKey(response.clientId, response.id);
      remove(key);
      const size = bytesOf(response);
      if (size > maxBytes) return;
      entries.set(key, kept);
      bytes += size;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    get(clientId, id) {
      const key = toKey(clientId, id);
      const kept = entries.get(key);
      if (kept === undefined) return null;
      entries.delete(key);
      entries.set(key, kept);
      return kept;
    },
    remove: (clientId, id) => remove(toKey(clientId, id)),
    sweep(now) {
      for (const [key, { expiresAt }] of entries) if (expiresAt <= now) remove(key);
    },
    get bytes() {
      return bytes;
    },
  };
}

// --- helpers ---

function toKey(clientId: string, id: string): string {
  return JSON.stringify([clientId, id]);
}
