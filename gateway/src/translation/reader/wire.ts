/**
 * Members of Gemini's JSON, in either spelling, of any kind: everything is optional (bug 10).
 * @module
 */
import type { JsonObject } from "../types.ts";

/** An object, or null. */
export function toObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The elements of a list; none for anything else. */
export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}

/** A text that is not empty, or null. */
export function toText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Count or index: int64 comes as a string in protobuf's JSON, int32 as a number. Anything else, and below zero: 0. */
export function toCount(value: unknown): number {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0;
}

// --- helpers ---

const none: readonly unknown[] = [];
