/**
 * An indexed binary min-heap of small integers ("slots"): the place of each slot is known, so any one can be removed or
 * moved in O(log n). Keys live outside in typed arrays that several heaps may share.
 * @module
 */

/** Plain data; the functions below keep it in order. */
export interface Heap {
  readonly items: number[];
  /** Slot → index in `items`, -1: not in this heap. Heaps with disjoint slots may share one array. */
  positions: Int32Array;
  /** Slot → key. Change a key only together with `sink`, or while the slot is outside the heap. */
  keys: Float64Array;
  /** Slot → second key, compared where the first ones are equal. */
  ties: Float64Array;
}

/**
 * An empty heap over the given columns.
 * @param columns arrays indexed by slot; `positions` must hold -1 for every slot that the heap may get
 */
export function createHeap(columns: Pick<Heap, "positions" | "keys" | "ties">): Heap {
  return { items: [], positions: columns.positions, keys: columns.keys, ties: columns.ties };
}

/** The slot with the smallest key, or -1. */
export function peek(heap: Heap): number {
  return heap.items.length === 0 ? -1 : (heap.items[0] as number);
}

/** Whether the slot is in this heap (or in one that shares its `positions`). */
export function has(heap: Heap, slot: number): boolean {
  return (heap.positions[slot] as number) >= 0;
}

/** Takes all out. */
export function clear(heap: Heap): void {
  for (const slot of heap.items) heap.positions[slot] = -1;
  heap.items.length = 0;
}

/** Puts many slots in, in O(n) of all. None of them may be in yet. */
export function fill(heap: Heap, slots: readonly number[]): void {
  for (const slot of slots) {
    heap.positions[slot] = heap.items.length;
    heap.items.push(slot);
  }
  for (let index = (heap.items.length >> 1) - 1; index >= 0; index--) down(heap, index);
}

/** Puts a slot in. It must not be in yet. */
export function push(heap: Heap, slot: number): void {
  heap.items.push(slot);
  up(heap, heap.items.length - 1);
}

/** Takes a slot out; no effect when it is not in. */
export function remove(heap: Heap, slot: number): void {
  const index = heap.positions[slot] as number;
  if (index < 0) return;
  heap.positions[slot] = -1;
  const last = heap.items.pop() as number;
  if (last === slot) return;
  heap.items[index] = last;
  heap.positions[last] = index;
  up(heap, index);
  down(heap, heap.positions[last]);
}

/** The slot's key has grown: moves it down. No effect when it is not in. */
export function sink(heap: Heap, slot: number): void {
  const index = heap.positions[slot] as number;
  if (index >= 0) down(heap, index);
}

// --- helpers ---

function before(heap: Heap, left: number, right: number): boolean {
  const difference = (heap.keys[left] as number) - (heap.keys[right] as number);
  return difference < 0 || (difference === 0 && (heap.ties[left] as number) < (heap.ties[right] as number));
}

function up(heap: Heap, index: number): void {
  const { items, positions } = heap;
  const slot = items[index] as number;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const other = items[parent] as number;
    if (!before(heap, slot, other)) break;
    items[index] = other;
    positions[other] = index;
    index = parent;
  }
  items[index] = slot;
  positions[slot] = index;
}

function down(heap: Heap, index: number): void {
  const { items, positions } = heap;
  const slot = items[index] as number;
  const { length } = items;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= length) break;
    if (child + 1 < length && before(heap, items[child + 1] as number, items[child] as number)) child++;
    const other = items[child] as number;
    if (!before(heap, other, slot)) break;
    items[index] = other;
    positions[other] = index;
    index = child;
  }
  items[index] = slot;
  positions[slot] = index;
}
