import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../../../emulator/src/emulator.ts";
import { call, prompt, to } from "../../../../emulator/src/test-client.ts";
import type { JsonObject } from "../types.ts";
import { lowerNativeTools } from "./native-tools.ts";
import { lowerAnswerSchema, lowerToolSchema, normalizeAnswerSchema, normalizeToolSchema } from "./schema.ts";

const accepted = new Set(
  (
    "type format title description nullable enum example default items minItems maxItems properties minProperties " +
    "maxProperties required propertyOrdering anyOf minimum maximum minLength maxLength pattern"
  ).split(" "),
);

/** Names of properties: keywords among them, and such as reach the prototype. */
const name = fc.oneof(
  fc.constantFrom(
    "ref",
    "$ref",
    "title",
    "format",
    "default",
    "const",
    "type",
    "properties",
    "items",
    "__proto__",
    "a",
  ),
  fc.string({ maxLength: 6 }),
);
const typeName = fc.constantFrom(
  "string",
  "integer",
  "number",
  "boolean",
  "object",
  "array",
  "null",
  "STRING",
  "ARRAY",
  "any",
);
const reference = fc.constantFrom(
  "#",
  "#/$defs/A",
  "#/$defs/B",
  "#/definitions/A",
  "#/definitions/C",
  "#/properties/a",
  "#/$defs/A/properties/a",
  "#/$defs/None",
  "https://example.com/x",
  "#anchor",
);
const scalar = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true }),
);

/** A few keywords of one schema, each with a value of the kind that belongs there, or nearly. */
const { schema } = fc.letrec<{ schema: unknown; node: unknown }>((tie) => {
  const child = tie("schema");
  const children = fc.array(child, { maxLength: 3 });
  const keyword = (key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<[string, unknown]> =>
    value.map((made): [string, unknown] => [key, made]);
  const inner = fc.oneof(
    keyword("properties", fc.dictionary(name, child, { maxKeys: 3 })),
    keyword("items", fc.oneof({ weight: 3, arbitrary: child }, { weight: 1, arbitrary: children })),
    keyword("additionalProperties", child),
    keyword("$defs", fc.dictionary(fc.constantFrom("A", "D"), child, { maxKeys: 1 })),
    keyword("patternProperties", fc.dictionary(name, child, { maxKeys: 1 })),
    ...["anyOf", "oneOf", "allOf", "prefixItems"].map((key) => keyword(key, children)),
    ...["propertyNames", "not", "if"].map((key) => keyword(key, child)),
  );
  const leaf = fc.oneof(
    keyword("type", fc.oneof(typeName, fc.array(typeName, { maxLength: 3 }))),
    keyword("type", typeName),
    keyword("required", fc.array(name, { maxLength: 3 })),
    keyword("$ref", reference),
    keyword("ref", fc.constant("QuestionOption")),
    keyword("enum", fc.oneof(fc.array(scalar, { maxLength: 4 }), scalar)),
    keyword("const", fc.oneof(scalar, fc.jsonValue({ maxDepth: 1 }))),
    keyword("nullable", fc.boolean()),
    ...["default", "example", "examples", "x-data"].map((key) => keyword(key, fc.jsonValue({ maxDepth: 2 }))),
    keyword("format", fc.constantFrom("uri", "date-time", "int32", "double", "enum", "")),
    keyword("pattern", fc.constant("^a+$")),
    ...["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minLength", "maxItems", "minProperties"].map(
      (key) => keyword(key, fc.oneof(fc.integer(), fc.boolean(), fc.double({ noNaN: true }))),
    ),
    keyword("propertyOrdering", fc.array(name, { maxLength: 2 })),
    ...["title", "description", "$comment"].map((key) => keyword(key, fc.oneof(fc.string({ maxLength: 5 }), scalar))),
  );
  const members = fc.array(fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: inner }), { maxLength: 4 });
  return {
    node: members.map((entries) => Object.fromEntries(entries)),
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: leaf.map((entry) => Object.fromEntries([entry])) },
      { weight: 8, arbitrary: tie("node") },
      { weight: 1, arbitrary: fc.oneof(fc.boolean(), scalar) },
    ),
  };
});

const root: fc.Arbitrary<JsonObject> = fc
  .record({
    type: fc.constant("object"),
    properties: fc.dictionary(name, schema, { minKeys: 1, maxKeys: 4 }),
    required: fc.array(name, { maxLength: 3 }),
    $defs: fc.record({ A: schema, B: schema }),
    definitions: fc.record({ C: schema }),
    $schema: fc.constant("http://json-schema.org/draft-07/schema#"),
  })
  .map((value): JsonObject => value);
const anyRoot: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 3, arbitrary: root },
  {
    weight: 1,
    arbitrary: schema.filter((value) => typeof value === "object" && value !== null) as fc.Arbitrary<JsonObject>,
  },
);

