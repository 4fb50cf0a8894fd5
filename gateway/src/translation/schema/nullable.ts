/**
 * `nullable` of OpenAPI as JSON Schema says it: Google does not read it there (fact sheet translation 4.3).
 * @module
 */
import type { JsonObject } from "../types.ts";

/**
 * Replaces `nullable: true` by the null type.
 * @param schema in normal form but for that; may be a reference. Not changed
 */
export function addNull(schema: JsonObject): JsonObject {
  if (!("nullable" in schema)) return schema;
  const { nullable, ...rest } = schema;
  if (nullable !== true) return rest;
  const { type, enum: values, anyOf } = rest;
  if (Array.isArray(anyOf)) return anyOf.some(isNullType) ? rest : { ...rest, anyOf: [...anyOf, { type: "null" }] };
  const types = Array.isArray(type) ? type : [type];
  if (types.some((name) => isNullName(name))) return rest;
  if (Array.isArray(values) && values.includes(null))
    return typeof type === "string" ? { ...rest, type: withNull([type]) } : rest;
  // An enum would still refuse null: a branch of its own is needed there, as beside a reference.
  if (type !== undefined && values === undefined && !("oneOf" in rest)) return { ...rest, type: withNull(types) };
  const { description, title, ...inner } = rest;
  if (Object.keys(inner).length === 0) return rest;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [inner, { type: "null" }],
  };
}

// --- helpers ---

/** Upper case stays upper case: clients send schemas of both grammars. */
function withNull(types: readonly unknown[]): unknown[] {
  const [first] = types;
  return [...types, typeof first === "string" && first !== first.toLowerCase() ? "NULL" : "null"];
}

function isNullName(name: unknown): boolean {
  return typeof name === "string" && name.toLowerCase() === "null";
}

function isNullType(branch: unknown): boolean {
  return typeof branch === "object" && branch !== null && isNullName((branch as JsonObject)["type"]);
}
