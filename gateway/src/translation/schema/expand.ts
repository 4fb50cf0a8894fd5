/**
 * The references and `allOf` of one level of a schema, resolved. Bounded: hostile schemas refer to themselves, in chains
 * and in doubling trees.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { schemaKeywords, schemaListKeywords, schemaMapKeywords } from "./keywords.ts";
import { mergeSchemas } from "./merge.ts";
import { definitionName, followPointer, toDefinitionPointer } from "./pointers.ts";
import { isObject, measureValue } from "./values.ts";

/** What a walk through one schema knows. */
export interface SchemaWalk {
  /** As the client sent it: pointers start here. */
  readonly root: JsonObject;
  /** Keep references to root definitions as they are; false: inline everything. */
  readonly keepReferences: boolean;
  /** Root definitions by name, of `$defs` and `definitions`. */
  readonly definitions: ReadonlyMap<string, JsonObject>;
  /** Names of definitions that a kept reference means. */
  readonly wanted: Set<string>;
  /** Targets that are being inlined around the present place. */
  readonly active: Set<JsonObject>;
  /** Characters that may still be inlined. Below zero: nothing more is. */
  budget: number;
  /** Schemas that may still be walked. */
  remaining: number;
}

/** Levels of a schema that are walked; Google's own limit for JSON is 100, two of which a level takes. */
export const deepestLevel = 48;
/** Characters that inlining may add to one schema, in all. */
export const inlineBudget = 131_072;

/** Schemas inside of one that are walked; no tool that a model could use has a tenth of it. */
export const mostSchemas = 20_000;

/** A level without `allOf`; with `$ref` only where it is kept. */
export interface Expanded {
  schema: JsonObject;
  /** Targets that the caller has to take out of `active` when it is done with this level and all below. */
  entered: readonly JsonObject[];
}

/**
 * Resolves one level.
 * @param inline also references that could be kept
 */
export function expand(schema: JsonObject, walk: SchemaWalk, inline: boolean): Expanded {
  if (typeof schema["$ref"] !== "string" && !Array.isArray(schema["allOf"])) return { schema, entered: [] };
  const entered: JsonObject[] = [];
  return { schema: expandLevel(schema, { walk, entered, inline, depth: 0 }), entered };
}

/** What stands where a reference leads nowhere, or to itself. Without type: any value. */
export function placeholder(walk: SchemaWalk): JsonObject {
  return walk.keepReferences ? {} : { type: "object" };
}

/** Takes what one level adds from the budget, while something is being inlined. */
export function spend(schema: JsonObject, walk: SchemaWalk): void {
  if (walk.active.size === 0) return;
  let size = 16;
  for (const [keyword, value] of Object.entries(schema)) {
    size += keyword.length + 4 + sizeOf(keyword, value, walk.budget);
    if (size > walk.budget) break;
  }
  walk.budget -= size;
}

// --- helpers ---

/** Without schemas inside: they are counted when they are walked. */
function sizeOf(keyword: string, value: unknown, limit: number): number {
  if (schemaKeywords.has(keyword) || schemaListKeywords.has(keyword) || keyword === "items") return 0;
  if (!schemaMapKeywords.has(keyword)) return measureValue(value, limit);
  return isObject(value) ? Object.keys(value).reduce((size, name) => size + name.length + 4, 0) : 0;
}

interface Level {
  walk: SchemaWalk;
  entered: JsonObject[];
  inline: boolean;
  depth: number;
}

function expandLevel(schema: JsonObject, level: Level): JsonObject {
  if (level.depth > deepestLevel) return placeholder(level.walk);
  const { $ref: reference, ...siblings } = schema;
  if (typeof reference === "string") {
    if (!level.inline && isKept(reference, siblings, level.walk)) return keepReference(reference, siblings, level.walk);
    const target = inlineTarget(reference, level);
    return mergeSchemas([target, expandLevel(siblings, { ...level, inline: true, depth: level.depth + 1 })]);
  }
  const { allOf, ...rest } = schema;
  return Array.isArray(allOf) ? mergeAll(allOf, rest, level) : schema;
}

/** Google takes a reference with a description or a default beside it, and with keys that begin with `$`. */
function isKept(reference: string, siblings: JsonObject, walk: SchemaWalk): boolean {
  if (!walk.keepReferences) return false;
  const name = definitionName(reference);
  if (name === null || !walk.definitions.has(name)) return false;
  return Object.keys(siblings).every(
    (key) => key === "description" || key === "default" || key === "nullable" || key.startsWith("$"),
  );
}

function keepReference(reference: string, siblings: JsonObject, walk: SchemaWalk): JsonObject {
  const name = definitionName(reference) ?? "";
  walk.wanted.add(name);
  const kept: JsonObject = { $ref: toDefinitionPointer(name) };
  for (const key of ["description", "default", "nullable"]) if (Object.hasOwn(siblings, key)) kept[key] = siblings[key];
  return kept;
}

function inlineTarget(reference: string, level: Level): JsonObject {
  const { walk, entered } = level;
  const name = definitionName(reference);
  const target = (name === null ? undefined : walk.definitions.get(name)) ?? followPointer(walk.root, reference);
  if (target === true) return {};
  if (!isObject(target)) {
    return walk.keepReferences ? {} : { type: "object", description: "Any object." };
  }
  // Twice in one `allOf`: it is merged already.
  if (entered.includes(target)) return {};
  if (walk.active.has(target) || walk.budget < 0) return placeholder(walk);
  walk.active.add(target);
  entered.push(target);
  // What belongs to the root as a whole is no part of what `#` means here.
  const { $defs: _defs, definitions: _definitions, $schema: _schema, $id: _id, ...own } = target;
  return expandLevel(own, { ...level, inline: true, depth: level.depth + 1 });
}

function mergeAll(members: readonly unknown[], rest: JsonObject, level: Level): JsonObject {
  const schemas = members.filter((member) => isObject(member));
  const [only] = schemas;
  // `{allOf: [{$ref}], description}` is how older generators write a reference with a description.
  const isWrapped = !level.inline && schemas.length === 1 && only !== undefined && typeof only["$ref"] === "string";
  if (isWrapped && typeof rest["$ref"] !== "string") {
    const together = { ...only, ...rest };
    if (isKept(only["$ref"] as string, { ...only, ...rest, $ref: undefined }, level.walk)) {
      return expandLevel(together, { ...level, depth: level.depth + 1 });
    }
  }
  const expanded = schemas.map((schema) => expandLevel(schema, { ...level, inline: true, depth: level.depth + 1 }));
  return mergeSchemas([...expanded, rest]);
}
