/**
 * What was made of schemas before, by their text. Coding agents send the same 30 KB of tools with every turn.
 * @module
 */
import type { JsonObject } from "../types.ts";

/** Remembers what is made of schemas. */
export interface SchemaCache<Made extends object> {
  /** What is known of a schema with this JSON text; a new `{}` when nothing is. Filled by whoever asks. */
  get(schema: JsonObject): Partial<Made>;
  /** Texts held, and their characters. */
  size(): { entries: number; characters: number };
}

/** Bounds of a cache. */
export interface SchemaCacheOptions {
  /** @default 500 */
  maxEntries?: number;
  /** Of the schemas' texts; what is made of them takes up to three times as much. @default 1 MiB */
  maxCharacters?: number;
}

/** Makes a cache. The least recently used goes first; a text larger than a quarter of the bound is not kept. */
export function createSchemaCache<Made extends object>(options: SchemaCacheOptions = {}): SchemaCache<Made> {
  const { maxEntries = 500, maxCharacters = 1_048_576 } = options;
  const byText = new Map<string, Partial<Made>>();
  // One request asks several times for the same object; the entry dies with it.
  const byObject = new WeakMap<JsonObject, Partial<Made>>();
  let characters = 0;

  function find(text: string): Partial<Made> {
    const known = byText.get(text);
    if (known !== undefined) {
      byText.delete(text);
      byText.set(text, known);
      return known;
    }
    const entry: Partial<Made> = {};
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
