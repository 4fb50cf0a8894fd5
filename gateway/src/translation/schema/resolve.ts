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
  const walkedRoot = walkSchema(schema, walk, { depth: 0, inline: true }) ?? {};
  const root = "$id" in walkedRoot ? withoutId(walkedRoot) : walkedRoot;
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

function withoutId({ $id: _id, ...rest }: JsonObject): JsonObject {
  return rest;
}

interface Place {
  depth: number;
  /** Also a reference that could be kept. */
  inline: boolean;
}

const noDefinitions: ReadonlyMap<string, JsonObject> = new Map();

function gatherDefinitions(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  if (!("$defs" in schema) && !("definitions" in schema)) return noDefinitions;
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
  if (typeof schema["$ref"] !== "string" && !("allOf" in schema)) {
    if (walk.active.size > 0) spend(schema, walk);
    return walkKeywords(schema, walk, place.depth + 1);
  }
  const expanded = expand(schema, walk, place.inline);
  spend(expanded.schema, walk);
  const result =
    typeof expanded.schema["$ref"] === "string"
      ? addNull(expanded.schema)
      : walkKeywords(expanded.schema, walk, place.depth + 1);
  for (const target of expanded.entered) walk.active.delete(target);
  return result;
}

/** Gives the same object where nothing changes: most schemas are in normal form but for a word at their root. */
function walkKeywords(schema: JsonObject, walk: SchemaWalk, depth: number): JsonObject {
  let result = schema;
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    const kind = kinds.get(keyword);
    if (kind === undefined && (typeof value !== "object" || isFlat(value))) continue;
    const walked = walkKeyword(kind, { value, walk, depth });
    if (walked === value) continue;
    if (result === schema) result = { ...schema };
    if (walked === undefined) delete result[keyword];
    else setMember(result, keyword, walked);
  }
  if (needsRepair(result)) result = repair(result === schema ? { ...schema } : result, schema);
  return "nullable" in result ? addNull(result) : result;
}

/** What a keyword's value is. Without kind: a value that is never looked into. */
type Kind = "schema" | "schemas" | "map" | "items" | "enum" | "dropped" | "metadata";

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...[...schemaKeywords].map((keyword): [string, Kind] => [keyword, "schema"]),
  ...[...schemaListKeywords].map((keyword): [string, Kind] => [keyword, "schemas"]),
  ...[...schemaMapKeywords].map((keyword): [string, Kind] => [keyword, "map"]),
  ...[...definitionKeywords, "$schema", "$ref"].map((keyword): [string, Kind] => [keyword, "dropped"]),
  ["items", "items"],
  ["enum", "enum"],
  ["ref", "metadata"],
]);

interface Keyword {
  value: unknown;
  walk: SchemaWalk;
  depth: number;
}

/** Undefined: the keyword goes. */
function walkKeyword(kind: Kind | undefined, { value, walk, depth }: Keyword): unknown {
  const place = { depth, inline: false };
  switch (kind) {
    case "map":
      return isObject(value) ? walkMap(value, walk, place) : undefined;
    case "schemas":
      return Array.isArray(value) ? walkList(value, walk, place) : undefined;
    case "items":
      if (Array.isArray(value)) return walkList(value, walk, place);
      return value === false ? undefined : (walkSchema(value, walk, place) ?? undefined);
    case "schema":
      return typeof value === "boolean" ? value : (walkSchema(value, walk, place) ?? false);
    case "dropped":
      return undefined;
    case "metadata":
      // Of some generators. Google reads it as a reference (a property of this name is not a keyword).
      return typeof value === "string" ? undefined : value;
    case "enum":
      if (!Array.isArray(value)) return undefined;
      return isFlat(value) || measureValue(value, Infinity) !== Infinity ? value : undefined;
    case undefined:
      return measureValue(value, Infinity) === Infinity ? undefined : value;
  }
}

function walkMap(map: JsonObject, walk: SchemaWalk, place: Place): JsonObject {
  let result = map;
  for (const name of Object.keys(map)) {
    const walked = walkSchema(map[name], walk, place);
    if (walked === map[name]) continue;
    if (result === map) result = { ...map };
    if (walked === null) delete result[name];
    else setMember(result, name, walked);
  }
  return result;
}

function walkList(list: readonly unknown[], walk: SchemaWalk, place: Place): readonly unknown[] {
  const walked = list.map((schema) => walkSchema(schema, walk, place));
  return walked.every((schema, index) => schema === list[index]) ? list : walked.filter((schema) => schema !== null);
}

/** No object inside: the common kinds of `required`, `enum`, `type` and `examples`. */
function isFlat(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null));
}

/** Keywords that depend on each other. */
function needsRepair(schema: JsonObject): boolean {
  if ("const" in schema || "anyOf" in schema || "oneOf" in schema || Array.isArray(schema["items"])) return true;
  return "required" in schema && !isKnownRequired(schema);
}

function isKnownRequired({ required, properties }: JsonObject): boolean {
  if (!Array.isArray(required) || required.length === 0 || !isObject(properties)) return false;
  if (!required.every((name) => typeof name === "string" && Object.hasOwn(properties, name))) return false;
  return required.length === 1 || new Set(required).size === required.length;
}

/** @param result is changed */
function repair(result: JsonObject, schema: JsonObject): JsonObject {
  moveTuple(schema, result);
  if ("const" in schema) {
    const kept = "const" in result;
    delete result["const"];
    // Google reads no `const`; and the counterpart says all that an `enum` beside it could.
    if (kept) result["enum"] = [schema["const"]];
  }
  keepKnownRequired(result);
  dropEmptyUnions(result);
  return result;
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
