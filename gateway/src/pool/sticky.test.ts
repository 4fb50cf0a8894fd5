import { expect, test } from "vitest";
import { createStickyMap } from "./sticky.ts";

test("keeps a binding for as long as it is used within its time to live", () => {
  const sticky = createStickyMap({ capacity: 10, ttlMs: 100 });
  sticky.bind("key", "one", 0);
  expect(sticky.get("key", 100)).toBe("one");
  expect(sticky.get("key", 200)).toBe("one");
  expect(sticky.get("key", 301)).toBe(null);
  expect(sticky.get("key", 200)).toBe(null);
});

test("the last binding holds", () => {
  const sticky = createStickyMap({ capacity: 10, ttlMs: 100 });
  sticky.bind("key", "one", 0);
  sticky.bind("key", "two", 0);
  expect(sticky.get("key", 0)).toBe("two");
});

test("never holds more than its capacity, and always the most recently used half of it", () => {
  const capacity = 100;
  const sticky = createStickyMap({ capacity, ttlMs: 1e9 });
  for (let index = 0; index < 10_000; index++) {
    sticky.bind(`key-${index}`, String(index), index);
    // This one is asked for all the time.
    if (index >= 1) expect(sticky.get("key-1", index)).toBe("1");
    expect(sticky.size()).toBeLessThanOrEqual(capacity);
  }
  for (let index = 9_999; index > 9_999 - capacity / 2 + 2; index--) {
    expect(sticky.get(`key-${index}`, 10_000)).toBe(String(index));
  }
  expect(sticky.get("key-9000", 10_000)).toBe(null);
});

test("does not keep keys too long to be digests", () => {
  const sticky = createStickyMap({ capacity: 10, ttlMs: 100 });
  sticky.bind("k".repeat(1_025), "one", 0);
  expect(sticky.size()).toBe(0);
});
