/**
 * Reads a client's JSON field by field and remembers the first one that is wrong, with its path. Reading goes on with a
 * default, so that the code that reads has no branch for errors: whoever began asks for the problem at the end.
 * @module
 */
import type { JsonObject, RequestProblem } from "../../translation/types.ts";

/** Readers of one body. Each takes a value and its path; absent and null give null, a wrong type gives null and a problem. */
export interface Check {
  /** The first thing that was wrong; null: nothing was. */
  problem(): RequestProblem | null;
  /** Says what is wrong with a field. @param code @default field_invalid */
  fail(field: string, message: string, code?: "field_invalid" | "field_unsupported"): void;
  string(value: unknown, field: string): string | null;
  /** Like `string`, but the field must be there and not be empty; gives "" otherwise. */
  required(value: unknown, field: string): string;
  number(value: unknown, field: string): number | null;
  boolean(value: unknown, field: string): boolean | null;
  list(value: unknown, field: string): unknown[] | null;
  object(value: unknown, field: string): JsonObject | null;
}

/** Makes the readers of one body. */
export function createCheck(): Check {
  let problem: RequestProblem | null = null;
  const fail: Check["fail"] = (field, message, code = "field_invalid") => {
    problem ??= { code, field, message };
  };
  const wrong = (field: string, wanted: string): null => {
    fail(field, `Must be ${wanted}.`);
    return null;
  };
  return {
    problem: () => problem,
    fail,
    string: (value, field) => (value == null ? null : typeof value === "string" ? value : wrong(field, "a string")),
    required(value, field) {
      if (typeof value === "string" && value !== "") return value;
      fail(field, value == null ? "Is required." : "Must be a string that is not empty.");
      return "";
    },
    number: (value, field) =>
      value == null ? null : typeof value === "number" && Number.isFinite(value) ? value : wrong(field, "a number"),
    boolean: (value, field) => (value == null ? null : typeof value === "boolean" ? value : wrong(field, "a boolean")),
    list: (value, field) => (value == null ? null : Array.isArray(value) ? value : wrong(field, "a list")),
    object: (value, field) => (value == null ? null : isObject(value) ? value : wrong(field, "an object")),
  };
}

/** Tells JSON objects from lists, null and values. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
