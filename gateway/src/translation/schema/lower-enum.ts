/**
 * Enumerations in the strict subset, which knows those of strings only (fact sheet translation 4.2).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { spellType, typeOfValue } from "./types-of.ts";
import { addToDescription } from "./values.ts";

/**
 * What becomes of numbers and booleans in an `enum`.
 * - `as-text`: they are enumerated as strings, and whoever reads the answer changes them back;
 * - `described`: the type stays and the description names them, where nobody could change them back.
 */
export type EnumForm = "as-text" | "described";

/**
 * The keywords that stand for an `enum`.
 * @param schema in normal form, with an `enum`
 * @param type as declared or inferred, lower case; undefined: none
 * @returns `type`, `enum`, `description` and `nullable` as they are to be set
 */
export function lowerEnum(schema: JsonObject, type: string | undefined, form: EnumForm): JsonObject {
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : [];
  const nullable = values.includes(null) ? { nullable: true } : {};
  const scalars = values.filter((value) => typeOfValue(value) !== null && value !== "");
  const isText = scalars.every((value) => typeof value === "string");
  if (scalars.length === 0) return { type: type ?? "string", ...nullable };
  if (isText || form === "as-text") {
    return { type: spellType(schema, "string"), enum: [...new Set(scalars.map(String))], ...nullable };
  }
  const inferred = scalars.some((value) => typeof value === "string") ? "string" : typeOfValue(scalars[0]);
  const listed = scalars.slice(0, mostDescribed).map(String).join(", ");
  const sentence = `One of: ${listed}${scalars.length > mostDescribed ? ", …" : ""}.`;
  return {
    type: type ?? inferred ?? "string",
    description: addToDescription(schema["description"], sentence),
    ...nullable,
  };
}

// --- helpers ---

const mostDescribed = 100;
