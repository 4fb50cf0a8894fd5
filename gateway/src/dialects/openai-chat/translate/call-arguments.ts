/**
 * Arguments of calls in a history. A call is never dropped: its result would be left alone, and the model answer nothing
 * from then on (fact sheet translation 6, bug 17).
 * @module
 */
import { isTooDeep } from "../../../translation/dialect-help/nesting.ts";
import type { JsonObject } from "../../../translation/types.ts";
import { isObject } from "./values.ts";

/**
 * Reads arguments.
 * @param value a JSON text, or what a careless client made of it
 * @returns `{}` for nothing; `{_raw}` for a text that is no JSON, or too deep a one; `{value}` for JSON that is no object
 */
export function parseArguments(value: unknown): JsonObject {
  if (typeof value !== "string") return toArguments(value);
  if (value.trim() === "") return {};
  try {
    const parsed = JSON.parse(value) as unknown;
    return isTooDeep(parsed) ? { _raw: value } : toArguments(parsed);
  } catch {
    return { _raw: value };
  }
}

// --- helpers ---

function toArguments(value: unknown): JsonObject {
  if (value === null || value === undefined) return {};
  return isObject(value) ? value : { value };
}
