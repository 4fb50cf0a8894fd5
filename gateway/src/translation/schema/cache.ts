/**
 * What was made of schemas before. Coding agents send the same 30 KB of tools with every turn; reading them as text costs
 * a fifth of walking them again.
 * @module
 */
import type { JsonObject } from "../types.ts";
import type { RestorePlan } from "./restore.ts";

/** What is known of one schema; absent: not made yet. Shared: nothing in it may be changed. */
export interface SchemaEntry {
  tool?: JsonObject | null;
  loweredTool?: JsonObject | null;
  nativeTool?: JsonObject | null;
  answer?: JsonObject;
  loweredAnswer?: JsonObject;
  restore?: { isWrapped: boolean; plan: RestorePlan | null };
}

/** Entries by schema. */
export interface SchemaCache {
  /** The entry of a schema with this JSON text; a new one when there is none. */
  get(schema: JsonObject): SchemaEntry;
  /** Schemas and characters held. */
  size(): { entries: number; characters: number };
}

/** Bounds of a cache. */
export interface SchemaCacheOptions {
  /** @default 500 */
  maxEntries?: number;
  /** Of the schemas' texts; what is made of them takes about three times as much. @default 1 MiB */
  maxCharacters?: number;
}

/** Makes a cache. The least recently used goes first. */
export function createSchemaCache({
  maxEntries = 500,
  maxCharacters = 1_048_576,
}: SchemaCacheOptions = {}): SchemaCache {
  const byText = new Map<string, SchemaEntry>();
  // One request asks several times for the same object; it dies with the request.
  const byObject = new WeakMap<JsonObject, SchemaEntry>();
  let characters = 0;

  function find(text: string): SchemaEntry {
    const known = byText.get(text);
    if (known !== undefined) {
      byText.delete(text);
      byText.set(text, known);
      return known;
    }
    const entry: SchemaEntry = {};
    if (text.length > maxCharacters / 4) return entry;
    byText.set(text, entry);
    characters += text.length;
    for (const oldest of byText.keys()) {
      if (byText.size <= maxEntries && characters <= maxCharacters) break;
      byText.delete(oldest);
      characters -= oldest.length;
    }
    return entry;
  }

  return {
    get(schema) {
      const present = byObject.get(schema);
      if (present !== undefined) return present;
      const text = toText(schema);
      const entry = text === null ? {} : find(text);
      byObject.set(schema, entry);
      return entry;
    },
    size: () => ({ entries: byText.size, characters }),
  };
}

// --- helpers ---

/** Null: nested so deeply that JSON.stringify gives up. The walk cuts such a schema. */
function toText(schema: JsonObject): string | null {
  try {
    return JSON.stringify(schema);
  } catch {
    return null;
  }
}
