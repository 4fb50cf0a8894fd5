import fc from "fast-check";
import { expect, test } from "vitest";
import { clear, createHeap, fill, has, peek, push, remove, sink } from "./heap.ts";
import type { Heap } from "./heap.ts";

const slots = 40;

test("gives slots by key, then by tie, through any sequence of pushes, removals, fills and sinks", () => {
  const step = fc.record({
    action: fc.constantFrom("push", "push", "remove", "sink", "pop", "fill", "clear"),
    slot: fc.nat(slots - 1),
    key: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = emptyHeap();
      const inside = new Set<number>();
      for (const { action, slot, key } of steps) {
        if (action === "push" && !inside.has(slot)) {
          heap.keys[slot] = key;
          push(heap, slot);
          inside.add(slot);
        } else if (action === "remove") {
          remove(heap, slot);
          inside.delete(slot);
        } else if (action === "sink") {
          heap.keys[slot] = (heap.keys[slot] as number) + key;
          sink(heap, slot);
        } else if (action === "pop" && inside.size > 0) {
          const top = peek(heap);
          remove(heap, top);
          inside.delete(top);
        } else if (action === "fill") {
          const more = [slot, (slot + 7) % slots, (slot + 11) % slots].filter((one) => !inside.has(one));
          for (const one of more) heap.keys[one] = key;
          fill(heap, more);
          for (const one of more) inside.add(one);
        } else if (action === "clear" && key === 0) {
          clear(heap);
          inside.clear();
        }
        expect(peek(heap)).toBe(smallest(heap, inside));
        expect(heap.items.length).toBe(inside.size);
        for (let one = 0; one < slots; one++) expect(has(heap, one)).toBe(inside.has(one));
      }
      const drained = [];
      while (peek(heap) >= 0) {
        drained.push(peek(heap));
        remove(heap, peek(heap));
      }
      expect(drained).toEqual([...inside].sort((left, right) => compare(heap, left, right)));
    }),
  );
});

test("infinite keys stay at the end and do not hide finite ones", () => {
  const heap = emptyHeap();
  heap.keys.fill(Infinity);
  heap.keys[3] = 5;
  fill(heap, [0, 1, 2, 3, 4]);
  expect(peek(heap)).toBe(3);
  remove(heap, 3);
  expect(heap.items.length).toBe(4);
  expect(heap.keys[peek(heap)]).toBe(Infinity);
});

// --- helpers ---

/** Ties: the slot itself, so the order is total. */
function emptyHeap(): Heap {
  return createHeap({
    positions: new Int32Array(slots).fill(-1),
    keys: new Float64Array(slots),
    ties: Float64Array.from({ length: slots }, (_, slot) => slot),
  });
}

function compare(heap: Heap, left: number, right: number): number {
  return (heap.keys[left] as number) - (heap.keys[right] as number) || left - right;
}

function smallest(heap: Heap, inside: ReadonlySet<number>): number {
  return [...inside].sort((left, right) => compare(heap, left, right))[0] ?? -1;
}
