/**
 * Which credential a conversation is served by.
 * @module
 */

/** Bindings with a limit in number and in age. */
export interface StickyMap {
  /** The credential id bound to the key, or null. Being asked for keeps a binding. */
  get(key: string, now: number): string | null;
  bind(key: string, credentialId: string, now: number): void;
  size(): number;
}

interface Binding {
  credentialId: string;
  usedMs: number;
}

/** Longer keys are not kept: they should be digests. */
const longestKey = 1024;

/**
 * An empty map.
 *
 * Two generations instead of a list by age: what is used moves to the young one, and when that is full the old one is
 * dropped as a whole. The most recently used half of the capacity always stays, each step is O(1), and no deleted
 * entries pile up at the head of a Map, which would make finding the oldest one slow.
 * @param options `capacity`: most bindings; `ttlMs`: unused for longer than this they end
 */
export function createStickyMap(options: { capacity: number; ttlMs: number }): StickyMap {
  const half = Math.max(1, Math.floor(options.capacity / 2));
  let young = new Map<string, Binding>();
  let old = new Map<string, Binding>();

  function put(key: string, binding: Binding): void {
    young.set(key, binding);
    if (young.size < half) return;
    old = young;
    young = new Map();
  }

  return {
    get(key, now) {
      const recent = young.get(key);
      const binding = recent ?? old.get(key);
      if (binding === undefined) return null;
      if (now - binding.usedMs > options.ttlMs) {
        young.delete(key);
        old.delete(key);
        return null;
      }
      binding.usedMs = now;
      if (recent === undefined) {
        old.delete(key);
        put(key, binding);
      }
      return binding.credentialId;
    },
    bind(key, credentialId, now) {
      if (key.length > longestKey) return;
      const recent = young.get(key);
      if (recent !== undefined) {
        recent.credentialId = credentialId;
        recent.usedMs = now;
        return;
      }
      old.delete(key);
      put(key, { credentialId, usedMs: now });
    },
    size: () => young.size + old.size,
  };
}
