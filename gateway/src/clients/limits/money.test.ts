import fc from "fast-check";
import { expect, test } from "vitest";
import { largestBudgetUsd, parseUsd, toNanoUsd, toUsdText } from "./money.ts";

test("dollars and nano-dollars go over into each other without loss", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: largestBudgetUsd * 1_000_000 }), (micros) => {
      expect(toNanoUsd(micros / 1_000_000)).toBe(micros * 1_000);
    }),
  );
  expect(toNanoUsd(0.1 + 0.2)).toBe(300_000_000);
  expect(toNanoUsd(0.000000001)).toBe(1);
});

test("amounts are shown with at least two digits and as many as there are", () => {
  expect([5e9, 500_000_000, 125_000, 1, 0, 1_234_560_000_000].map(toUsdText)).toEqual([
    "$5.00",
    "$0.50",
    "$0.000125",
    "$0.000000001",
    "$0.00",
    "$1234.56",
  ]);
});

test("amounts are read as people write them, and nothing else is one", () => {
  expect(["5", "$5", "$ 5.00", "0.50", ".5", "1,000", "5 USD", "1,000,000.25", "5."].map(parseUsd)).toEqual([
    5, 5, 5, 0.5, 0.5, 1_000, 5, 1_000_000.25, 5,
  ]);
  for (const text of [
    "",
    "$",
    "-1",
    "1e3",
    "five",
    "1.2.3",
    "0x10",
    "1,00",
    "9000001",
    "Infinity",
    "NaN",
    "0.0000000001",
  ])
    expect(parseUsd(text)).toBeNull();
});

test("what is shown can be read again", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e15 }), (nanos) => {
      const usd = parseUsd(toUsdText(nanos));
      expect(usd === null ? null : Math.abs(toNanoUsd(usd) - nanos) <= 1).toBe(true);
    }),
  );
});
