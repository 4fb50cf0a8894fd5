/**
 * Looking into JSON that a client sent: every field may be missing or of another kind.
 * @module
 */
import { isTooDeep } from "../../translation/dialect-help/nesting.ts";
import type { JsonObject } from "../../translation/types.ts";

/** Whether a value is a JSON object: neither array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text, or null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The list, or an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * A call's arguments as an object. A call is never dropped for them, since its result would then stand alone (fact sheet
 * translation 1.2).
 * @returns `{}` for empty text; `{_raw}` for text that is no JSON, or too deep a one; `{value}` for JSON that is no object
 */
export function parseArguments(value: unknown): JsonObject {
  if (isObject(value)) return value;
  if (value === undefined || value === null || value === "") return {};
  if (typeof value !== "string") return { value };
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return { _raw: value };
  }
  if (isTooDeep(parsed)) return { _raw: value };
  if (isObject(parsed)) return parsed;
  return parsed === null ? {} : { value: parsed };
}
