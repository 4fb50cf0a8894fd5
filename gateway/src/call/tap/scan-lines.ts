/**
 * The lines of an event stream (WHATWG HTML, "Server-sent events"), as far as the scanner needs them: which bytes are
 * JSON, and where an event ends. Also JSON that stands between events without `data:`: Google ends some broken streams
 * so (fact sheet upstream 1.3).
 * @module
 */
import { DATA, dropDocument, IGNORED, isBetweenDocuments, LINE_START, NEXT_LINE, RAW } from "./scan-state.ts";
import type { ScanState } from "./scan-state.ts";

const lineFeed = 10;
const carriageReturn = 13;
/** d of `data:`. */
const dataPrefix = [100, 97, 116, 97, 58];

/**
 * Reads on while the line is not known to be JSON.
 * @returns index of the first byte of JSON, or the chunk's length
 */
export function readLine(state: ScanState, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  let at = from;
  while (at < length) {
    const byte = chunk[at] as number;
    if (state.line === IGNORED) {
      at += 1;
      if (byte === lineFeed || byte === carriageReturn) endLine(state, byte);
    } else if (state.matched > 0 || byte === dataPrefix[0]) {
      if (byte !== dataPrefix[state.matched]) {
        state.line = IGNORED;
        continue;
      }
      at += 1;
      state.matched += 1;
      if (state.matched < dataPrefix.length) continue;
      // JSON without `data:` never was whole when an event follows it.
      if (state.raw) dropDocument(state);
      state.line = DATA;
      if (state.captureStart === NEXT_LINE) state.captureStart = at;
      return at;
    } else if (byte === lineFeed || byte === carriageReturn) {
      at += 1;
      if (byte === lineFeed && state.afterReturn) state.afterReturn = false;
      else endEvent(state, byte);
    } else if (isRawLine(state, byte)) {
      if (state.captureStart === NEXT_LINE) state.captureStart = at;
      return at;
    }
    // A byte order mark is skipped; it only stands at the very start.
    else if (byte === 0xef || byte === 0xbb || byte === 0xbf) at += 1;
    else state.line = IGNORED;
  }
  return at;
}

/** A line has ended; an open document goes on in the next `data:` line, or in the next raw one. */
export function endLine(state: ScanState, byte: number): void {
  state.line = LINE_START;
  state.matched = 0;
  state.afterReturn = byte === carriageReturn;
}

// --- helpers ---

function endEvent(state: ScanState, byte: number): void {
  endLine(state, byte);
  if (!isBetweenDocuments(state)) dropDocument(state);
  state.raw = false;
}

/** Whether the line is JSON without `data:`: the start of such a document, or its going on. */
function isRawLine(state: ScanState, byte: number): boolean {
  const opens = byte === 123 || byte === 91;
  if (state.raw) {
    // Field names of event streams (event, id, retry, a comment's colon): no line of JSON begins so.
    if (byte === 101 || byte === 105 || byte === 114 || byte === 58) {
      dropDocument(state);
      return false;
    }
  } else {
    if (!opens) return false;
    dropDocument(state);
    state.raw = true;
  }
  state.line = RAW;
  state.afterReturn = false;
  return true;
}
