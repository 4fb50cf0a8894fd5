/**
 * JSON Schemas of tools and answers in the two grammars that Google takes (fact sheet translation 4). What is made of a
 * schema is remembered, bounded, under its text. Results are shared between calls: they must not be changed.
 * @module
 */
import type { SchemaForm } from "../types-request.ts";
import type { FunctionTool, JsonObject } from "../types.ts";
import { createSchemaCache, type SchemaEntry } from "./cache.ts";
import type { EnumForm } from "./lower-enum.ts";
import { lowerSchema } from "./lower.ts";
import { resolveSchema } from "./resolve.ts";
import { planRestore, restoreValue } from "./restore.ts";
import { toToolRoot, wrappedName } from "./root.ts";

/**
 * A tool's schema for `parametersJsonSchema`: references kept where Google takes them, the root an object. A root that is
 * none is wrapped; {@link createArgsRestorer} takes it out again.
 * @returns null: the tool takes no arguments, the field is left out
 */
export function normalizeToolSchema(schema: JsonObject): JsonObject | null {
  const entry = cache.get(schema);
  if (entry.tool === undefined) {
    const { root, definitions } = resolveSchema(schema, true);
    const tool = toToolRoot(root);
    const wrapped = tool.kind === "wrapped" ? wrap(tool.schema) : tool.kind === "object" ? tool.schema : null;
    entry.tool = wrapped === null ? null : withDefinitions(wrapped, definitions);
  }
  return entry.tool;
}

/**
 * A tool's schema for `parameters`, the strict subset: 22 keywords, no references. Numbers and booleans are enumerated as
 * strings; {@link createArgsRestorer} changes them back.
 * @returns null: the tool takes no arguments, the field is left out
 */
export function lowerToolSchema(schema: JsonObject): JsonObject | null {
  const entry = cache.get(schema);
  if (entry.loweredTool === undefined) {
    const tool = toToolRoot(resolveSchema(schema, false).root);
    entry.loweredTool =
      tool.kind === "none" ? null : toParameters(tool.kind === "wrapped" ? wrap(tool.schema) : tool.schema, "as-text");
  }
  return entry.loweredTool;
}

/** An answer's schema for `responseJsonSchema`. Any root; `{}`: any value. */
export function normalizeAnswerSchema(schema: JsonObject): JsonObject {
  const entry = cache.get(schema);
  if (entry.answer === undefined) {
    const { root, definitions } = resolveSchema(schema, true);
    entry.answer = withDefinitions(root, definitions);
  }
  return entry.answer;
}

/**
 * An answer's schema for `responseSchema`, the strict subset. No type is changed, since nobody changes texts back: numbers
 * of an `enum` are named in the description.
 */
export function lowerAnswerSchema(schema: JsonObject): JsonObject {
  const entry = cache.get(schema);
  if (entry.loweredAnswer === undefined) {
    const { root } = resolveSchema(schema, false);
    // A schema without any word: some object, as JSON mode gives.
    entry.loweredAnswer = Object.keys(root).length === 0 ? { type: "object" } : lowerSchema(root, "described");
  }
  return entry.loweredAnswer;
}

/**
 * As {@link lowerToolSchema}, where nobody changes arguments back: no root is wrapped, and no type changed.
 * @returns null: the tool takes no arguments, the field is left out
 */
export function lowerNativeToolSchema(schema: JsonObject): JsonObject | null {
  const entry = cache.get(schema);
  if (entry.nativeTool === undefined) {
    const tool = toToolRoot(resolveSchema(schema, false).root);
    // Google says itself what it thinks of a function that takes no object.
    if (tool.kind === "wrapped") entry.nativeTool = lowerSchema(tool.schema, "described");
    else entry.nativeTool = tool.kind === "none" ? null : toParameters(tool.schema, "described");
  }
  return entry.nativeTool;
}

/**
 * Changes the arguments that a model gives back to what the client's own schema says: roots that were wrapped, and with
 * the `lowered` form values that were enumerated or asked for as strings.
 * @returns for the client's name of a tool; undefined: with these tools nothing has to be changed. An unwrapped root may
 *   be no object, as the client declared it.
 */
export function createArgsRestorer(
  tools: readonly FunctionTool[],
  form: SchemaForm,
): ((clientName: string, args: JsonObject) => JsonObject) | undefined {
  const found = new Map<string, NonNullable<SchemaEntry["restore"]>>();
  for (const { name, schema } of tools) {
    if (schema === null) continue;
    const restore = restoreOf(schema);
    if (restore.isWrapped || (form === "lowered" && restore.plan !== null)) found.set(name, restore);
  }
  if (found.size === 0) return undefined;
  return (clientName, args) => {
    const restore = found.get(clientName);
    if (restore === undefined) return args;
    const { isWrapped, plan } = restore;
    const given = isWrapped && args[wrappedName] != null ? args[wrappedName] : args;
    return (form === "lowered" && plan !== null ? restoreValue(given, plan) : given) as JsonObject;
  };
}

// --- helpers ---

/** The one piece of state here: pure results, shared by all calls of the process. */
const cache = createSchemaCache();

function restoreOf(schema: JsonObject): NonNullable<SchemaEntry["restore"]> {
  const entry = cache.get(schema);
  if (entry.restore === undefined) {
    const tool = toToolRoot(resolveSchema(schema, false).root);
    entry.restore = {
      isWrapped: tool.kind === "wrapped",
      plan: tool.kind === "none" ? null : planRestore(tool.schema),
    };
  }
  return entry.restore;
}

/** The root of `parameters` must have properties: with free names only, nothing can be said of them there. */
function toParameters(schema: JsonObject, form: EnumForm): JsonObject | null {
  // Branches beside no properties would stand alone: the root is an object all the same.
  const root = schema["properties"] === undefined ? { ...schema, properties: {} } : schema;
  const lowered = lowerSchema(root, form);
  return hasProperties(lowered) ? lowered : null;
}

function hasProperties(lowered: JsonObject): boolean {
  const { properties } = lowered;
  return typeof properties === "object" && properties !== null && Object.keys(properties).length > 0;
}

function wrap(schema: JsonObject): JsonObject {
  return { type: "object", properties: { [wrappedName]: schema }, required: [wrappedName] };
}

function withDefinitions(schema: JsonObject, definitions: JsonObject): JsonObject {
  return Object.keys(definitions).length === 0 ? schema : { ...schema, $defs: definitions };
}
