/**
 * Searches and sources of a grounded answer.
 * @module
 */
import type { Grounding, JsonObject } from "../types.ts";
import { toCount, toList, toObject, toText } from "./wire.ts";

/**
 * @param wire `groundingMetadata`
 * @returns null: it names neither a search nor a source
 */
export function toGrounding(wire: JsonObject): Grounding | null {
  const queries = toList(wire["webSearchQueries"] ?? wire["web_search_queries"]).filter(
    (query) => toText(query) !== null,
  );
  const sources: Grounding["sources"] = [];
  /** Chunks without an address are no sources: later indexes move. */
  const moved = new Map<number, number>();
  for (const [index, chunk] of toList(wire["groundingChunks"] ?? wire["grounding_chunks"]).entries()) {
    const source = toSource(chunk);
    if (source === null) continue;
    moved.set(index, sources.length);
    sources.push(source);
  }
  if (queries.length === 0 && sources.length === 0) return null;
  const supports = toList(wire["groundingSupports"] ?? wire["grounding_supports"]).flatMap((support) => {
    const read = toSupport(support, moved);
    return read === null ? [] : [read];
  });
  return { queries: queries as string[], sources, supports };
}

// --- helpers ---

function toSource(chunk: unknown): Grounding["sources"][number] | null {
  const wire = toObject(chunk);
  if (wire === null) return null;
  for (const kind of ["web", "retrievedContext", "retrieved_context", "maps"]) {
    const place = toObject(wire[kind]);
    const url = toText(place?.["uri"]);
    if (url !== null) return { url, title: toText(place?.["title"]) ?? url };
  }
  return null;
}

function toSupport(support: unknown, moved: ReadonlyMap<number, number>): Grounding["supports"][number] | null {
  const wire = toObject(support);
  const segment = toObject(wire?.["segment"]);
  if (wire === null || segment === null) return null;
  const sources: number[] = [];
  for (const index of toList(wire["groundingChunkIndices"] ?? wire["grounding_chunk_indices"])) {
    const source = moved.get(toCount(index));
    if (source !== undefined) sources.push(source);
  }
  return {
    start: toCount(segment["startIndex"] ?? segment["start_index"]),
    end: toCount(segment["endIndex"] ?? segment["end_index"]),
    text: toText(segment["text"]) ?? "",
    sources,
  };
}
