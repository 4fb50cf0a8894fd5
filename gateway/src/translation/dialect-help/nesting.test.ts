import { describe, expect, it } from "vitest";
import { isTooDeep, mostLevels } from "./nesting.ts";

const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

describe("a value", () => {
  it("may have as many levels as the bound, and not one more", () => {
    expect(isTooDeep(nested(mostLevels))).toBe(false);
    expect(isTooDeep(nested(mostLevels + 1))).toBe(true);
    expect(isTooDeep({ a: [{ b: 1 }] }, 3)).toBe(false);
    expect(isTooDeep({ a: [{ b: {} }] }, 3)).toBe(true);
    expect(isTooDeep([1, "[[[[", null], 1)).toBe(false);
  });

  it("of 100,000 levels is told without a full stack", () => {
    expect(isTooDeep(nested(100_000))).toBe(true);
  });
});
