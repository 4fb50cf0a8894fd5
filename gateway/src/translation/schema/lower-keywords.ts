/**
 * The keywords of one type in the strict subset: what Google knows of that type stays, the rest goes or is said in words.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { addToDescription } from "./values.ts";

/**
 * Copies what a type may have, and says in the description what it may not.
 * @param schema in normal form
 * @param type lower case
 * @param target already has `type`; is changed
 */
export function copyTypeKeywords(schema: JsonObject, type: string, target: JsonObject): void {
  for (const keyword of countKeywords[type] ?? []) if (keyword in schema) copyCount(schema, keyword, target);
  if (type === "string" && typeof schema["pattern"] === "string" && !("enum" in target)) {
    target["pattern"] = schema["pattern"];
  }
  if (type === "integer" || type === "number") copyBounds(schema, type, target);
  if ("format" in schema) copyFormat(schema, type, target);
}

// --- helpers ---

const countKeywords: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength"],
  array: ["minItems", "maxItems"],
  object: ["minProperties", "maxProperties"],
};

const formats: Readonly<Record<string, ReadonlySet<unknown>>> = {
  string: new Set(["enum", "date-time"]),
  integer: new Set(["int32", "int64"]),
  number: new Set(["float", "double"]),
};

function copyCount(schema: JsonObject, keyword: string, target: JsonObject): void {
  const value = schema[keyword];
  if (Number.isSafeInteger(value) && (value as number) >= 0) target[keyword] = value;
}

function copyFormat(schema: JsonObject, type: string, target: JsonObject): void {
  const { format } = schema;
  if (typeof format !== "string" || format === "") return;
  if (formats[type]?.has(format) === true) target["format"] = format;
  else describe(target, `format: ${format.slice(0, 100)}`);
}

function copyBounds(schema: JsonObject, type: "integer" | "number", target: JsonObject): void {
  const isInteger = type === "integer";
  const low = lowest(schema, isInteger, target);
  if (low !== null) target["minimum"] = low;
  const high = highest(schema, isInteger, target);
  if (high !== null) target["maximum"] = high;
}

function lowest(schema: JsonObject, isInteger: boolean, target: JsonObject): number | null {
  const inclusive = toBound(schema["minimum"]);
  // Draft 4: a boolean that makes the bound beside it an exclusive one.
  const exclusive = schema["exclusiveMinimum"] === true ? inclusive : toBound(schema["exclusiveMinimum"]);
  if (exclusive === null || (inclusive !== null && inclusive > exclusive)) return inclusive;
  if (isInteger) return toBound(Math.floor(exclusive) + 1);
  describe(target, `greater than ${exclusive}`);
  return exclusive;
}

function highest(schema: JsonObject, isInteger: boolean, target: JsonObject): number | null {
  const inclusive = toBound(schema["maximum"]);
  const exclusive = schema["exclusiveMaximum"] === true ? inclusive : toBound(schema["exclusiveMaximum"]);
  if (exclusive === null || (inclusive !== null && inclusive < exclusive)) return inclusive;
  if (isInteger) return toBound(Math.ceil(exclusive) - 1);
  describe(target, `less than ${exclusive}`);
  return exclusive;
}

/** Beyond the safe integers a bound says nothing and may be refused. */
function toBound(value: unknown): number | null {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

function describe(target: JsonObject, sentence: string): void {
  target["description"] = addToDescription(target["description"], sentence);
}
