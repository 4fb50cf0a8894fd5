/**
 * Keys that live for minutes and call as a client that is there already: for the dashboard's playground. In memory only.
 * @module
 */
import { equalDigests } from "./digests.ts";

/** A key for a while. */
export interface TemporaryKey {
  /** SHA-256 of the whole key, lower-case hex. */
  digest: string;
  /** The client that it calls as. */
  clientId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Those that were made. */
export interface TemporaryKeys {
  /** One more; the oldest goes when there are too many. The same digest again replaces the earlier one. */
  add(key: TemporaryKey): void;
  /** Whether expired or not; null: unknown, or long gone. */
  find(digest: string): TemporaryKey | null;
}

/** Nobody makes so many within their life: only a bound for the memory. */
const mostKeys = 1_000;

/** None. */
export function createTemporaryKeys(): TemporaryKeys {
  /** The oldest first. */
  const keys = new Map<string, TemporaryKey>();
  return {
    add(key) {
      keys.delete(key.digest);
      for (const [oldest] of keys) {
        if (keys.size < mostKeys) break;
        keys.delete(oldest);
      }
      keys.set(key.digest, { ...key });
    },
    find(digest) {
      if (keys.size === 0) return null;
      const key = keys.get(digest);
      return key !== undefined && equalDigests(digest, key.digest) ? key : null;
    },
  };
}
