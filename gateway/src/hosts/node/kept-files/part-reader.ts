/**
 * Finds where the file begins in a `multipart/related` upload: its second part (RFC 2387, fact sheet upstream 1.5). Where it
 * ends is told by the answer's `sizeBytes`, so what follows is cut off later.
 * @module
 */

/** Reads one body. */
export interface PartReader {
  /** @returns the bytes of this chunk from the file's beginning on (the closing boundary too); null: none, or it is no such body */
  push(chunk: Uint8Array): Uint8Array | null;
}

/** The metadata and both parts' heads are far smaller. */
const longestHead = 65_536;
/** Chunks that are looked at for it: each one costs a look at all before it. */
const mostLooks = 64;

/** @param boundary as the Content-Type tells it */
export function createPartReader(boundary: string): PartReader {
  const delimiter = `--${boundary}`;
  let head: Buffer | null = Buffer.alloc(0);
  let found = false;
  let looks = 0;
  return {
    push(chunk) {
      if (found) return chunk;
      if (head === null) return null;
      head = Buffer.concat([head, chunk]);
      const start = contentStart(head, delimiter);
      if (start < 0) {
        if (head.length > longestHead || ++looks >= mostLooks) head = null;
        return null;
      }
      found = true;
      const rest = head.subarray(start);
      head = null;
      return rest;
    },
  };
}

// --- helpers ---

/** Index of the second part's first byte; -1: not here yet. */
function contentStart(text: Buffer, delimiter: string): number {
  const first = startOfLine(text, delimiter, 0);
  const second = first < 0 ? -1 : startOfLine(text, delimiter, first + delimiter.length);
  const lineEnd = second < 0 ? -1 : text.indexOf("\n", second);
  if (lineEnd < 0) return -1;
  // The blank line may follow at once: a part without headers.
  for (let at = lineEnd + 1; ;) {
    if (text[at] === 0x0a) return at + 1;
    if (text[at] === 0x0d && text[at + 1] === 0x0a) return at + 2;
    const next = text.indexOf("\n", at);
    if (next < 0) return -1;
    at = next + 1;
  }
}

/** A delimiter counts at the beginning of a line only. */
function startOfLine(text: Buffer, delimiter: string, from: number): number {
  let at = from;
  while ((at = text.indexOf(delimiter, at)) > 0 && text[at - 1] !== 0x0a) at += 1;
  return at;
}
