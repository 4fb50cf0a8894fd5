import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunks, emptySelection, mostSelected, selectAll, toggle } from "./selection.ts";

const idAt = (index: number): string => `c${index}`;
const step = (index: number, range = false): Parameters<typeof toggle>[1] => ({ index, id: idAt(index), range, idAt });

describe("selection", () => {
  it("a click chooses a row and a second click lets it go", () => {
    const once = toggle(emptySelection, step(3));
    expect([...once.ids]).toEqual(["c3"]);
    expect(toggle(once, step(3)).ids.size).toBe(0);
  });

  it("shift takes everything between the last click and this one, in both directions", () => {
    const down = toggle(toggle(emptySelection, step(2)), step(5, true));
    expect([...down.ids].sort()).toEqual(["c2", "c3", "c4", "c5"]);
    const up = toggle(toggle(emptySelection, step(5)), step(2, true));
    expect([...up.ids].sort()).toEqual(["c2", "c3", "c4", "c5"]);
  });

  it("shift on a chosen row lets the whole range go", () => {
    const chosen = toggle(toggle(emptySelection, step(2)), step(5, true));
    const anchored = toggle(toggle(chosen, step(2)), step(2));
    expect(toggle(anchored, step(4, true)).ids.has("c3")).toBe(false);
  });

  it("shift without an earlier click is a click", () => {
    expect([...toggle(emptySelection, step(7, true)).ids]).toEqual(["c7"]);
  });

  it("skips rows of a range that are not loaded", () => {
    const first = toggle(emptySelection, step(0));
    const next = toggle(first, {
      index: 3,
      id: "c3",
      range: true,
      idAt: (index) => (index === 2 ? null : idAt(index)),
    });
    expect([...next.ids].sort()).toEqual(["c0", "c1", "c3"]);
  });

  it("holds no more than one bulk request takes", () => {
    expect(selectAll(Array.from({ length: mostSelected + 5 }, (_, index) => idAt(index))).ids.size).toBe(mostSelected);
  });
});

describe("chunks", () => {
  it("hold every id once, in order, none of them too long", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 20 }), (ids, size) => {
        const parts = chunks(ids, size);
        expect(parts.flat()).toEqual(ids);
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(size);
      }),
    );
  });
});
