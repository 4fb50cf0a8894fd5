import { describe, expect, it } from "vitest";
import type { JsonObject } from "../types.ts";
import { lowerAnswerSchema, lowerToolSchema, normalizeAnswerSchema, normalizeToolSchema } from "./schema.ts";

function memberOf(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const name of path) at = (at as JsonObject)[name];
  return at;
}

/** A tool with one property; gives what becomes of it. */
function normalized(property: unknown, more: JsonObject = {}): unknown {
  return memberOf(normalizeToolSchema({ type: "object", properties: { p: property }, ...more }), "properties", "p");
}

function lowered(property: unknown, more: JsonObject = {}): unknown {
  return memberOf(lowerToolSchema({ type: "object", properties: { p: property }, ...more }), "properties", "p");
}

/** Names that are keywords too. */
const keywordNames = {
  ref: { type: "string" },
  $ref: { type: "string" },
  title: { type: "string" },
  format: { type: "string", enum: ["a", "b"] },
  default: { type: "boolean" },
  const: { type: "number" },
  type: { type: "string" },
  properties: { type: "object", properties: { required: { type: "string" } }, required: ["required"] },
  definitions: { type: "string" },
  nullable: { type: "boolean" },
  allOf: { type: "array", items: { type: "string" } },
};

describe("the normal form", () => {
  it("leaves a plain schema as it is, and the client's own object untouched", () => {
    const schema = {
      type: "object",
      properties: {
        a: { type: "string", description: "d", minLength: 1, format: "uri" },
        b: { type: ["integer", "null"] },
      },
      required: ["a"],
      additionalProperties: false,
    };
    const before = structuredClone(schema);
    expect(normalizeToolSchema(schema)).toEqual(before);
    expect(lowerToolSchema(schema)).not.toEqual(before);
    expect(schema).toEqual(before);
  });

  it("never touches names under properties, nor values (bugs 18, 21)", () => {
    const value = { title: "t", format: "f", const: 1, $ref: "#/x", definitions: {}, default: null, nullable: true };
    const schema = {
      type: "object",
      properties: { ...keywordNames, v: { type: "object", default: value, examples: [value], enum: [value] } },
      required: Object.keys(keywordNames),
    };
    expect(normalizeToolSchema(schema)).toEqual(schema);
  });

  it("keeps references, and renames the root's definitions (bug 22)", () => {
    const schema = {
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: "https://x/y",
      type: "object",
      properties: { a: { $ref: "#/definitions/Node", description: "d" }, b: { $ref: "#/$defs/Leaf" } },
      definitions: { Node: { type: "object", properties: { next: { $ref: "#/definitions/Node" } } }, Unused: {} },
      $defs: { Leaf: { type: "string" } },
    };
    expect(normalizeToolSchema(schema)).toEqual({
      type: "object",
      properties: { a: { $ref: "#/$defs/Node", description: "d" }, b: { $ref: "#/$defs/Leaf" } },
      $defs: {
        Leaf: { type: "string" },
        Node: { type: "object", properties: { next: { $ref: "#/$defs/Node" } } },
      },
    });
  });

  it("inlines references with siblings or to other places, and drops those to nowhere (bug 20)", () => {
    const more = { $defs: { S: { type: "string", description: "old", maxLength: 9 } } };
    expect(normalized({ $ref: "#/$defs/S", minLength: 2, description: "new" }, more)).toEqual({
      type: "string",
      description: "new",
      maxLength: 9,
      minLength: 2,
    });
    for (const reference of ["#/$defs/None", "https://x/y.json", "#anchor", "#/$defs/S/none", "", "#/$defs/S/type"]) {
      expect(normalized({ $ref: reference }, more)).toEqual({});
    }
    const elsewhere = {
      type: "object",
      properties: {
        a: { type: "object", properties: { x: { type: "integer" } }, $defs: { In: { type: "boolean" } } },
        b: { $ref: "#/properties/a/properties/x" },
        c: { $ref: "#/properties/a/$defs/In" },
      },
    };
    expect(normalizeToolSchema(elsewhere)).toEqual({
      type: "object",
      properties: {
        a: { type: "object", properties: { x: { type: "integer" } } },
        b: { type: "integer" },
        c: { type: "boolean" },
      },
    });
  });

  it("reads escaped and percent-encoded pointers", () => {
    const $defs = { "a/b~c": { type: "string" }, "List<T>": { type: "integer" } };
    const properties = { p: { $ref: "#/$defs/a~1b~0c" }, q: { $ref: "#/$defs/List%3CT%3E" } };
    const once = normalizeToolSchema({ type: "object", properties, $defs });
    expect(once).toMatchObject({
      $defs,
      properties: { p: { $ref: "#/$defs/a~1b~0c" }, q: { $ref: "#/$defs/List<T>" } },
    });
    expect(lowerToolSchema(once ?? {})).toEqual({
      type: "object",
      properties: { p: { type: "string" }, q: { type: "integer" } },
    });
  });

  it("cuts references that lead back through required properties only", () => {
    const node = (required: string[]): JsonObject => ({
      type: "object",
      properties: { left: { $ref: "#/$defs/Node" }, list: { type: "array", items: { $ref: "#/$defs/Node" } } },
      required,
    });
    const root = (required: string[]): JsonObject | null =>
      normalizeToolSchema({
        type: "object",
        properties: { tree: { $ref: "#/$defs/Node" } },
        required: ["tree"],
        $defs: { Node: node(required) },
      });
    const at = (required: string[], name: string): unknown =>
      memberOf(root(required), "$defs", "Node", "properties", name);
    expect(at([], "left")).toEqual({ $ref: "#/$defs/Node" });
    expect(at(["left"], "left")).toEqual({});
    expect(at(["left"], "list")).toEqual({ type: "array", items: { $ref: "#/$defs/Node" } });
    expect(at(["list"], "list")).toEqual({ type: "array", items: {} });
    const mutual = {
      A: { type: "object", properties: { b: { $ref: "#/$defs/B" } }, required: ["b"] },
      B: { anyOf: [{ type: "object", properties: { a: { $ref: "#/$defs/A" } }, required: ["a"] }, { type: "null" }] },
    };
    const cut = normalizeToolSchema({ type: "object", properties: { a: { $ref: "#/$defs/A" } }, $defs: mutual });
    expect(JSON.stringify(cut)).toContain('"a":{}');
    expect(normalizeToolSchema(cut ?? {})).toEqual(cut);
  });

  it("writes const as enum and nullable as the null type", () => {
    expect(normalized({ const: 3, description: "d" })).toEqual({ description: "d", enum: [3] });
    expect(normalized({ type: "string", nullable: true })).toEqual({ type: ["string", "null"] });
    expect(normalized({ type: "string", nullable: false })).toEqual({ type: "string" });
    expect(normalized({ type: "STRING", nullable: true })).toEqual({ type: ["STRING", "NULL"] });
    expect(normalized({ type: "string", enum: ["a"], nullable: true, description: "d" })).toEqual({
      description: "d",
      anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }],
    });
    const more = { $defs: { S: { type: "string" } } };
    expect(normalized({ $ref: "#/$defs/S", nullable: true }, more)).toEqual({
      anyOf: [{ $ref: "#/$defs/S" }, { type: "null" }],
    });
  });

  it("merges allOf, and keeps a reference that only stands in one", () => {
    const more = {
      $defs: {
        Base: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
        Named: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      },
    };
    expect(normalized({ allOf: [{ $ref: "#/$defs/Base" }], description: "d" }, more)).toEqual({
      $ref: "#/$defs/Base",
      description: "d",
    });
    expect(
      normalized(
        { allOf: [{ $ref: "#/$defs/Base" }, { $ref: "#/$defs/Named" }, { minProperties: 1 }], title: "t" },
        more,
      ),
    ).toEqual({
      type: "object",
      properties: { id: { type: "string" }, name: { type: "string" } },
      required: ["id", "name"],
      minProperties: 1,
      title: "t",
    });
    const twice = { allOf: [{ properties: { a: { type: "string" } } }, { properties: { a: { maxLength: 3 } } }] };
    expect(normalized({ type: "object", ...twice })).toEqual({
      properties: { a: { type: "string", maxLength: 3 } },
      type: "object",
    });
    expect(
      normalized({
        allOf: [
          { minimum: 1, enum: [1, 2] },
          { minimum: 4, enum: [2, 3] },
        ],
      }),
    ).toEqual({
      minimum: 4,
      enum: [2],
    });
  });

  it("requires only properties that are there (bug 24)", () => {
    expect(normalized({ type: "object", properties: { a: {} }, required: ["a", "b", "a", 7] })).toEqual({
      type: "object",
      properties: { a: {} },
      required: ["a"],
    });
    expect(normalized({ type: "object", properties: { a: {} }, required: ["b"] })).not.toHaveProperty("required");
    expect(
      normalized({ type: "object", properties: { a: {} }, anyOf: [{ required: ["a"] }, { required: ["b"] }] }),
    ).toEqual({ type: "object", properties: { a: {} } });
  });

  it("writes older tuples and boolean schemas as Google knows them", () => {
    expect(normalized({ items: [{ type: "string" }, true], additionalItems: { type: "number" } })).toEqual({
      prefixItems: [{ type: "string" }, {}],
      items: { type: "number" },
    });
    expect(normalizeToolSchema({ type: "object", properties: { a: true, b: false, c: 7 } })).toEqual({
      type: "object",
      properties: { a: {}, c: {} },
    });
  });

  it("passes upper-case types as they are", () => {
    const schema = { type: "OBJECT", properties: { a: { type: "ARRAY", items: { type: "STRING" } } }, required: ["a"] };
    expect(normalizeToolSchema(schema)).toEqual(schema);
    expect(normalizeAnswerSchema(schema)).toEqual(schema);
  });
});

