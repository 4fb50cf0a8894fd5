import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFenceStripper } from "./json-fence.ts";

function strip(pieces: readonly string[]): string {
  const stripper = createFenceStripper();
  return pieces.map((piece) => stripper.push(piece)).join("") + stripper.end();
}

describe("createFenceStripper", () => {
  it("takes a fence off, with or without a language", () => {
    expect(strip(['```json\n{"a":1}\n```'])).toBe('{"a":1}');
    expect(strip(['\n```\n{"a":1}\n```\n\n'])).toBe('{"a":1}');
  });

  it("leaves everything else as it came", () => {
    for (const text of ['{"a":1}', "", "  ", "`a`", "```", "```json", '{"a":"```"}', "plain\n```\n"])
      expect(strip([text])).toBe(text);
    expect(strip(['```json\n{"a":1}\n'])).toBe('{"a":1}\n');
  });

  it("gives the same however the text is cut", () => {
    const text = fc.constantFrom('```json\n{"a": "`x`\\n"}\n```\n', "```\n[1,\n\n2]\n```", '{"a":1}', "``` {}", "   ");
    fc.assert(
      fc.property(text, fc.array(fc.nat(30)), (whole, cuts) => {
        const pieces: string[] = [];
        let rest: string = whole;
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        expect(strip([...pieces, rest])).toBe(strip([whole]));
      }),
    );
  });
});

it("reads blanks in linear time, however many there are", () => {
  const timeOf = (length: number): number => {
    const fence = createFenceStripper();
    fence.push("```json\n");
    const piece = `${" ".repeat(length)}a`;
    const from = performance.now();
    for (let at = 0; at < 2_000; at += 1) fence.push(piece);
    return performance.now() - from;
  };
  timeOf(16);
  // Cubic time would be 4,000 times as much.
  expect(timeOf(255) / Math.max(timeOf(16), 1)).toBeLessThan(400);
});

it("keeps back what the pattern would keep back (property)", () => {
  const tail = /\s*(?:\n`{1,3})?\s*$/;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(" ", "\n", "`", "a", "\u00a0", "\r"), { maxLength: 20 }), (letters) => {
      const text = letters.join("");
      const fence = createFenceStripper();
      fence.push("```\n");
      expect(fence.push(text)).toBe(text.slice(0, text.length - (tail.exec(text)?.[0].length ?? 0)));
    }),
    { numRuns: 2_000 },
  );
});
