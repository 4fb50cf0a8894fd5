import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEdits,
  elementsAt,
  endOfValue,
  memberNamed,
  membersAt,
  skipSpace,
  stringAt,
  unescapeJson,
} from "./json-text.ts";

/** Rebuilds a value through the walker alone. */
function rebuild(text: string, start: number): unknown {
  const first = text[start];
  if (first === "{")
    return Object.fromEntries(membersAt(text, start).map(({ key, start: at }) => [key, rebuild(text, at)]));
  if (first === "[") return elementsAt(text, start).map((element) => rebuild(text, element.start));
  const end = endOfValue(text, start);
  return first === '"' ? stringAt(text, { start, end }) : JSON.parse(text.slice(start, end));
}

describe("the walker", () => {
  it("sees what JSON.parse sees, with any spacing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = ` ${JSON.stringify(value, null, indent)} `;
        expect(rebuild(text, skipSpace(text, 0))).toStrictEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the end of long strings with escaped quotes and runs of backslashes in them", () => {
    const unit = fc.constantFrom('"', "\\", "a", "ü", "words and words and words and words and words and words ");
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 200 }), { maxLength: 4 }), (strings) => {
        expect(rebuild(JSON.stringify(strings), 0)).toStrictEqual(strings);
      }),
      { numRuns: 1000 },
    );
  });

  it("ends and stays inside the text for any input", () => {
    const unit = fc.constantFrom(..."{}[]:,\"'\\ a1\n");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        for (let at = 0; at <= text.length; at++) {
          expect(endOfValue(text, at)).toBeLessThanOrEqual(text.length);
          for (const { start, end } of [...membersAt(text, at), ...elementsAt(text, at)]) {
            expect(start).toBeGreaterThan(at);
            expect(end).toBeGreaterThan(start);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("memberNamed", () => {
  it("gives the last of equal keys, as JSON.parse does", () => {
    const text = '{"a":1,"\\u0061":2}';
    const member = memberNamed(membersAt(text, 0), "a");
    expect(text.slice(member?.start, member?.end)).toBe("2");
    expect(memberNamed([], "a")).toBe(null);
  });
});

describe("stringAt", () => {
  it("is null for a string that breaks off, also right after an escaped quote", () => {
    for (const text of ['"abc', '"abc\\"', '"', "12"])
      expect(stringAt(text, { start: 0, end: endOfValue(text, 0) })).toBe(null);
  });
});

describe("unescapeJson", () => {
  it("decodes every escape as JSON.parse does and lets unknown ones be", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = JSON.stringify(text);
        expect(unescapeJson(json.slice(1, -1))).toBe(text);
        const escaped = [...text]
          .flatMap((character) => character.split(""))
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
        expect(unescapeJson(escaped.join(""))).toBe(text);
      }),
    );
    expect(unescapeJson("a\\'b\\/c\\")).toBe("a'b/c\\");
  });
});

describe("applyEdits", () => {
  it("puts edits in their places and leaves the rest as it was", () => {
    const edits = [
      { start: 0, end: 0, text: "<" },
      { start: 2, end: 4, text: "-" },
      { start: 4, end: 4, text: "+" },
    ];
    expect(applyEdits("abcdef", edits)).toBe("<ab-+ef");
    expect(applyEdits("abc", [])).toBe("abc");
  });
});
