/**
 * Reading values of a JSON body of which nothing is known. Null and absent are the same everywhere: SDKs send either.
 * @module
 */
import type { JsonObject } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";

/** Whether a value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else null. */
export function objectOf(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

/** The value if it is a string that is not empty, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/**
 * A finite number.
 * @returns null when it is absent or wrong; what is wrong is told to `problems`
 */
export function readNumber(body: JsonObject, key: string, problems: Problems): number | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  problems.invalid(key, "must be a number.");
  return null;
}

/** A boolean; null when it is absent or wrong. */
export function readBoolean(body: JsonObject, key: string, problems: Problems): boolean | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value;
  problems.invalid(key, "must be true or false.");
  return null;
}
