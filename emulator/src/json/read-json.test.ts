/** @module Tests of the reader of Google's JSON. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readJson } from "./read-json.ts";

describe("readJson", () => {
  it("reads whatever JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it("reads single-quoted JSON with the meaning of the double-quoted", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (value) => {
        const quoted = (text: string): string =>
          `'${JSON.stringify(text)
            .slice(1, -1)
            .replaceAll("'", String.raw`\'`)}'`;
        const members = Object.entries(value).map(
          ([key, member]) => `${quoted(key)}: ${typeof member === "string" ? quoted(member) : JSON.stringify(member)}`,
        );
        expect(readJson(`{${members.join(", ")}}`)).toEqual({ ok: true, value });
      }),
    );
  });

  it("accepts bare keys and trailing commas", () => {
    expect(readJson("{file: {display_name: 'x',}, list: [1, 2,],}")).toEqual({
      ok: true,
      value: { file: { display_name: "x" }, list: [1, 2] },
    });
  });

  it("takes an empty body for an empty message", () => {
    expect(readJson(" \n")).toEqual({ ok: true, value: {} });
  });

  it.each([
    ['{"contents": [}', "Expected a value.\n"],
    ['{"contents": foo}', "Unexpected token.\n"],
    ['{"contents": "x', "Closing quote expected in string.\n"],
    ['{"contents" 1}', "Expected : between key:value pair.\n"],
    ['{"a": 1 "b": 2}', "Expected , or } after key:value pair.\n"],
    ['{"a": 1} x', "Parsing terminated before end of input.\n"],
    ['{"a": ', "Unexpected end of string. Expected a value.\n"],
  ])("says of %s what Google says, and marks the place", (text, words) => {
    const read = readJson(text);
    expect(read.ok).toBe(false);
    const reason = read.ok ? "" : read.reason;
    expect(reason.startsWith(words)).toBe(true);
    expect(reason).toMatch(/\n *\^$/);
  });

  it("never throws on arbitrary text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("{", "}", "[", "]", "'", '"', ":", ",", "\\", "u", "1", "a", " ") }),
        (text) => {
          expect(typeof readJson(text).ok).toBe("boolean");
        },
      ),
    );
  });
});
