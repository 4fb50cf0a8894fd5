/**
 * JSON Schemas of tools and answers in the two grammars that Google takes (fact sheet translation 4). Results are shared,
 * between calls and with what came in: they must not be changed.
 *
 * The strict form is remembered under the schema's text, since inlining references can take milliseconds. The normal form
 * is not: walking 37 KB of tools takes about 100 µs, finding them by their text 150 µs or more.
 * @module
 */
import type { SchemaForm } from "../types-request.ts";
import type { FunctionTool, JsonObject } from "../types.ts";
import { createSchemaCache } from "./cache.ts";
import type { EnumForm } from "./lower-enum.ts";
import { lowerSchema } from "./lower.ts";
import { resolveSchema } from "./resolve.ts";
import { planRestore, restoreValue, type RestorePlan } from "./restore.ts";
import { toToolRoot, wrappedName } from "./tool-root.ts";

/**
 * A tool's schema for `parametersJsonSchema`: references kept where Google takes them, the root an object. A root that is
 * none is wrapped; {@link createArgsRestorer} takes it out again.
 * @returns null: the tool takes no arguments, the field is left out
 */
export function normalizeToolSchema(schema: JsonObject): JsonObject | null {
  const { root, definitions } = resolveSchema(schema, true);
  const tool = toToolRoot(root);
  if (tool.kind === "none") return null;
  return withDefinitions(tool.kind === "wrapped" ? wrap(tool.schema) : tool.schema, definitions);
}

/**
 * A tool's schema for `parameters`, the strict subset: 22 keywords, no references. Numbers and booleans are enumerated as
 * strings; {@link createArgsRestorer} changes them back.
 * @returns null: the tool takes no arguments, the field is left out
 */
export function lowerToolSchema(schema: JsonObject): JsonObject | null {
  const entry = cache.get(schema);
  if (entry.tool === undefined) {
    const tool = toToolRoot(resolveSchema(schema, false).root);
    const root = tool.kind === "wrapped" ? wrap(tool.schema) : tool.kind === "object" ? tool.schema : null;
    entry.tool = root === null ? null : toParameters(root, "as-text");
  }
  return entry.tool;
}

/** An answer's schema for `responseJsonSchema`. Any root; `{}`: any value. */
export function normalizeAnswerSchema(schema: JsonObject): JsonObject {
  const { root, definitions } = resolveSchema(schema, true);
  return withDefinitions(root, definitions);
}

/**
 * An answer's schema for `responseSchema`, the strict subset. No type is changed, since nobody changes texts back: numbers
 * of an `enum` are named in the description.
 */
export function lowerAnswerSchema(schema: JsonObject): JsonObject {
  const entry = cache.get(schema);
  if (entry.answer === undefined) {
    const { root } = resolveSchema(schema, false);
    // A schema without any word: some object, as JSON mode gives.
    entry.answer = Object.keys(root).length === 0 ? { type: "object" } : lowerSchema(root, "described");
  }
  return entry.answer;
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
  const found = new Map<string, Restoration>();
  for (const { name, schema } of tools) {
    const restoration = schema === null ? null : toRestoration(schema, form);
    if (restoration !== null) found.set(name, restoration);
  }
  if (found.size === 0) return undefined;
  return (clientName, args) => {
    const restoration = found.get(clientName);
    if (restoration === undefined) return args;
    const { isWrapped, plan } = restoration;
    const given = isWrapped && args[wrappedName] != null ? args[wrappedName] : args;
    return (plan === null ? given : restoreValue(given, plan)) as JsonObject;
  };
}

// --- helpers ---

interface Restoration {
  isWrapped: boolean;
  plan: RestorePlan | null;
}

/** What is made of a schema in the strict form. Null: nothing is to be sent, or done. */
interface Made {
  tool: JsonObject | null;
  nativeTool: JsonObject | null;
  answer: JsonObject;
  restoration: Restoration | null;
}

/** The one piece of state here: results that depend on nothing but the text they are found by. */
const cache = createSchemaCache<Made>();

function toRestoration(schema: JsonObject, form: SchemaForm): Restoration | null {
  if (form === "json-schema") {
    // Nearly every tool says itself that it takes an object.
    if (schema["type"] === "object" && !("allOf" in schema) && !("$ref" in schema)) return null;
    return toToolRoot(resolveSchema(schema, true).root).kind === "wrapped" ? { isWrapped: true, plan: null } : null;
  }
  const entry = cache.get(schema);
  if (entry.restoration === undefined) {
    const tool = toToolRoot(resolveSchema(schema, false).root);
    const isWrapped = tool.kind === "wrapped";
    const plan = tool.kind === "none" ? null : planRestore(tool.schema);
    entry.restoration = isWrapped || plan !== null ? { isWrapped, plan } : null;
  }
  return entry.restoration;
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
