import { describe, expect, it } from "vitest";
import type { JsonObject } from "../types.ts";
import { createSchemaCache } from "./cache.ts";
import { lowerToolSchema } from "./schema.ts";

describe("what was made of schemas", () => {
  it("is found again by their text: the next turn's tools are new objects", () => {
    const make = (): JsonObject => ({ type: "object", properties: { cached: { const: "a" } } });
    const first = lowerToolSchema(make());
    expect(lowerToolSchema(make())).toBe(first);
    expect(lowerToolSchema({ ...make(), title: "t" })).not.toBe(first);
  });

  it("is bounded by number and by characters, the oldest going first", () => {
    const cache = createSchemaCache<{ made: JsonObject }>({ maxEntries: 3, maxCharacters: 100 });
    const schema = (title: string): JsonObject => ({ title });
    const first = cache.get(schema("a"));
    const second = cache.get(schema("b"));
    cache.get(schema("c"));
    expect(cache.get(schema("a"))).toBe(first);
    cache.get(schema("d"));
    expect(cache.size().entries).toBe(3);
    expect(cache.get(schema("a"))).toBe(first);
    expect(cache.get(schema("b"))).not.toBe(second);
    for (let index = 0; index < 50; index += 1) {
      cache.get(schema(`${index}${"x".repeat(10)}`));
      expect(cache.size().characters).toBeLessThanOrEqual(100);
      expect(cache.size().entries).toBeLessThanOrEqual(3);
    }
    const large = schema("x".repeat(30));
    const before = cache.size();
    expect(cache.get(large)).toBe(cache.get(large));
    expect(cache.size()).toEqual(before);
  });
});
