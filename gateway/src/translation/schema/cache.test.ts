import { describe, expect, it } from "vitest";
import { createSchemaCache } from "./cache.ts";
import { normalizeToolSchema } from "./schema.ts";

describe("what was made of schemas", () => {
  it("is found again by their text: the next turn's tools are new objects", () => {
    const make = (): object => ({ type: "object", properties: { cached: { type: "string", const: "a" } } });
    const first = normalizeToolSchema(make() as never);
    expect(normalizeToolSchema(make() as never)).toBe(first);
  });

  it("is bounded by number and by characters, the oldest going first", () => {
    const cache = createSchemaCache({ maxEntries: 3, maxCharacters: 100 });
    const schema = (title: string): { title: string } => ({ title });
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
    }
    const large = schema("x".repeat(30));
    const before = cache.size();
    expect(cache.get(large)).toBe(cache.get(large));
    expect(cache.size()).toEqual(before);
  });
});
