/**
 * Local JSON Pointers of `$ref` (RFC 6901).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { isObject } from "./values.ts";

/**
 * The name of the root definition that a reference means.
 * @param reference such as `#/$defs/Node` or `#/definitions/Node`
 * @returns null: it points elsewhere
 */
export function definitionName(reference: string): string | null {
  const tokens = toTokens(reference);
  if (tokens === null || tokens.length !== 2) return null;
  return tokens[0] === "$defs" || tokens[0] === "definitions" ? (tokens[1] ?? null) : null;
}

/** `#/$defs/NAME` for any name. */
export function toDefinitionPointer(name: string): string {
  return `#/$defs/${name.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("%", "%25")}`;
}

/**
 * Follows a local reference.
 * @returns undefined: it is remote, an anchor, or points at nothing
 */
export function followPointer(root: JsonObject, reference: string): unknown {
  const tokens = toTokens(reference);
  if (tokens === null) return undefined;
  let at: unknown = root;
  for (const token of tokens) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, token)) return undefined;
    at = (at as JsonObject)[token];
  }
  return isObject(at) || typeof at === "boolean" ? at : undefined;
}

// --- helpers ---

/** More is no pointer that a person or a generator wrote. */
const longestReference = 2048;

function toTokens(reference: string): string[] | null {
  if (reference === "#" || reference === "#/") return [];
  if (!reference.startsWith("#/") || reference.length > longestReference) return null;
  const text = reference.slice(2);
  return text.split("/").map((token) => decodePercent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decodePercent(token: string): string {
  if (!token.includes("%")) return token;
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
