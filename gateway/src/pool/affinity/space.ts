/**
 * A bounded set of bindings by name, with an order of expiry for each holder (a client, or everyone).
 *
 * When it is full, the holder that has most loses what expires first of its own. So nobody is pushed out by a client that
 * makes very many, and what lives for ever goes last.
 * @module
 */
import type { ResourceBinding, ResourceKind, ResourceName, ResourceOwner } from "../../core/resources.ts";
import { createHeap, peek, push, remove, type Heap } from "../heap.ts";

/** The set. `holder` is a client's id; null: what belongs to everyone. */
export interface Space {
  /** @returns null when it is not there, or has expired */
  get(name: ResourceName, now: number): ResourceBinding | null;
  /** Adds or replaces; others make room. */
  put(binding: ResourceBinding): void;
  remove(name: ResourceName): void;
  /** The newest file, cache or store of a holder. */
  newest(holder: string | null, now: number): ResourceOwner | null;
  /**
   * Owners of what a holder has of a kind. May name one whose last binding was forgotten before its time, until what
   * else it has is swept.
   */
  ownersOf(holder: string | null, kind: ResourceKind, now: number): ResourceOwner[];
  /** Removes what has expired; looks at no more than about `limit` entries and holders. */
  sweep(now: number, limit: number): void;
  /** Room for one more without pushing anything out. */
  hasRoom(binding: ResourceBinding): boolean;
  size(): number;
}

/**
 * An empty space.
 * @param options.maxEntries bindings
 * @param options.maxBytes of names and details, with `entryBytes` for each binding
 */
export function createSpace(options: { maxEntries: number; maxBytes: number }): Space {
  const { maxEntries, maxBytes } = options;
  const entries = new Map<ResourceName, Entry>();
  const holders = new Map<string | null, Holder>();
  const expiry = createColumns();
  const newness = createColumns();
  const bySlot: (Entry | null)[] = [];
  const free: number[] = [];
  let bytes = 0;
  let serial = 0;
  /** Where the sweep goes on. */
  let walk: Iterator<Holder> | null = null;

  return {
    get(name, now) {
      const entry = entries.get(name);
      return entry === undefined || hasExpired(entry.binding, now) ? null : entry.binding;
    },
    put(binding) {
      drop(binding.name);
      const size = sizeOf(binding);
      while (entries.size > 0 && (entries.size >= maxEntries || bytes + size > maxBytes)) evict();
      const holder = holderOf(binding.clientId);
      const slot = free.pop() ?? bySlot.push(null) - 1;
      if (slot >= expiry.positions.length) grow();
      const entry: Entry = { binding, slot, holder, bytes: size };
      bySlot[slot] = entry;
      entries.set(binding.name, entry);
      bytes += size;
      serial += 1;
      expiry.keys[slot] = binding.expiresAt ?? never;
      expiry.ties[slot] = serial;
      push(holder.expiry, slot);
      if (homeKinds.has(binding.kind)) {
        newness.keys[slot] = -binding.createdAt;
        newness.ties[slot] = -serial;
        push(holder.homes, slot);
      }
      count(holder, binding);
    },
    remove: drop,
    newest(id, now) {
      const holder = holders.get(id);
      if (holder === undefined) return null;
      for (;;) {
        const slot = peek(holder.homes);
        if (slot < 0) return null;
        const { binding } = bySlot[slot] as Entry;
        if (!hasExpired(binding, now)) return { credentialId: binding.credentialId, projectId: binding.projectId };
        drop(binding.name);
      }
    },
    ownersOf(id, kind, now) {
      const counts = holders.get(id)?.kinds.get(kind);
      if (counts === undefined) return [];
      return [...counts.values()].filter(({ latest }) => latest > now).map(({ owner }) => owner);
    },
    sweep(now, limit) {
      for (let looked = 0, begun = 0; looked < limit; looked += 1) {
        walk ??= holders.values();
        const next = walk.next();
        if (next.done === true) {
          walk = null;
          // Once around is enough.
          if (++begun > 1 || holders.size === 0) return;
          continue;
        }
        for (; looked < limit; looked += 1) {
          const slot = peek(next.value.expiry);
          if (slot < 0 || !hasExpired((bySlot[slot] as Entry).binding, now)) break;
          drop((bySlot[slot] as Entry).binding.name);
        }
      }
    },
    hasRoom: (binding) => entries.size < maxEntries && bytes + sizeOf(binding) <= maxBytes,
    size: () => entries.size,
  };

  function drop(name: ResourceName): void {
    const entry = entries.get(name);
    if (entry === undefined) return;
    const { slot, holder } = entry;
    entries.delete(name);
    bySlot[slot] = null;
    free.push(slot);
    bytes -= entry.bytes;
    remove(holder.expiry, slot);
    remove(holder.homes, slot);
    uncount(holder, entry.binding);
    if (peek(holder.expiry) < 0) holders.delete(entry.binding.clientId);
  }

  /** Takes out what expires first of the holder that has most. */
  function evict(): void {
    let largest: Holder | null = null;
    for (const holder of holders.values())
      if (largest === null || holder.expiry.items.length > largest.expiry.items.length) largest = holder;
    if (largest !== null) drop((bySlot[peek(largest.expiry)] as Entry).binding.name);
  }

  function holderOf(id: string | null): Holder {
    let holder = holders.get(id);
    if (holder === undefined) {
      holder = { expiry: createHeap(expiry), homes: createHeap(newness), kinds: new Map() };
      holders.set(id, holder);
    }
    return holder;
  }

  function grow(): void {
    for (const columns of [expiry, newness]) {
      const length = columns.positions.length * 2;
      const { positions, keys, ties } = columns;
      columns.positions = new Int32Array(length).fill(-1);
      columns.positions.set(positions);
      columns.keys = new Float64Array(length);
      columns.keys.set(keys);
      columns.ties = new Float64Array(length);
      columns.ties.set(ties);
    }
    for (const holder of holders.values()) {
      Object.assign(holder.expiry, expiry);
      Object.assign(holder.homes, newness);
    }
  }
}

