/**
 * Sources of a grounded answer as `url_citation` annotations.
 * @module
 */
import type { Grounding, JsonObject } from "../../translation/types.ts";

/** More would not be read by anybody. */
const mostCitations = 200;

/**
 * Annotations of one text.
 *
 * Google's offsets count bytes of UTF-8 over the whole answer, OpenAI's count within the one text; in UTF-16, as JavaScript
 * clients slice it.
 * @param options.bytesBefore bytes of the answer's texts before this one
 * @returns `{type, start_index, end_index, url, title}`; `end_index` is behind the last character
 */
export function toCitations(options: { grounding: Grounding; text: string; bytesBefore: number }): JsonObject[] {
  const { grounding, text, bytesBefore } = options;
  const at = characterIndex(
    text,
    grounding.supports.flatMap(({ start, end }) => [start - bytesBefore, end - bytesBefore]),
  );
  const citations: JsonObject[] = [];
  const cite = (source: number, range: readonly [number, number]): void => {
    const found = grounding.sources[source];
    if (found === undefined || citations.length >= mostCitations) return;
    const [start_index, end_index] = range;
    citations.push({ type: "url_citation", start_index, end_index, url: found.url, title: found.title || found.url });
  };
  for (const support of grounding.supports) {
    const start = at.get(support.start - bytesBefore);
    const end = at.get(support.end - bytesBefore);
    if (start === undefined || end === undefined || end < start) continue;
    for (const source of support.sources) cite(source, [start, end]);
  }
  if (grounding.supports.length > 0 || text === "") return citations;
  // Sources of the answer as a whole.
  for (const source of grounding.sources.keys()) cite(source, [0, text.length]);
  return citations;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += widthOf(character);
  return bytes;
}

// --- helpers ---

/**
 * Byte offsets to offsets in UTF-16, in one pass. An offset inside a character counts as before it; one outside of the
 * text is not in the map.
 */
function characterIndex(text: string, offsets: readonly number[]): Map<number, number> {
  const wanted = [...new Set(offsets)].sort((left, right) => left - right);
  const found = new Map<number, number>();
  let next = 0;
  while (next < wanted.length && (wanted[next] as number) < 0) next += 1;
  let bytes = 0;
  let characters = 0;
  for (const character of text) {
    const width = widthOf(character);
    while (next < wanted.length && (wanted[next] as number) < bytes + width)
      found.set(wanted[next++] as number, characters);
    if (next === wanted.length) return found;
    bytes += width;
    characters += character.length;
  }
  while (next < wanted.length && wanted[next] === bytes) found.set(wanted[next++] as number, characters);
  return found;
}

function widthOf(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