/** Every complaint about a schema that Google's strict field would have. */
function complaints(value: unknown, at: string): string[] {
  const node = value as JsonObject;
  const found = Object.keys(node)
    .filter((key) => !accepted.has(key))
    .map((key) => `${at}: ${key}`);
  const type = typeof node["type"] === "string" ? node["type"].toLowerCase() : null;
  if ("anyOf" in node) {
    const beside = Object.keys(node).filter((key) => !["anyOf", "title", "description", "nullable"].includes(key));
    if (beside.length > 0) found.push(`${at}: ${beside.join()} beside anyOf`);
    const branches = node["anyOf"] as unknown[];
    if (branches.length === 0) found.push(`${at}: no branches`);
    found.push(...branches.flatMap((branch, index) => complaints(branch, `${at}.anyOf[${index}]`)));
  } else if (type === null) found.push(`${at}: no type`);
  else if (!["string", "integer", "number", "boolean", "object", "array"].includes(type))
    found.push(`${at}: type ${type}`);
  if (type === "array" && !("items" in node)) found.push(`${at}: items: missing field`);
  if ("items" in node) found.push(...complaints(node["items"], `${at}.items`));
  const properties = (node["properties"] ?? {}) as JsonObject;
  if ("properties" in node && Object.keys(properties).length === 0) found.push(`${at}: empty properties`);
  for (const [key, property] of Object.entries(properties)) found.push(...complaints(property, `${at}.${key}`));
  for (const key of (node["required"] ?? []) as string[])
    if (!Object.hasOwn(properties, key)) found.push(`${at}: requires ${key}`);
  if ("enum" in node) {
    const values = node["enum"] as unknown[];
    if (type !== "string") found.push(`${at}: enum of ${type}`);
    if (values.length === 0 || values.some((item) => typeof item !== "string" || item === ""))
      found.push(`${at}: enum`);
  }
  return found;
}

describe("any schema", () => {
  it("has in the strict form nothing but what Google takes there", () => {
    fc.assert(
      fc.property(anyRoot, (value) => {
        const strict = lowerToolSchema(value);
        if (strict !== null) {
          expect(complaints(strict, "$")).toEqual([]);
          expect(String(strict["type"]).toLowerCase()).toBe("object");
        }
        expect(complaints(lowerAnswerSchema(value), "$")).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is in normal form after one pass: a second one changes nothing, not even an order", () => {
    fc.assert(
      fc.property(anyRoot, (value) => {
        const once = normalizeToolSchema(value);
        if (once !== null) {
          expect(String(once["type"]).toLowerCase()).toBe("object");
          expect(JSON.stringify(normalizeToolSchema(once))).toBe(JSON.stringify(once));
        }
        const answer = normalizeAnswerSchema(value);
        expect(JSON.stringify(normalizeAnswerSchema(answer))).toBe(JSON.stringify(answer));
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps the names of its properties in both forms, and is not changed itself", () => {
    fc.assert(
      fc.property(root, (value) => {
        const before = JSON.stringify(value);
        const properties = value["properties"] as JsonObject;
        const names = Object.keys(properties).filter((key) => properties[key] !== false);
        expect(Object.keys(normalizeToolSchema(value)?.["properties"] ?? {})).toEqual(names);
        expect(Object.keys(lowerToolSchema(value)?.["properties"] ?? {})).toEqual(names);
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it("has in normal form no reference that leads nowhere", () => {
    fc.assert(
      fc.property(root, (value) => {
        const normal = normalizeToolSchema(value) ?? {};
        const definitions = normal["$defs"] ?? {};
        for (const target of referencesOf(normal)) {
          expect(target).toMatch(/^#\/\$defs\/[A-Z]$/);
          expect(Object.keys(definitions)).toContain(target.slice("#/$defs/".length));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Of schema positions that every generated construct has. */
function referencesOf(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  const object = node as JsonObject;
  const maps = ["properties", "$defs", "patternProperties"].flatMap((key) => Object.values(object[key] ?? {}));
  const lists = ["anyOf", "oneOf", "prefixItems"].flatMap((key) => (object[key] ?? []) as unknown[]);
  const ones = ["items", "additionalProperties", "propertyNames", "not", "if"].map((key) => object[key]);
  const own = typeof object["$ref"] === "string" ? [object["$ref"]] : [];
  return [...own, ...[...maps, ...lists, ...ones].flatMap(referencesOf)];
}

describe("what Google is sent", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  it("is accepted by its strict check, in either field", async () => {
    // The emulator's own objects cannot hold this name.
    const plain = root.filter((value) => !JSON.stringify(value).includes("__proto__"));
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 12 }), async (schemas) => {
        const declare = (field: string, of: (value: JsonObject) => JsonObject | null): JsonObject => ({
          tools: [
            {
              functionDeclarations: schemas.map((value, index) => {
                const made = of(value);
                return { name: `f${index}`, ...(made === null ? {} : { [field]: made }) };
              }),
            },
          ],
        });
        const [first = {}] = schemas;
        const bodies = [
          { ...declare("parameters", lowerToolSchema), generationConfig: { responseSchema: lowerAnswerSchema(first) } },
          declare("parametersJsonSchema", normalizeToolSchema),
          lowerNativeTools(declare("parametersJsonSchema", (value) => value)),
        ];
        for (const body of bodies) {
          const response = await call(emulator, { path: to("gemini-3.8-flash"), body: prompt("hi", body) });
          expect(await (response.status === 200 ? "" : response.text())).toBe("");
        }
      }),
      { numRuns: 25 },
    );
  });
});
