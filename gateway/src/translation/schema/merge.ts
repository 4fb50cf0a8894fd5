/**
 * Schemas that all hold, as one: for `allOf` and for `$ref` with siblings (fact sheet translation 4.2).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { isObject, setMember } from "./values.ts";

/**
 * Merges on one level; what several schemas say of one property becomes an `allOf`, which whoever walks there merges.
 * Takes time in proportion to what it is given.
 * @param schemas none is changed; where two cannot hold at once, the later one wins
 */
export function mergeSchemas(schemas: readonly JsonObject[]): JsonObject {
  const merged: JsonObject = {};
  const properties = new Map<string, unknown[]>();
  const items: JsonObject[] = [];
  const required = new Set<unknown>();
  for (const schema of schemas) {
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword === "properties" && isObject(value)) gather(properties, value);
      else if (keyword === "required" && Array.isArray(value)) for (const name of value) required.add(name);
      else if (keyword === "items" && isObject(value)) items.push(value);
      else {
        const present = Object.hasOwn(merged, keyword) ? merged[keyword] : undefined;
        setMember(merged, keyword, present === undefined ? value : mergeKeyword(keyword, present, value));
        continue;
      }
      // Holds the keyword's place in the order; filled below.
      merged[keyword] = undefined;
    }
  }
  if (properties.size > 0)
    merged["properties"] = Object.fromEntries([...properties].map(([name, all]) => [name, join(all)]));
  else if ("properties" in merged) merged["properties"] = {};
  if (required.size > 0) merged["required"] = [...required];
  else if (merged["required"] === undefined) delete merged["required"];
  if (items.length > 0) merged["items"] = join(items);
  return merged;
}

// --- helpers ---

function gather(properties: Map<string, unknown[]>, more: JsonObject): void {
  for (const [name, schema] of Object.entries(more)) {
    const known = properties.get(name);
    if (known === undefined) properties.set(name, [schema]);
    else if (!known.includes(schema)) known.push(schema);
  }
}

function join(schemas: readonly unknown[]): unknown {
  return schemas.length === 1 ? schemas[0] : { allOf: schemas };
}

function mergeKeyword(keyword: string, base: unknown, over: unknown): unknown {
  switch (keyword) {
    case "enum":
      return mergeEnums(base, over);
    case "type":
      return mergeTypes(base, over);
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
    case "minProperties":
      return typeof base === "number" && typeof over === "number" ? Math.max(base, over) : over;
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return typeof base === "number" && typeof over === "number" ? Math.min(base, over) : over;
    default:
      return over;
  }
}

function mergeEnums(base: unknown, over: unknown): unknown {
  if (!Array.isArray(base) || !Array.isArray(over)) return over;
  // Only scalars are compared: nobody enumerates objects twice.
  const known = new Set<unknown>(base);
  const both = over.filter((value) => known.has(value));
  return both.length > 0 ? both : over;
}

function mergeTypes(base: unknown, over: unknown): unknown {
  const left = toTypes(base);
  const right = toTypes(over);
  const both = right.filter((type) => left.includes(type));
  if (both.length > 0) return both.length === 1 ? both[0] : both;
  return left.includes("integer") && right.includes("number") ? "integer" : over;
}

/** There are seven types: a longer list is nonsense, and would be compared with another one. */
function toTypes(type: unknown): unknown[] {
  return Array.isArray(type) ? type.slice(0, 16) : [type];
}
