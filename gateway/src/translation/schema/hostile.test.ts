import { describe, expect, it } from "vitest";
import type { FunctionTool, JsonObject } from "../types.ts";
import {
  createArgsRestorer,
  lowerAnswerSchema,
  lowerToolSchema,
  normalizeAnswerSchema,
  normalizeToolSchema,
} from "./schema.ts";

/** Wraps a schema in itself. */
function nest(levels: number, wrap: (inner: JsonObject) => JsonObject): JsonObject {
  let schema: JsonObject = { type: "string" };
  for (let level = 0; level < levels; level += 1) schema = wrap(schema);
  return schema;
}

/** `D0` means `D1` twice, and so on. */
function doubling(levels: number, link: (reference: JsonObject) => JsonObject): JsonObject {
  const definitions: JsonObject = {};
  for (let level = 0; level < levels; level += 1) definitions[`D${level}`] = link({ $ref: `#/x/D${level + 1}` });
  definitions[`D${levels}`] = { type: "string", enum: ["x".repeat(1000)] };
  // Not under `$defs`: such references are always inlined.
  return { type: "object", properties: { a: { $ref: "#/x/D0" } }, x: definitions };
}

const deep: Record<string, JsonObject> = {
  properties: nest(10_000, (inner) => ({ type: "object", properties: { a: inner } })),
  items: nest(10_000, (inner) => ({ type: "array", items: inner })),
  unions: nest(10_000, (inner) => ({ anyOf: [inner, { type: "null" }] })),
  everything: nest(10_000, (inner) => ({ allOf: [inner] })),
  maps: nest(10_000, (inner) => ({ type: "object", additionalProperties: inner })),
  negations: nest(10_000, (inner) => ({ not: inner })),
  values: {
    type: "object",
    properties: { a: { default: nest(10_000, (a) => ({ a })), enum: [nest(10_000, (a) => ({ a }))] } },
  },
  unknown: { type: "object", properties: { a: { type: "string", "x-tree": nest(10_000, (a) => ({ a })) } } },
};

const wide: Record<string, JsonObject> = {
  "doubling properties": doubling(40, (to) => ({ type: "object", properties: { l: to, r: { ...to } } })),
  "doubling branches": doubling(40, (to) => ({ anyOf: [to, { ...to }] })),
  "doubling allOf": doubling(40, (to) => ({ allOf: [to, { ...to }] })),
  "doubling allOf of properties": doubling(40, (to) => ({
    allOf: [{ properties: { a: to } }, { properties: { b: to } }],
  })),
  "a chain of references": {
    type: "object",
    properties: { a: { $ref: "#/x/0" } },
    x: Array.from({ length: 3000 }, (_, index) => ({ $ref: `#/x/${index + 1}` })),
  },
  "a chain of definitions": {
    type: "object",
    properties: { a: { $ref: "#/$defs/D0" } },
    $defs: Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [
        `D${index}`,
        { type: "object", properties: { n: { $ref: `#/$defs/D${(index + 1) % 3000}` } }, required: ["n"] },
      ]),
    ),
  },
  "references to itself": {
    $ref: "#",
    properties: { a: { $ref: "#", title: "t" }, b: { $ref: "#/properties/a" }, c: { $ref: "#/properties/c" } },
  },
  "definitions that are each other": {
    type: "object",
    properties: { a: { $ref: "#/$defs/A" } },
    $defs: { A: { $ref: "#/$defs/B" }, B: { $ref: "#/$defs/A" } },
  },
  "one large thing meant thousands of times": {
    type: "object",
    properties: Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`p${index}`, { $ref: "#/x", title: "t" }]),
    ),
    x: { type: "string", enum: Array.from({ length: 5000 }, (_, index) => `value ${index}`) },
  },
  "an allOf of thousands": {
    allOf: Array.from({ length: 3000 }, (_, index) => ({
      properties: { [`p${index}`]: { type: "string" }, same: { maxLength: index } },
      required: [`p${index}`],
    })),
  },
  "types without end": {
    type: "object",
    properties: {
      a: { allOf: Array.from({ length: 50 }, () => ({ type: Array.from({ length: 20_000 }, () => "string") })) },
    },
  },
};

/** Characters: of the same order as what came in, with what inlining may add. */
const longest = 1_000_000;

describe("hostile schemas", () => {
  for (const [name, schema] of Object.entries({ ...deep, ...wide })) {
    it(`end soon in something bounded: ${name}`, () => {
      const tool: FunctionTool = { name: "f", description: "", schema, strict: false };
      const results = [
        normalizeToolSchema(schema),
        lowerToolSchema(schema),
        normalizeAnswerSchema(schema),
        lowerAnswerSchema(schema),
      ];
      for (const result of results) expect((JSON.stringify(result) ?? "").length).toBeLessThan(longest);
      const restore = createArgsRestorer([tool], "lowered");
      expect(restore?.("f", { a: "x" }) ?? {}).toBeTypeOf("object");
    });
  }

  it("keep what stands above the depth that Google takes", () => {
    const text = JSON.stringify(normalizeToolSchema(deep["properties"] ?? {}));
    expect(text.split('"properties"').length).toBeGreaterThan(30);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});
