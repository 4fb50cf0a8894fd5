/**
 * Branches in the strict subset: an `anyOf` there stands alone, beside nothing but words (fact sheet translation 4.2,
 * bug 25).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { isObject, setMember } from "./values.ts";

/** Lowered branches of one union. */
export interface Branches {
  /** Each one in the strict subset; none is changed. */
  branches: readonly JsonObject[];
  title: unknown;
  description: unknown;
  nullable: boolean;
}

/** One schema of many: flat, without repetitions that cost nothing to see; the only branch stands for the whole. */
export function combineBranches({ branches, title, description, nullable }: Branches): JsonObject {
  const flat = branches.flatMap(flatten);
  const isNullable =
    nullable || branches.some((branch) => Array.isArray(branch["anyOf"]) && branch["nullable"] === true);
  const words: JsonObject = {};
  if (typeof title === "string") words["title"] = title;
  if (typeof description === "string") words["description"] = description;
  if (isNullable) words["nullable"] = true;
  const joined = joinEnums(flat);
  if (joined !== null) return { ...joined, ...words };
  const [only] = flat;
  if (flat.length === 1 && only !== undefined) return { ...only, ...words };
  return { ...words, anyOf: flat };
}

/**
 * Adds what branches say of properties to the object that they are branches of. The result takes more than the original
 * did, and loses no property.
 * @param whole lowered, of type object; may be changed
 */
export function joinProperties(whole: JsonObject, branches: readonly JsonObject[]): JsonObject {
  const known = new Map<string, unknown[]>();
  const add = (properties: unknown): void => {
    if (!isObject(properties)) return;
    for (const [name, schema] of Object.entries(properties)) {
      const schemas = known.get(name);
      if (schemas === undefined) known.set(name, [schema]);
      else schemas.push(schema);
    }
  };
  add(whole["properties"]);
  for (const branch of branches) for (const member of flatten(branch)) add(member["properties"]);
  const properties: JsonObject = {};
  for (const [name, schemas] of known) {
    const objects = schemas.filter((schema) => isObject(schema));
    // What the whole says holds in every branch, unless it says nothing more than that there is one.
    const own = isObject(whole["properties"]) && Object.hasOwn(whole["properties"], name);
    const all =
      own && objects.length > 1 && isVague(objects[0]) ? objects.slice(1) : own ? objects.slice(0, 1) : objects;
    setMember(
      properties,
      name,
      combineBranches({ branches: all, title: undefined, description: undefined, nullable: false }),
    );
  }
  return known.size === 0 ? whole : { ...whole, properties };
}

// --- helpers ---

function flatten(branch: JsonObject): JsonObject[] {
  return Array.isArray(branch["anyOf"]) ? branch["anyOf"].filter((member) => isObject(member)) : [branch];
}

/** Several constants are one enumeration. */
function joinEnums(branches: readonly JsonObject[]): JsonObject | null {
  const [first] = branches;
  if (first === undefined || branches.length < 2) return null;
  const values = new Set<unknown>();
  for (const branch of branches) {
    if (Object.keys(branch).length !== 2 || branch["type"] !== first["type"] || !Array.isArray(branch["enum"]))
      return null;
    for (const value of branch["enum"]) values.add(value);
  }
  return { type: first["type"], enum: [...values] };
}

function isVague(schema: JsonObject | undefined): boolean {
  return (
    schema !== undefined &&
    Object.keys(schema).every((key) => key === "type" || key === "description" || key === "title")
  );
}
