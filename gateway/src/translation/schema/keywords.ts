/**
 * Where schemas stand inside a schema. Everything else is a value, and is never looked into: a `default` may have a member
 * called `format`, and a property may be called `ref` (fact sheet translation 4.5, bugs 18 and 21).
 * @module
 */

/** Keywords whose value is one schema (or a boolean). `items` is apart: it may be a list. */
export const schemaKeywords: ReadonlySet<string> = new Set([
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** Keywords whose value is a list of schemas. */
export const schemaListKeywords: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);

/** Keywords whose value is an object from names to schemas. The names are the client's. */
export const schemaMapKeywords: ReadonlySet<string> = new Set(["dependentSchemas", "patternProperties", "properties"]);

/** Definitions: only those of the root are kept. */
export const definitionKeywords: ReadonlySet<string> = new Set(["$defs", "definitions"]);

/** The types of JSON Schema, as Google names them too, in lower case. */
export const typeNames: ReadonlySet<string> = new Set([
  "array",
  "boolean",
  "integer",
  "null",
  "number",
  "object",
  "string",
]);
