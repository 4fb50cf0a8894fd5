/**
 * Bindings of which there are very many and each matters little: one a thinking answer. Two maps: the younger one takes
 * new ones, and when it is full the older one is dropped as a whole. No order is kept, so each costs one map entry.
 * @module
 */
import type { ResourceBinding, ResourceName } from "../../core/resources.ts";

/** The two maps. */
export interface Generations {
  get(name: ResourceName, now: number): ResourceBinding | null;
  put(binding: ResourceBinding): void;
  remove(name: ResourceName): void;
  /** Drops what has expired as a whole. */
  sweep(now: number): void;
  size(): number;
}

/** @param options.maxEntries both maps together; at least half of it is kept */
export function createGenerations(options: { maxEntries: number }): Generations {
  const half = Math.max(1, Math.floor(options.maxEntries / 2));
  let young = new Map<ResourceName, ResourceBinding>();
  let old = new Map<ResourceName, ResourceBinding>();
  /** When the last of each expires. */
  let youngUntil = 0;
  let oldUntil = 0;

  return {
    get(name, now) {
      const binding = young.get(name) ?? old.get(name);
      return binding === undefined || (binding.expiresAt !== null && binding.expiresAt <= now) ? null : binding;
    },
    put(binding) {
      if (young.size >= half && !young.has(binding.name)) {
        old = young;
        oldUntil = youngUntil;
        young = new Map();
        youngUntil = 0;
      }
      old.delete(binding.name);
      young.set(binding.name, binding);
      youngUntil = Math.max(youngUntil, binding.expiresAt ?? Number.MAX_VALUE);
    },
    remove(name) {
      young.delete(name);
      old.delete(name);
    },
    sweep(now) {
      if (old.size > 0 && oldUntil <= now) old = new Map();
      if (young.size > 0 && youngUntil <= now) young = new Map();
    },
    size: () => young.size + old.size,
  };
}
