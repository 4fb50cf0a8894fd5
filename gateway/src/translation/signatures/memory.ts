/**
 * Signatures in memory, beside what clients keep of them: by client and tool call, or text (fact sheet upstream 8,
 * translation 5).
 * @module
 */
import type { Clock } from "../../core/ports.ts";

/** Signatures by client and tool call, so that no client ever gets another's. In memory only. */
export interface SignatureCache {
  set(clientId: string, toolCallId: string, signature: string): void;
  /** @returns null when unknown, expired or evicted */
  get(clientId: string, toolCallId: string): string | null;
  /** Entries held. */
  readonly size: number;
}

/**
 * Makes a cache that evicts what was not used for longest.
 * @param options.maxEntries @default 10,000
 * @param options.maxBytes of keys and signatures; a signature can be over 10 KB. @default 32 MB
 * @param options.ttlMs from the last time it was set. @default 24 hours
 */
export function createSignatureCache(options: {
  clock: Clock;
  maxEntries?: number;
  maxBytes?: number;
  ttlMs?: number;
}): SignatureCache {
  const { clock, maxEntries = 10_000, maxBytes = 32 * 1024 * 1024, ttlMs = 24 * 3600 * 1000 } = options;
  // A Map keeps the order of insertion: the first entry is the one that was not used for longest.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const remove = (key: string, entry: Entry): void => {
    entries.delete(key);
    bytes -= sizeOf(key, entry);
  };

  return {
    set(clientId, toolCallId, signature) {
      const key = detached(toKey(clientId, toolCallId));
      const old = entries.get(key);
      if (old !== undefined) remove(key, old);
      const entry = { signature: detached(signature), expiresAt: clock.monotonic() + ttlMs };
      if (sizeOf(key, entry) > maxBytes) return;
      entries.set(key, entry);
      bytes += sizeOf(key, entry);
      for (const [oldest, value] of entries) {
        if (entries.size <= maxEntries && bytes <= maxBytes) break;
        remove(oldest, value);
      }
    },
    get(clientId, toolCallId) {
      const key = toKey(clientId, toolCallId);
      const entry = entries.get(key);
      if (entry === undefined) return null;
      entries.delete(key);
      if (entry.expiresAt <= clock.monotonic()) {
        bytes -= sizeOf(key, entry);
        return null;
      }
      entries.set(key, entry);
      return entry.signature;
    },
    get size() {
      return entries.size;
    },
  };
}

// --- helpers ---

interface Entry {
  signature: string;
  /** On the monotonic clock. */
  expiresAt: number;
}

/** What an entry takes beside its two strings. */
const entryOverhead = 128;

function toKey(clientId: string, toolCallId: string): string {
  return `${clientId}\n${toolCallId}`;
}

/** A copy: a piece cut out of a larger string keeps the whole of it in memory (V8), here a stream's event of up to MBs. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

function sizeOf(key: string, entry: Entry): number {
  return key.length + entry.signature.length + entryOverhead;
}
