/**
 * Small helpers on JSON values that came from outside.
 * @module
 */
import type { JsonObject } from "../types.ts";

/** Tells an object from arrays, null and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Sets an own member. A plain assignment to `__proto__` would set the prototype instead, and hostile schemas have such
 * names.
 */
export function setMember(target: JsonObject, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[name] = value;
  }
}

/** Deepest value of `default`, `enum`, `example` and unknown keywords that is kept, in levels. */
const valueDepth = 24;

/**
 * Rough size of a value as JSON, in characters. Walks level by level, so that depth costs no stack.
 * @param limit where counting ends
 * @returns Infinity: larger than `limit`, or nested deeper than Google takes
 */
export function measureValue(value: unknown, limit: number): number {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? value.length + 2 : 8;
  let size = 0;
  let level: object[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= valueDepth) return Infinity;
    const next: object[] = [];
    for (const container of level) {
      for (const [name, member] of Object.entries(container)) {
        size += name.length + 4;
        if (typeof member === "string") size += member.length;
        else if (typeof member === "object" && member !== null) next.push(member as object);
      }
      if (size > limit) return Infinity;
    }
    level = next;
  }
  return size;
}

/** Adds a sentence to a description. */
export function addToDescription(description: unknown, sentence: string): string {
  return typeof description === "string" && description !== "" ? `${description} (${sentence})` : sentence;
}
