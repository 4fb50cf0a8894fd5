import fc from "fast-check";
import { expect, it } from "vitest";
import { toUtf16Offsets } from "./text-offsets.ts";

const encoder = new TextEncoder();

it("every byte offset at a character's beginning is the length of the text before it, astral characters too", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "é", "漢", "🦊", "\u{10ffff}", "x\n", ""), { maxLength: 12 }),
      (pieces) => {
        const text = pieces.join("");
        const bytes = pieces.map((_, index) => encoder.encode(pieces.slice(0, index).join("")).length);
        const found = toUtf16Offsets(text, bytes.toReversed());
        for (const [index, offset] of bytes.entries())
          expect(found.get(offset)).toBe(pieces.slice(0, index).join("").length);
      },
    ),
  );
});

it("an offset within a character is its beginning, and one beyond the text is its end", () => {
  const found = toUtf16Offsets("a🦊b", [2, 3, 4, 5, 99]);
  expect([...found]).toEqual([
    [2, 1],
    [3, 1],
    [4, 1],
    [5, 3],
    [99, 4],
  ]);
});
