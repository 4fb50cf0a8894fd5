/**
 * Members of a client's JSON that must have one type. Null and absent are the same, SDKs send either; another type is a
 * problem that names the member, since a wish that is quietly read as nothing is worse than a refusal.
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";
import { isObject } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";

/** Where an object stands, and who is told. */
export interface Place {
  /** Path of the object in the client's body; empty: the body itself. */
  field: string;
  problems: ProblemList;
}

/** The path of a member. */
export function pathOf({ field }: Pick<Place, "field">, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

/** A text; null: there is none. */
export function readText(holder: JsonObject, key: string, place: Place): string | null {
  return read(holder[key], key, place, isText, "a string");
}

/** True or false; null: it is not said. */
export function readBoolean(holder: JsonObject, key: string, place: Place): boolean | null {
  return read(holder[key], key, place, isBoolean, "true or false");
}

/** A finite number; null: there is none. */
export function readNumber(holder: JsonObject, key: string, place: Place): number | null {
  return read(holder[key], key, place, isNumber, "a number");
}

/** An object; null: there is none. */
export function readObject(holder: JsonObject, key: string, place: Place): JsonObject | null {
  return read(holder[key], key, place, isObject, "an object");
}

/** A list; empty: there is none. */
export function readList(holder: JsonObject, key: string, place: Place): readonly unknown[] {
  return read<unknown[]>(holder[key], key, place, Array.isArray, "a list") ?? [];
}

// --- helpers ---

function read<Value>(
  value: unknown,
  key: string,
  place: Place,
  is: (value: unknown) => value is Value,
  words: string,
): Value | null {
  if (value === undefined || value === null) return null;
  if (is(value)) return value;
  place.problems.add("field_invalid", pathOf(place, key), `${key} must be ${words}.`);
  return null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
