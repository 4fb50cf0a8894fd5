import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changeOf,
  formatBytes,
  formatChange,
  formatCompact,
  formatCount,
  formatDuration,
  formatMoney,
  formatPercent,
} from "./format.ts";

describe("money", () => {
  test.each([
    [null, "—"],
    [undefined, "—"],
    [0, "$0"],
    [1e-9, "$0.000000001"],
    [0.00000451, "$0.00000451"],
    [0.0123, "$0.0123"],
    [0.5, "$0.50"],
    [0.9996, "$1.00"],
    [1, "$1.00"],
    [1234.5, "$1,234.50"],
    [250_000.4, "$250,000"],
    [-0.25, "−$0.25"],
  ])("%s reads %s", (usd, text) => {
    expect(formatMoney(usd)).toBe(text);
  });

  test("something is never shown as nothing, and what is shown is right to half a per cent", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e7, noNaN: true }), (usd) => {
        const shown = Number(formatMoney(usd).replace(/[$,]/g, ""));
        expect(shown).toBeGreaterThan(0);
        // Below ten billionths the nine decimals that are kept end.
        if (usd >= 1e-7) expect(Math.abs(shown - usd) / usd).toBeLessThan(0.0051);
      }),
    );
  });

  test("more money never reads as less", () => {
    const value = (usd: number): number => Number(formatMoney(usd).replace(/[$,]/g, ""));
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
        (one, other) => value(Math.min(one, other)) <= value(Math.max(one, other)) + 1e-12,
      ),
    );
  });
});

test.each([
  [0, "0"],
  [9_876, "9,876"],
  [9_994, "9,994"],
  [12_345, "12.3k"],
  [999_949, "1.00M"],
  [999_499, "999k"],
  [4_560_000, "4.56M"],
  [7.8e9, "7.80B"],
  [null, "—"],
])("the count %s reads %s", (count, text) => {
  expect(formatCompact(count)).toBe(text);
});

test("a compact count is never wider than seven characters and right to half a per cent", () => {
  const factor: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_000_000_000_000 }), (count) => {
      const text = formatCompact(count);
      expect(text.length).toBeLessThanOrEqual(7);
      const shown = Number(text.replace(/[,kMBT]/g, "")) * (factor[text.at(-1) ?? ""] ?? 1);
      expect(Math.abs(shown - count) / count).toBeLessThan(0.0051);
    }),
  );
});

test.each([
  [0, "0 ms"],
  [0.04, "<0.1 ms"],
  [0.42, "0.4 ms"],
  [812.4, "812 ms"],
  [999.6, "1.00 s"],
  [1_234, "1.23 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min"],
  [125_000, "2 min 5 s"],
  [11_040_000, "3 h 4 min"],
  [183_600_000, "2 d 3 h"],
  [null, "—"],
])("%s ms read %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("a duration never says sixty of a unit", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      // 4.60 s is not sixty of anything.
      (ms) => !/(?<![.\d])60 (s|min)\b|(?<![.\d])24 h\b/.test(formatDuration(ms)),
    ),
  );
});

test("almost all is not 100%, almost nothing is not 0%", () => {
  expect([0, 0.0004, 0.5, 0.99999, 1, null].map(formatPercent)).toEqual([
    "0%",
    "<0.1%",
    "50.0%",
    ">99.9%",
    "100%",
    "—",
  ]);
});

test("bytes are in thousands", () => {
  expect([0, 812, 1_234, 3_400_000, 999_900].map(formatBytes)).toEqual([
    "0 B",
    "812 B",
    "1.23 kB",
    "3.40 MB",
    "1.00 MB",
  ]);
  expect(formatCount(1_234_567)).toBe("1,234,567");
});

test("a change needs something to compare with", () => {
  expect(changeOf(5, 0)).toBeNull();
  expect(changeOf(null, 3)).toBeNull();
  expect([0.12, -0.034, 0, 7.5, 20].map(formatChange)).toEqual(["+12%", "−3.4%", "±0%", "×8.5", "×21"]);
});
