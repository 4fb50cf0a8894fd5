/**
 * Arguments that come in pieces, each with the place where it belongs (Vertex: `partialArgs`).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { toObject } from "./wire.ts";

/**
 * Puts one piece in its place; texts of one place are appended.
 * @param args is changed
 * @param piece `{jsonPath, stringValue | numberValue | boolValue | nullValue}`, either spelling
 * @returns characters that it added; a piece that cannot be placed adds none
 */
export function applyPartialArg(args: JsonObject, piece: unknown): number {
  const wire = toObject(piece);
  const path = wire?.["jsonPath"] ?? wire?.["json_path"];
  if (wire === null || typeof path !== "string") return 0;
  const value = valueOf(wire);
  const steps = toSteps(path);
  if (value === undefined || steps === null) return 0;
  return place({ holder: args, steps, value }) ? path.length + (typeof value === "string" ? value.length : 8) : 0;
}

// --- helpers ---

const deepestPath = 64;
/** `.name`, `['name']`, `["name"]`, `[0]`. */
const step = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

function toSteps(path: string): (string | number)[] | null {
  if (!path.startsWith("$") || path.length > 4096) return null;
  const steps: (string | number)[] = [];
  step.lastIndex = 1;
  for (let at = 1; at < path.length; at = step.lastIndex) {
    const match = step.exec(path);
    if (match === null || steps.length >= deepestPath) return null;
    const [, name, index, single, double] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? "").replaceAll(/\\(.)/g, "$1"));
  }
  return steps.length === 0 ? null : steps;
}

function valueOf(wire: JsonObject): unknown {
  const value =
    wire["stringValue"] ??
    wire["string_value"] ??
    wire["numberValue"] ??
    wire["number_value"] ??
    wire["boolValue"] ??
    wire["bool_value"];
  if (value !== undefined && value !== null) return typeof value === "object" ? undefined : value;
  return "nullValue" in wire || "null_value" in wire ? null : undefined;
}

function place({
  holder,
  steps,
  value,
}: {
  holder: JsonObject;
  steps: readonly (string | number)[];
  value: unknown;
}): boolean {
  let at: object = holder;
  for (const [index, name] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (!fits(at, name)) return false;
    const present: unknown = Object.hasOwn(at, name) ? (at as JsonObject)[name] : undefined;
    if (isLast) {
      set(at, name, typeof present === "string" && typeof value === "string" ? present + value : value);
      return true;
    }
    if (typeof present === "object" && present !== null) at = present;
    else {
      const made = typeof steps[index + 1] === "number" ? [] : {};
      set(at, name, made);
      at = made;
    }
  }
  return false;
}

/** Lists grow by one: a far index would make one of any length. */
function fits(holder: object, name: string | number): boolean {
  return Array.isArray(holder) ? typeof name === "number" && name <= holder.length : typeof name === "string";
}

function set(holder: object, name: string | number, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}
