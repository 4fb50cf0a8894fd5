/**
 * The end of an event stream, read backwards. What the tap tells stands in the last events, so most of a stream need
 * never be read: this looks at whole lines from the last one on and stops when nothing earlier can matter any more.
 *
 * Only for streams in the plain form: each event whole on one `data:` line, blank lines between them. Anything else is
 * left to the forward scan.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { Surface } from "../tap-types.ts";
import { scan } from "./scan.ts";
import { createScanState, isBetweenDocuments, nothingFound } from "./scan-state.ts";
import type { Findings, ScanState } from "./scan-state.ts";

/**
 * Finds what a forward scan of the whole stream would find.
 * @param chunks the stream from its first byte, no empty ones
 * @returns the findings, or null when the stream is not in the plain form
 */
export function walkBack(bytes: Bytes, surface: Surface, chunks: readonly Uint8Array[]): Findings | null {
  const line = createScanState(bytes, surface, "unary", false);
  const found = nothingFound();
  let index = chunks.length;
  let buffer: Uint8Array = chunks[0] as Uint8Array;
  let end = 0;
  let newlines = 0;
  // Without a blank line before it, the line just read may be the rest of an event that began above: that one is read too.
  let isApart = true;
  for (;;) {
    if (end === 0) {
      if (index === 0) return found;
      index -= 1;
      buffer = chunks[index] as Uint8Array;
      end = buffer.length;
    }
    const last = buffer[end - 1];
    if (last === 10 || last === 13) {
      end -= 1;
      if (last === 10) newlines += 1;
      continue;
    }
    if (newlines > 1) isApart = true;
    newlines = 0;
    if (isApart && found.finish !== null && found.usage !== null && found.model !== null) return found;
    const start = startOfLine(bytes, buffer, end);
    if (start === 0 && index > 0 && lastByte(chunks[index - 1]) !== 10) {
      // The line began in an earlier chunk. As much again is joined each time: linear however small the chunks are.
      const first = joinFrom(chunks, index, end);
      buffer = bytes.concat([...chunks.slice(first, index), buffer.subarray(0, end)]);
      index = first;
      end = buffer.length;
      continue;
    }
    if (isData(buffer, start, end)) {
      if (!readDocument(line, buffer.subarray(start + 5, end))) return null;
      merge(found, line.found);
      isApart = false;
    } else if (!isIgnorable(buffer[start] as number)) return null;
    end = start;
  }
}

// --- helpers ---

function startOfLine(bytes: Bytes, buffer: Uint8Array, end: number): number {
  // Most often a chunk is one event: one search tells, without a slice of the buffer.
  const first = bytes.indexOf(buffer, "\n");
  if (first < 0 || first >= end) return 0;
  return bytes.lastIndexOf(buffer.subarray(0, end), "\n") + 1;
}

function lastByte(chunk: Uint8Array | undefined): number | undefined {
  return chunk?.[chunk.length - 1];
}

function joinFrom(chunks: readonly Uint8Array[], index: number, length: number): number {
  let first = index;
  let joined = 0;
  while (first > 0 && joined < length + 1) {
    first -= 1;
    joined += (chunks[first] as Uint8Array).length;
  }
  return first;
}

function isData(buffer: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= 5 &&
    buffer[start] === 100 &&
    buffer[start + 1] === 97 &&
    buffer[start + 2] === 116 &&
    buffer[start + 3] === 97 &&
    buffer[start + 4] === 58
  );
}

/** `event:`, `id:`, `retry:` and comments: the lines that cannot be JSON. */
function isIgnorable(byte: number): boolean {
  return byte === 101 || byte === 105 || byte === 114 || byte === 58;
}

/** Reads one line's JSON. False when that is not one whole document. */
function readDocument(line: ScanState, json: Uint8Array): boolean {
  line.documents = 0;
  line.found = nothingFound();
  scan(line, json, 0);
  // A lone CR ends a line too: then this is not one line but several.
  return isBetweenDocuments(line) && !line.odd && line.bytes.indexOf(json, "\r") < 0;
}

/** Adds what an earlier event said to what later ones did: the later word counts. */
function merge(found: Findings, earlier: Findings): void {
  if (found.finish === null) {
    found.block ??= earlier.block;
    found.error ??= earlier.error;
  }
  found.finish ??= earlier.finish;
  found.model ??= earlier.model;
  found.usage ??= earlier.usage;
}
