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
 * @param field its path. @default `key`: it stands in the root
 * @returns null when it is absent or wrong; what is wrong is told to `problems`
 */
export function readNumber(holder: JsonObject, key: string, problems: Problems, field: string = key): number | null {
  const value = holder[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  problems.invalid(field, "must be a number.");
  return null;
}

/** A boolean; null when it is absent or wrong. @param field its path. @default `key`: it stands in the root */
export function readBoolean(holder: JsonObject, key: string, problems: Problems, field: string = key): boolean | null {
  const value = holder[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value;
  problems.invalid(field, "must be true or false.");
  return null;
}

/** A text that is not empty; null when it is absent, empty or wrong. @param field its path. @default `key` */
export function readText(holder: JsonObject, key: string, problems: Problems, field: string = key): string | null {
  const value = holder[key];
  if (typeof value !== "string" && value !== undefined && value !== null) problems.invalid(field, "must be a string.");
  return textOf(value);
}

/** An object; null when it is absent or wrong. @param field its path. @default `key` */
export function readObject(
  holder: JsonObject,
  key: string,
  problems: Problems,
  field: string = key,
): JsonObject | null {
  const value = holder[key];
  if (value !== undefined && value !== null && !isObject(value)) problems.invalid(field, "must be an object.");
  return objectOf(value);
}