// --- helpers ---

interface Entry {
  binding: ResourceBinding;
  /** Place in the columns of the heaps. */
  slot: number;
  holder: Holder;
  bytes: number;
}

/** What one client has, or everyone. */
interface Holder {
  /** First: what expires first. */
  expiry: Heap;
  /** First: the newest. Only what new resources should be near to. */
  homes: Heap;
  kinds: Map<ResourceKind, Map<string, OwnerCount>>;
}

interface OwnerCount {
  owner: ResourceOwner;
  count: number;
  /** When the last of them expires, as far as was ever told. */
  latest: number;
}

type Columns = Pick<Heap, "positions" | "keys" | "ties">;

/** New ones are made where these are: calls name several of them together. */
const homeKinds: ReadonlySet<ResourceKind> = new Set<ResourceKind>(["file", "cache", "store"]);
/** No infinity: the heap subtracts keys. */
const never = Number.MAX_VALUE;
/** What an entry takes beside its strings: objects, map and heap places. */
const entryBytes = 400;

function createColumns(): Columns {
  const length = 1024;
  return {
    positions: new Int32Array(length).fill(-1),
    keys: new Float64Array(length),
    ties: new Float64Array(length),
  };
}

function hasExpired(binding: ResourceBinding, now: number): boolean {
  return binding.expiresAt !== null && binding.expiresAt <= now;
}

function sizeOf(binding: ResourceBinding): number {
  return entryBytes + binding.name.length + (binding.detail?.length ?? 0);
}

function keyOf(binding: ResourceBinding): string {
  return `${binding.credentialId}\n${binding.projectId}`;
}

function count(holder: Holder, binding: ResourceBinding): void {
  let counts = holder.kinds.get(binding.kind);
  if (counts === undefined) holder.kinds.set(binding.kind, (counts = new Map()));
  const key = keyOf(binding);
  const known = counts.get(key);
  const latest = binding.expiresAt ?? never;
  if (known === undefined)
    counts.set(key, {
      owner: { credentialId: binding.credentialId, projectId: binding.projectId },
      count: 1,
      latest,
    });
  else {
    known.count += 1;
    known.latest = Math.max(known.latest, latest);
  }
}

function uncount(holder: Holder, binding: ResourceBinding): void {
  const counts = holder.kinds.get(binding.kind);
  const known = counts?.get(keyOf(binding));
  if (counts === undefined || known === undefined) return;
  known.count -= 1;
  if (known.count === 0) counts.delete(keyOf(binding));
}
