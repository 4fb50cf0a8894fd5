/**
 * Which types a schema allows, said or not.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { typeNames } from "./keywords.ts";

/** What a schema says about its type. */
export interface SchemaTypes {
  /** Lower case, without `null`; empty: any value, or null only. */
  types: readonly string[];
  nullable: boolean;
}

/**
 * Reads the types of a schema in normal form; a missing type is inferred from its other keywords.
 * @param schema without `$ref`, `const`, `nullable`
 */
export function typesOf(schema: JsonObject): SchemaTypes {
  const { type } = schema;
  if (typeof type === "string") {
    const single = singles.get(type);
    if (single !== undefined) return single;
  }
  const named = (Array.isArray(type) ? type.slice(0, 16) : [type])
    .filter((name) => typeof name === "string")
    .map((name) => name.toLowerCase())
    .filter((name) => typeNames.has(name));
  if (named.length > 0) {
    return { types: [...new Set(named.filter((name) => name !== "null"))], nullable: named.includes("null") };
  }
  if (Array.isArray(schema["enum"])) return typesOfValues(schema["enum"]);
  const inferred = infer(schema);
  return { types: inferred === null ? [] : [inferred], nullable: false };
}

/** The type of one scalar; null: of a value that Google cannot enumerate. */
export function typeOfValue(value: unknown): string | null {
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "string" || typeof value === "boolean" ? typeof value : null;
}

/** Tells a schema of JSON objects, and of nothing else but null. */
export function isObjectSchema(schema: JsonObject): boolean {
  const { types } = typesOf(schema);
  return types.length === 1 && types[0] === "object";
}

/** A type as the client spelled it (upper case stays), where that is what it said. */
export function spellType(schema: JsonObject, type: string): string {
  return typeof schema["type"] === "string" && schema["type"].toLowerCase() === type ? schema["type"] : type;
}

// --- helpers ---

/** Nearly every schema has one type: its answer is made once. */
const singles: ReadonlyMap<string, SchemaTypes> = new Map(
  [...typeNames].flatMap((name): [string, SchemaTypes][] => {
    const single = name === "null" ? { types: [], nullable: true } : { types: [name], nullable: false };
    return [
      [name, single],
      [name.toUpperCase(), single],
    ];
  }),
);

function typesOfValues(values: readonly unknown[]): SchemaTypes {
  const types = new Set<string>();
  for (const value of values) {
    const type = typeOfValue(value);
    if (type !== null) types.add(type);
  }
  if (types.has("number")) types.delete("integer");
  return { types: [...types], nullable: values.includes(null) };
}

const telling: readonly (readonly [string, readonly string[]])[] = [
  [
    "object",
    [
      "properties",
      "additionalProperties",
      "patternProperties",
      "required",
      "minProperties",
      "maxProperties",
      "propertyOrdering",
      "propertyNames",
    ],
  ],
  ["array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]],
  ["number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]],
  ["string", ["pattern", "minLength", "maxLength", "format", "contentEncoding", "contentMediaType"]],
];

function infer(schema: JsonObject): string | null {
  return telling.find(([, keywords]) => keywords.some((keyword) => keyword in schema))?.[0] ?? null;
}
