/**
 * A bounded map of the newest entries that knows how new the ones were that it has let go of.
 * @module
 */

/** Values by key, each with its time. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  /** @param at epoch milliseconds; an older one than the known one's changes nothing */
  set(key: string, value: Value, at: number): void;
  delete(key: string): void;
  /** The newest time of what was let go of for lack of room, or -Infinity. */
  lostUntil(): number;
  /** Forgets what is older, as far as it comes first. */
  dropBefore(time: number): void;
  /** Forgets all. */
  clear(): void;
  size(): number;
}

/** Makes an empty map. @param most entries */
export function createRecent<Value>(most: number): Recent<Value> {
  const entries = new Map<string, { value: Value; at: number }>();
  let lost = -Infinity;
  return {
    get: (key) => entries.get(key)?.value,
    set(key, value, at) {
      const known = entries.get(key);
      if (known !== undefined && known.at > at) return;
      entries.delete(key);
      entries.set(key, { value, at });
      if (entries.size <= most) return;
      const [oldest, entry] = entries.entries().next().value as [string, { at: number }];
      entries.delete(oldest);
      lost = Math.max(lost, entry.at);
    },
    delete: (key) => void entries.delete(key),
    lostUntil: () => lost,
    dropBefore(time) {
      for (const [key, { at }] of entries) {
        if (at >= time) return;
        entries.delete(key);
      }
    },
    clear() {
      entries.clear();
      lost = -Infinity;
    },
    size: () => entries.size,
  };
}
