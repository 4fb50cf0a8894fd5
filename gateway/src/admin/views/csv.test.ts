import fc from "fast-check";
import { expect, it } from "vitest";
import { toCsvLine, toDecimalUsd } from "./csv.ts";

/** Reads one record by the grammar of RFC 4180. */
function parseLine(text: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[at++];
        else break;
      }
      at++;
    } else while (at < text.length && text[at] !== "," && text[at] !== "\r") cell += text[at++];
    cells.push(cell);
    if (text[at] !== ",") break;
    at++;
  }
  expect(text.slice(at)).toBe("\r\n");
  return cells;
}

it("any text comes back as it was, but for the apostrophes before formulas", () => {
  const piece = fc.constantFrom("=", "+", "-", "@", "＝", "\t", "\r", "\n", '"', ",", ";", "|", "'", "a", "ế", " ");
  const withoutGuards = (text: string): string => text.replace(/(^|[;\t\r\n|])'+(?=[=+\-@＝＋－＠\t\r\n])/g, "$1");
  const anyText = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), (cells) => {
      const read = parseLine(toCsvLine(cells));
      expect(read.map(withoutGuards)).toEqual(cells.map(withoutGuards));
      // Where commas are decimal points, spreadsheets cut at semicolons, whatever is quoted.
      for (const cell of read)
        for (const part of cell.split(/[;\t\r\n|]/)) expect(part).not.toMatch(/^[=+\-@＝＋－＠]/);
      for (const cell of read) expect(cell).not.toMatch(/^[\t\r\n]/);
    }),
  );
});

it("numbers are numbers, and what is not known is empty", () => {
  expect(toCsvLine([0, null, -1, true, "a,b", '=1+"1"'])).toBe(`0,,-1,true,"a,b","'=1+""1"""\r\n`);
});

it("money has every digit and no rounding", () => {
  expect([null, 0, 1, 3_456_789, 1_500_000_000, 9_000_000_000_000_001].map(toDecimalUsd)).toEqual([
    null,
    "0",
    "0.000000001",
    "0.003456789",
    "1.5",
    "9000000.000000001",
  ]);
});
