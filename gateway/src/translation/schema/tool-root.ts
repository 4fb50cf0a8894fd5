/**
 * The root of a tool's schema: Google calls functions with an object, whatever the client declared.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { isObjectSchema, spellType } from "./types-of.ts";
import { isObject } from "./values.ts";

/** Under this name the arguments of a tool stand whose own schema is no object. */
export const wrappedName = "value";

/** What a tool's root is. */
export type ToolRoot =
  /** It takes no arguments. */
  | { kind: "none" }
  | { kind: "object"; schema: JsonObject }
  /** `schema`: of what is to be wrapped. */
  | { kind: "wrapped"; schema: JsonObject };

/** @param schema in normal form, no reference */
export function toToolRoot(schema: JsonObject): ToolRoot {
  const root = withoutNullBranch(schema);
  const hasUnion = "anyOf" in root || "oneOf" in root;
  const isUntyped = root["type"] === undefined && !("enum" in root);
  if (isUntyped && !hasUnion && !isObjectSchema(root)) {
    const says = Object.keys(root).filter((key) => !silent.has(key) && !key.startsWith("$") && !key.startsWith("x-"));
    return says.length === 0 ? { kind: "none" } : { kind: "wrapped", schema: root };
  }
  const isTyped = isObjectSchema(root) && !(isUntyped && hasUnion && !hasMembers(root["properties"]));
  if (!isTyped) return { kind: "wrapped", schema: root };
  const isEmpty = !hasMembers(root["properties"]) && !isMap(root) && !hasUnion;
  if (isEmpty) return { kind: "none" };
  const type = spellType(root, "object");
  return { kind: "object", schema: root["type"] === type ? root : { ...root, type } };
}

// --- helpers ---

/** Keywords that restrict nothing. */
const silent = new Set(["title", "description", "default", "example", "examples", "strict"]);

function hasMembers(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}

/**
 * Free names with typed values: leaving such a schema out would say that there are no arguments. `true` and `{}` say
 * nothing: that is how generators write a tool without arguments.
 */
function isMap(schema: JsonObject): boolean {
  return hasMembers(schema["additionalProperties"]) || hasMembers(schema["patternProperties"]);
}

/** Arguments are never null. */
function withoutNullBranch(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema["anyOf"])) return schema;
  const { anyOf: _anyOf, ...rest } = schema;
  const anyOf = schema["anyOf"] as readonly unknown[];
  const branches = anyOf.filter(
    (branch) => !(isObject(branch) && typeof branch["type"] === "string" && branch["type"].toLowerCase() === "null"),
  );
  const [only] = branches;
  if (branches.length === 1 && isObject(only) && typeof only["$ref"] !== "string") {
    const isApart = Object.keys(only).every((key) => !(key in rest) || key === "title" || key === "description");
    if (isApart) return withoutNullBranch({ ...only, ...rest });
  }
  if (branches.every((branch) => isObject(branch) && Object.keys(branch).length === 0)) return rest;
  return branches.length === anyOf.length ? schema : { ...rest, anyOf: branches };
}
