/**
 * Holds an answer of the web search tool back until its sources are known: Google tells them last, and clients read them
 * before the text (fact sheet translation 3.6). Nobody watches such a request: it is the tool's own.
 * @module
 */
import type { AnswerEvent, Grounding } from "../../translation/types.ts";
import type { Blocks } from "./blocks.ts";
import { citedRanges, searchBlocks, type CitedRange } from "./search-answer.ts";

/** Held events of one answer. */
export interface SearchHold {
  /** @returns null: nothing is held any more, the event must be written */
  take(event: AnswerEvent, write: (event: AnswerEvent) => string): string | null;
  /** The search, then everything that was held. @param write writes events of other kinds, and texts without sources */
  release(write: (event: AnswerEvent) => string): string;
  /** Searches made, as far as is known. */
  searches(): number;
}

/** Makes the place where one answer waits. */
export function createSearchHold(blocks: Blocks, newId: () => string): SearchHold {
  let held: AnswerEvent[] | null = [];
  let size = 0;
  let grounding: Grounding | null = null;

  const release: SearchHold["release"] = (write) => {
    if (held === null) return "";
    // An empty text says nothing, but must not come between thoughts and the search.
    const events = joinTexts(held).filter((event) => event.kind !== "text" || event.text !== "");
    held = null;
    const first = events.findIndex((event) => event.kind !== "thought");
    const before = first < 0 ? events : events.slice(0, first);
    let out = before.map(write).join("");
    if (grounding !== null) {
      const { use, input, result } = searchBlocks(grounding, newId());
      out += blocks.tool(use, input) + blocks.whole(result);
    }
    const rest = events.slice(before.length);
    const text = rest.map((event) => (event.kind === "text" ? event.text : "")).join("");
    const ranges = grounding === null ? [] : citedRanges(text, grounding);
    let offset = 0;
    for (const event of rest) {
      if (event.kind !== "text" || ranges.length === 0) {
        out += write(event);
        continue;
      }
      out += writeCited({ text: event.text, offset, ranges }, blocks, (piece) =>
        write({ kind: "text", text: piece, signature: null }),
      );
      offset += event.text.length;
    }
    return out;
  };
  return {
    release,
    take(event, write) {
      if (held === null) return null;
      if (event.kind === "grounding") grounding = merge(grounding, event.grounding);
      else {
        held.push(event);
        size += sizeOf(event);
      }
      // Too long to be the answer to a search: it goes on as any other.
      return size > mostHeld ? release(write) : "";
    },
    searches: () => grounding?.queries.length ?? 0,
  };
}

// --- helpers ---

/** UTF-16 units. */
const mostHeld = 4_194_304;

function sizeOf(event: AnswerEvent): number {
  switch (event.kind) {
    case "text":
    case "thought":
      return event.text.length;
    case "media":
      return event.data.length;
    case "code":
      return event.code.length;
    case "code-result":
      return event.output.length;
    case "call":
      return JSON.stringify(event.args).length;
    case "grounding":
      return 0;
  }
}

/** The later one knows more; long answers tell it in pieces. */
function merge(earlier: Grounding | null, later: Grounding): Grounding {
  if (earlier === null || later.sources.length > 0) {
    const queries = [...new Set([...(earlier?.queries ?? []), ...later.queries])];
    return { ...later, queries };
  }
  return { ...earlier, queries: [...new Set([...earlier.queries, ...later.queries])] };
}

/** Pieces of one text as one event each: sources may stand across chunks. */
function joinTexts(events: readonly AnswerEvent[]): AnswerEvent[] {
  const joined: AnswerEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.kind === "text" && last?.kind === "text")
      joined[joined.length - 1] = { kind: "text", text: last.text + event.text, signature: event.signature };
    else joined.push(event);
  }
  return joined;
}

function writeCited(
  place: { text: string; offset: number; ranges: readonly CitedRange[] },
  blocks: Blocks,
  plain: (text: string) => string,
): string {
  const { text, offset, ranges } = place;
  let out = "";
  let at = 0;
  for (const range of ranges) {
    const start = Math.max(range.start - offset, at);
    const end = Math.min(range.end - offset, text.length);
    if (end <= start) continue;
    if (start > at) out += plain(text.slice(at, start));
    out += blocks.cited(text.slice(start, end), range.citations);
    at = end;
  }
  return at < text.length ? out + plain(text.slice(at)) : out;
}
