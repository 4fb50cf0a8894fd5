/**
 * Unions that say nothing.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { isObject } from "./values.ts";

/**
 * Drops an `anyOf` or `oneOf` of empty branches: what they said was only which properties are required, or led nowhere.
 * @param schema is changed
 */
export function dropEmptyUnions(schema: JsonObject): void {
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = schema[keyword];
    if (!Array.isArray(branches)) continue;
    if (branches.every((branch) => isObject(branch) && Object.keys(branch).length === 0)) delete schema[keyword];
  }
}
