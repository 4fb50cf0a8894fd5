/** @module Splits a text into stream chunks of uneven size, the same for the same text. */

/**
 * Splits between code points, never inside a surrogate pair; the first piece is short, as Google's is.
 * @param chunks How many; absent: 4 to 7, by the length.
 */
export function splitText(text: string, chunks?: number): string[] {
  const wanted = Math.max(1, Math.min(chunks ?? 4 + (text.length % 4), text.length));
  const pieces: string[] = [];
  let start = 0;
  for (let index = 1; index < wanted; index++) {
    // Squares grow: each piece is longer than the one before, until they level out for many chunks.
    const share = chunks === undefined ? (index / wanted) ** 1.5 : index / wanted;
    let end = Math.max(start + 1, Math.round(text.length * share));
    if (isLowSurrogate(text, end)) end++;
    if (end >= text.length) break;
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}

// --- helpers ---

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
