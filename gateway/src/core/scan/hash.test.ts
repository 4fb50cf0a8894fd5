import { describe, expect, it } from "vitest";
import { hash53 } from "./hash.ts";

describe("hash53", () => {
  it("gives whole numbers below 2^53 and no collision among 200,000 near-equal texts", () => {
    const seen = new Set<number>();
    for (let index = 0; index < 200_000; index++) {
      const hash = hash53(`client-1\nconversation ${index}`);
      if (Number.isSafeInteger(hash) && hash >= 0) seen.add(hash);
    }
    expect(seen.size).toBe(200_000);
  });

  it("spreads evenly over buckets", () => {
    const buckets = Array.from({ length: 64 }, () => 0);
    for (let index = 0; index < 64_000; index++) (buckets[hash53(`key ${index}`) % 64] as number) += 1;
    expect(Math.min(...buckets)).toBeGreaterThan(850);
    expect(Math.max(...buckets)).toBeLessThan(1150);
  });

  it("is the same for the same text", () => {
    expect(hash53("größe")).toBe(hash53("größe"));
    expect(hash53("")).not.toBe(hash53("\u0000"));
  });
});