describe("the root of a tool", () => {
  it("is left out when there are no arguments", () => {
    for (const schema of [
      {},
      { type: "object" },
      { type: "object", properties: {} },
      { type: "object", properties: {}, required: [], additionalProperties: false, $schema: "x", title: "t" },
      { properties: {}, additionalProperties: {} },
      { type: "object", properties: { a: false } },
    ]) {
      expect(normalizeToolSchema(schema)).toBeNull();
      expect(lowerToolSchema(schema)).toBeNull();
    }
  });

  it("is always an object: references are inlined, others wrapped", () => {
    const args = { type: "object", properties: { a: { type: "string" } } };
    expect(normalizeToolSchema({ $ref: "#/definitions/Args", definitions: { Args: args } })).toEqual(args);
    expect(normalizeToolSchema({ properties: args.properties })).toEqual({ ...args });
    expect(normalizeToolSchema({ ...args, type: ["object", "null"] })).toEqual(args);
    expect(normalizeToolSchema({ anyOf: [args, { type: "null" }] })).toEqual(args);
    const list = { type: "array", items: { $ref: "#/$defs/A" } };
    expect(normalizeToolSchema({ ...list, $defs: { A: args } })).toEqual({
      type: "object",
      properties: { value: list },
      required: ["value"],
      $defs: { A: args },
    });
    expect(lowerToolSchema({ oneOf: [args, { type: "string" }] })).toEqual({
      type: "object",
      properties: { value: { anyOf: [args, { type: "string" }] } },
      required: ["value"],
    });
  });

  it("keeps free names with typed values, which only the normal form can say", () => {
    const map = { type: "object", additionalProperties: { type: "string" } };
    expect(normalizeToolSchema(map)).toEqual(map);
    expect(lowerToolSchema(map)).toBeNull();
  });

  it("has the branches' properties beside its own in the strict form (bug 25)", () => {
    const schema = {
      type: "object",
      properties: { kind: { type: "string" } },
      required: ["kind"],
      oneOf: [
        { properties: { kind: { const: "a" }, x: { type: "integer" } }, required: ["x"] },
        { properties: { kind: { const: "b" }, y: { type: "boolean" } } },
      ],
    };
    expect(lowerToolSchema(schema)).toEqual({
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] }, x: { type: "integer" }, y: { type: "boolean" } },
      required: ["kind"],
    });
  });
});

