/**
 * The normal form N1 of a schema (fact sheet translation 4.5, rule 2), and the same without any reference, from which the
 * strict subset is made. The schema that comes in is not changed.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { cutCycles } from "./cycles.ts";
import { deepestLevel, expand, inlineBudget, mostSchemas, placeholder, spend, type SchemaWalk } from "./expand.ts";
import { definitionKeywords, schemaKeywords, schemaListKeywords, schemaMapKeywords } from "./keywords.ts";
import { addNull } from "./nullable.ts";
import { dropEmptyUnions } from "./unions.ts";
import { isObject, measureValue, setMember } from "./values.ts";

/** A schema in normal form. */
export interface Resolved {
  /** Without definitions. */
  root: JsonObject;
  /** Root definitions that `root` means, by name. Empty: none. */
  definitions: JsonObject;
}

/**
 * Brings a schema into normal form. The root itself is never a reference.
 * @param keepReferences false: every reference is inlined, and ends at its second visit
 */
export function resolveSchema(schema: JsonObject, keepReferences: boolean): Resolved {
  const definitions = gatherDefinitions(schema);
  const wanted = new Set<string>();
  const walk: SchemaWalk = {
    root: schema,
    keepReferences,
    definitions,
    wanted,
    active: new Set(),
    budget: inlineBudget,
    remaining: mostSchemas,
  };
  const { $schema: _schema, $id: _id, ...rest } = schema;
  const root = walkSchema(rest, walk, { depth: 0, inline: true }) ?? {};
  // Walking a definition may want further ones: the set grows while it is read.
  const walked = new Map<string, JsonObject>();
  for (const name of wanted) {
    const definition = definitions.get(name);
    if (definition !== undefined) walked.set(name, walkSchema(definition, walk, { depth: 1, inline: false }) ?? {});
  }
  if (walked.size === 0) return { root, definitions: {} };
  // In the order of the client's, so that a second pass gives the same text.
  const ordered: JsonObject = {};
  for (const name of definitions.keys()) if (walked.has(name)) setMember(ordered, name, walked.get(name));
  return cutCycles({ root, definitions: ordered });
}

// --- helpers ---

interface Place {
  depth: number;
  /** Also a reference that could be kept. */
  inline: boolean;
}

function gatherDefinitions(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  const modern = isObject(schema["$defs"]) ? schema["$defs"] : {};
  const older = isObject(schema["definitions"]) ? schema["definitions"] : {};
  for (const [name, definition] of Object.entries(modern)) {
    if (isObject(definition) && !Object.hasOwn(older, name)) found.set(name, definition);
  }
  // A name in both means two things: neither is kept, references to them are inlined.
  for (const [name, definition] of Object.entries(older)) {
    if (isObject(definition) && !Object.hasOwn(modern, name)) found.set(name, definition);
  }
  return found;
}

/** Null: nothing fits (`false`). */
function walkSchema(schema: unknown, walk: SchemaWalk, place: Place): JsonObject | null {
  if (schema === false) return null;
  if (!isObject(schema)) return {};
  walk.remaining -= 1;
  if (place.depth > deepestLevel || walk.remaining < 0) return placeholder(walk);
  const expanded = expand(schema, walk, place.inline);
  spend(expanded.schema, walk);
  const result =
    typeof expanded.schema["$ref"] === "string"
      ? addNull(expanded.schema)
      : walkKeywords(expanded.schema, walk, place.depth + 1);
  for (const target of expanded.entered) walk.active.delete(target);
  return result;
}

function walkKeywords(schema: JsonObject, walk: SchemaWalk, depth: number): JsonObject {
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const walked = walkKeyword(keyword, { value, schema, walk, depth });
    if (walked !== undefined) setMember(result, keyword, walked);
  }
  moveTuple(schema, result);
  if ("const" in schema) {
    delete result["const"];
    result["enum"] = [schema["const"]];
  }
  keepKnownRequired(result);
  dropEmptyUnions(result);
  return addNull(result);
}

interface Keyword {
  value: unknown;
  schema: JsonObject;
  walk: SchemaWalk;
  depth: number;
}

/** Undefined: the keyword goes. */
function walkKeyword(keyword: string, { value, schema, walk, depth }: Keyword): unknown {
  const place = { depth, inline: false };
  if (schemaMapKeywords.has(keyword)) return isObject(value) ? walkMap(value, walk, place) : undefined;
  if (schemaListKeywords.has(keyword)) return Array.isArray(value) ? walkList(value, walk, place) : undefined;
  if (keyword === "items") {
    if (Array.isArray(value)) return walkList(value, walk, place);
    return value === false ? undefined : (walkSchema(value, walk, place) ?? undefined);
  }
  if (schemaKeywords.has(keyword))
    return typeof value === "boolean" ? value : (walkSchema(value, walk, place) ?? false);
  if (definitionKeywords.has(keyword) || keyword === "$schema" || keyword === "$ref") return undefined;
  // Metadata of some generators. Google reads it as a reference (a property of this name is not a keyword).
  if (keyword === "ref" && typeof value === "string") return undefined;
  if (keyword === "enum" && !Array.isArray(value)) return undefined;
  // Its counterpart is all that Google needs, and it would say the same twice.
  if (keyword === "enum" && "const" in schema) return undefined;
  return measureValue(value, Infinity) === Infinity ? undefined : value;
}

function walkMap(map: JsonObject, walk: SchemaWalk, place: Place): JsonObject {
  const result: JsonObject = {};
  for (const [name, schema] of Object.entries(map)) {
    const walked = walkSchema(schema, walk, place);
    if (walked !== null) setMember(result, name, walked);
  }
  return result;
}

function walkList(list: readonly unknown[], walk: SchemaWalk, place: Place): JsonObject[] {
  return list.map((schema) => walkSchema(schema, walk, place)).filter((schema) => schema !== null);
}

/** The tuples of older drafts: `items: […]` is `prefixItems`, `additionalItems` is `items`. */
function moveTuple(schema: JsonObject, result: JsonObject): void {
  if (!Array.isArray(schema["items"])) return;
  const tuple = result["items"];
  delete result["items"];
  if (!("prefixItems" in result) && Array.isArray(tuple) && tuple.length > 0) result["prefixItems"] = tuple;
  if (isObject(result["additionalItems"])) result["items"] = result["additionalItems"];
  delete result["additionalItems"];
}

/** Google refuses the name of a property that is not there (bug 24). */
function keepKnownRequired(schema: JsonObject): void {
  if (!("required" in schema)) return;
  const { required, properties } = schema;
  const known = isObject(properties) ? properties : {};
  const names = Array.isArray(required) ? required : [];
  const kept = [...new Set(names)].filter((name) => typeof name === "string" && Object.hasOwn(known, name));
  if (kept.length > 0) schema["required"] = kept;
  else delete schema["required"];
}
