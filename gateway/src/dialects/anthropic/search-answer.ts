/**
 * A grounded answer as the result of Anthropic's web search tool (fact sheet translation 3.6).
 * @module
 */
import type { Grounding, JsonObject } from "../../translation/types.ts";

/** A stretch of the answer's text that sources stand for; offsets in UTF-16 units. */
export interface CitedRange {
  start: number;
  end: number;
  citations: JsonObject[];
}

/** The call of the search tool and its result. Google does not tell which query found what: they are one search. */
export function searchBlocks(
  grounding: Grounding,
  id: string,
): { use: JsonObject; input: JsonObject; result: JsonObject } {
  return {
    use: { type: "server_tool_use", id, name: "web_search" },
    input: { query: grounding.queries.join("; ") },
    result: {
      type: "web_search_tool_result",
      tool_use_id: id,
      content: grounding.sources.map(({ title, url }) => ({
        type: "web_search_result",
        title,
        url,
        encrypted_content: "",
        page_age: null,
      })),
    },
  };
}

/**
 * Where the sources stand in the text. Google's offsets are bytes of UTF-8; where they do not fit the words that they
 * stand for, the words are looked for, and what is not found or overlaps is left out.
 * @param text all texts of the answer, joined
 * @returns in order, not overlapping
 */
export function citedRanges(text: string, grounding: Grounding): CitedRange[] {
  const offsets = unitOffsets(
    text,
    grounding.supports.flatMap(({ start, end }) => [start, end]),
  );
  const found: CitedRange[] = [];
  for (const support of grounding.supports) {
    let start = offsets.get(support.start) ?? -1;
    let end = offsets.get(support.end) ?? -1;
    if (support.text !== "" && (start < 0 || text.slice(start, end) !== support.text)) {
      start = text.indexOf(support.text);
      end = start + support.text.length;
    }
    const citations = citationsOf(support, grounding);
    if (start >= 0 && end > start && citations.length > 0) found.push({ start, end, citations });
  }
  found.sort((left, right) => left.start - right.start || left.end - right.end);
  const ranges: CitedRange[] = [];
  for (const range of found) {
    const last = ranges.at(-1);
    if (last !== undefined && last.start === range.start && last.end === range.end)
      for (const citation of range.citations) last.citations.push(citation);
    else if (last === undefined || range.start >= last.end) ranges.push(range);
  }
  return ranges;
}

// --- helpers ---

/** Anthropic's own quotes are no longer. */
const longestQuote = 150;

function citationsOf(support: Grounding["supports"][number], grounding: Grounding): JsonObject[] {
  return [...new Set(support.sources)].flatMap((index) => {
    const source = grounding.sources[index];
    if (source === undefined) return [];
    const { title, url } = source;
    const quote = support.text.slice(0, longestQuote);
    return [{ type: "web_search_result_location", url, title, cited_text: quote, encrypted_index: "" }];
  });
}

/** UTF-16 offsets of byte offsets; offsets inside a character or beyond the end have none. */
function unitOffsets(text: string, byteOffsets: readonly number[]): Map<number, number> {
  const wanted = new Set(byteOffsets);
  const found = new Map<number, number>();
  let bytes = 0;
  for (let unit = 0; unit <= text.length; unit += 1) {
    if (wanted.has(bytes)) found.set(bytes, unit);
    const code = text.codePointAt(unit) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_00_00 ? 3 : 4;
    if (code >= 0x1_00_00) unit += 1;
  }
  return found;
}