describe("the strict form", () => {
  it("keeps names that are keywords (bugs 18, 21)", () => {
    const strict = lowerToolSchema({ type: "object", properties: keywordNames, required: Object.keys(keywordNames) });
    expect(strict).toEqual({ type: "object", properties: keywordNames, required: Object.keys(keywordNames) });
  });

  it("has no word for exclusive bounds, uniqueItems, propertyNames and their like (bug 19)", () => {
    expect(lowered({ type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10.5 })).toEqual({
      type: "integer",
      minimum: 1,
      maximum: 10,
    });
    expect(lowered({ type: "number", exclusiveMinimum: 0 })).toEqual({
      type: "number",
      minimum: 0,
      description: "greater than 0",
    });
    expect(lowered({ type: "integer", minimum: 3, exclusiveMinimum: true })).toEqual({ type: "integer", minimum: 4 });
    expect(
      lowered({ type: "array", items: { type: "string" }, uniqueItems: true, contains: { type: "string" } }),
    ).toEqual({
      type: "array",
      items: { type: "string" },
    });
    expect(
      lowered({
        type: "object",
        propertyNames: { pattern: "^a" },
        additionalProperties: { type: "number" },
        if: {},
        not: {},
        dependencies: {},
      }),
    ).toEqual({ type: "object", description: 'keys: free, values: {"type":"number"}' });
  });

  it("inlines every reference, and ends a circle at its second visit (bug 20)", () => {
    const more = { $defs: { N: { type: "object", properties: { v: { type: "string" }, n: { $ref: "#/$defs/N" } } } } };
    expect(lowered({ $ref: "#/$defs/N", description: "d" }, more)).toEqual({
      type: "object",
      description: "d",
      properties: { v: { type: "string" }, n: { type: "object" } },
    });
    expect(lowered({ $ref: "#/$defs/None" })).toEqual({ type: "object", description: "Any object." });
    expect(lowered({ type: "string", ref: "QuestionOption" })).toEqual({ type: "string" });
  });

  it("says foreign formats in words, and drops metadata (bug 23)", () => {
    expect(
      lowered({
        type: "string",
        format: "uri",
        description: "d",
        $comment: "c",
        prefill: "x",
        enumDescriptions: ["y"],
        "x-order": 1,
        deprecated: true,
        markdownDescription: "m",
        contentEncoding: "base64",
        default: "z",
      }),
    ).toEqual({ type: "string", description: "d (format: uri)" });
    expect(lowered({ type: "string", format: "date-time" })).toEqual({ type: "string", format: "date-time" });
    expect(lowered({ type: "integer", format: "int64" })).toEqual({ type: "integer", format: "int64" });
    expect(lowered({ type: "number", format: "int64" })).toEqual({ type: "number", description: "format: int64" });
  });

  it("has one type, or branches that stand alone (bug 25)", () => {
    expect(lowered({ type: ["string", "null"], minLength: 1 })).toEqual({
      type: "string",
      nullable: true,
      minLength: 1,
    });
    expect(lowered({ type: ["string", "integer", "null"], minimum: 2, description: "d" })).toEqual({
      description: "d",
      nullable: true,
      anyOf: [{ type: "string" }, { type: "integer", minimum: 2 }],
    });
    expect(lowered({ oneOf: [{ type: "string" }, { type: "null" }], title: "t", default: null })).toEqual({
      type: "string",
      title: "t",
      nullable: true,
    });
    expect(lowered({ type: "string", anyOf: [{ minLength: 3 }, { pattern: "a" }] })).toEqual({
      anyOf: [
        { type: "string", minLength: 3 },
        { type: "string", pattern: "a" },
      ],
    });
    expect(lowered({ anyOf: [{ const: "a" }, { const: "b" }, { anyOf: [{ const: "c" }] }] })).toEqual({
      type: "string",
      enum: ["a", "b", "c"],
    });
  });

  it("enumerates strings only, none of them empty", () => {
    expect(lowered({ enum: ["a", "", null] })).toEqual({ type: "string", enum: ["a"], nullable: true });
    expect(lowered({ type: "integer", enum: [1, 2] })).toEqual({ type: "string", enum: ["1", "2"] });
    expect(lowered({ const: true })).toEqual({ type: "string", enum: ["true"] });
    expect(lowered({ type: "string", enum: [""] })).toEqual({ type: "string" });
    expect(lowered({ enum: [null] })).toEqual({ type: "string", nullable: true });
  });

  it("gives every schema a type, every array items, and no object empty properties", () => {
    expect(lowered({ properties: { a: { items: {} } } })).toEqual({
      type: "object",
      properties: {
        a: { type: "array", items: { type: "string", description: "Any JSON value, written as JSON text." } },
      },
    });
    expect(lowered({ type: "array" })).toEqual({ type: "array", items: { type: "string" } });
    expect(lowered({ type: "object", properties: {} })).toEqual({ type: "object" });
    expect(lowered({ type: "any", minLength: 2 })).toEqual({ type: "string", minLength: 2 });
    expect(lowered({ prefixItems: [{ type: "string" }, { type: "number" }] })).toEqual({
      type: "array",
      items: { anyOf: [{ type: "string" }, { type: "number" }] },
      minItems: 2,
      maxItems: 2,
    });
  });

  it("keeps counts below 2^53 only", () => {
    expect(lowered({ type: "integer", minimum: -9007199254740991, maximum: 2 ** 53 })).toEqual({
      type: "integer",
      minimum: -9007199254740991,
    });
    expect(lowered({ type: "string", minLength: 1.5, maxLength: 1e300 })).toEqual({ type: "string" });
    expect(lowered({ type: "array", items: { type: "string" }, minItems: -1, maxItems: 3 })).toMatchObject({
      maxItems: 3,
    });
  });
});

describe("schemas of answers", () => {
  it("may have any root, and are never left out", () => {
    expect(normalizeAnswerSchema({})).toEqual({});
    expect(normalizeAnswerSchema({ type: "array", items: { const: 1 } })).toEqual({
      type: "array",
      items: { enum: [1] },
    });
    expect(lowerAnswerSchema({})).toEqual({ type: "object" });
    expect(lowerAnswerSchema({ type: "array", items: { type: "string" } })).toEqual({
      type: "array",
      items: { type: "string" },
    });
  });

  it("keep their types in the strict form: nobody changes the answer's text back", () => {
    expect(
      lowerAnswerSchema({ type: "object", properties: { n: { type: "integer", enum: [1, 2], description: "d" } } }),
    ).toEqual({ type: "object", properties: { n: { type: "integer", description: "d (One of: 1, 2.)" } } });
    expect(lowerAnswerSchema({ enum: [true] })).toEqual({ type: "boolean", description: "One of: true." });
  });
});
