import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeBytes } from "../hosts/node/bytes.ts";
import type { Bytes } from "./ports.ts";
import { portableBytes } from "./portable-bytes.ts";

const haystack = fc
  .array(fc.constantFrom(97, 98, 34, 10, 0xc3, 0xa9, 0), { maxLength: 60 })
  .map((list) => Uint8Array.from(list));
const needle = fc
  .array(fc.constantFrom("a", "b", '"', "\n"), { minLength: 1, maxLength: 4 })
  .map((list) => list.join(""));

describe.each<[string, Bytes]>([
  ["node", nodeBytes],
  ["portable", portableBytes],
])("%s bytes", (_name, bytes) => {
  it("find the first and the last place of a needle", () => {
    fc.assert(
      fc.property(haystack, needle, fc.integer({ min: -3, max: 70 }), (hay, word, from) => {
        const text = String.fromCharCode(...hay);
        expect(bytes.indexOf(hay, word)).toBe(text.indexOf(word));
        expect(bytes.indexOf(hay, word, from)).toBe(text.indexOf(word, from));
        expect(bytes.lastIndexOf(hay, word)).toBe(text.lastIndexOf(word));
      }),
    );
  });

  it("look in views of larger memory without seeing what is around", () => {
    const view = Uint8Array.from([34, 97, 98, 34]).subarray(1, 3);
    expect(bytes.indexOf(view, '"')).toBe(-1);
    expect(bytes.lastIndexOf(view, "ab")).toBe(0);
    expect(bytes.decode(view)).toBe("ab");
    expect(bytes.decode(view, 1)).toBe("b");
  });

  it("encode and decode any text, and decode any bytes without throwing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.uint8Array(), (text, noise) => {
        expect(bytes.decode(bytes.encode(text))).toBe(text);
        expect(bytes.decode(noise)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(noise));
      }),
    );
    expect(bytes.decode(Uint8Array.from([0xef, 0xbb, 0xbf, 97]))).toBe("\uFEFFa");
    expect(bytes.decode(Uint8Array.from([97, 0xff, 98]), 0, 2)).toBe("a\uFFFD");
  });

  it("join chunks, and give a single one back as it is", () => {
    const one = Uint8Array.of(1, 2);
    expect(bytes.concat([one])).toBe(one);
    expect(Array.from(bytes.concat([one, new Uint8Array(0), Uint8Array.of(3)]))).toEqual([1, 2, 3]);
    expect(bytes.concat([])).toHaveLength(0);
  });
});
