/**
 * A scanner for answers: reads JSON in chunks cut anywhere, keeps its place in the document, and takes out the few values
 * that the tap tells about. It allocates nothing but those values and parses nothing.
 *
 * It checks positions, not grammar: of a document that is no valid JSON it may take values that a parser would refuse.
 * @module
 */
import { endLine, readLine } from "./scan-lines.ts";
import { dropDocument, IGNORED, leaveRoot, LINE_START, NEXT_LINE, NO_STRING, SKIPPED } from "./scan-state.ts";
import type { ScanState } from "./scan-state.ts";
import { endOfString, UNENDED } from "./scan-string.ts";
import { endString, endValue, keepPiece, openString } from "./scan-values.ts";
import { elementOf, ERROR, FIRST_ARRAY, FIRST_OBJECT, NONE, parentOf, ROOTS, SHOW, SKIP, USAGE } from "./shapes.ts";

/**
 * Reads a chunk.
 * @param from index to begin at: not 0 when a paused scan goes on
 * @returns the chunk's length; less when the scan pauses: `shown` has become true at the byte before
 */
export function scan(state: ScanState, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  let at = from;
  state.newlineAt = -1;
  while (at < length) {
    if (state.line === LINE_START || state.line === IGNORED) at = readLine(state, chunk, at);
    else if (state.string !== NO_STRING) at = readString(state, chunk, at);
    else if (state.skip > 0) at = readSkipped(state, chunk, at);
    else at = readStructure(state, chunk, at);
    if (state.shown && state.pauses) return at;
  }
  if (state.captureStart >= 0) keepPiece(state, chunk, length);
  return length;
}

// --- helpers ---

/** Reads between the brackets and quotes of the containers that are places. */
function readStructure(state: ScanState, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  let at = from;
  while (at < length) {
    const byte = chunk[at] as number;
    at += 1;
    switch (byte) {
      case 32:
        while (chunk[at] === 32) at += 1;
        break;
      case 9:
      case 58:
        break;
      case 10:
      case 13:
        if (!state.sse) break;
        endLine(state, byte);
        return at;
      case 34: {
        openString(state, at);
        if (at === length || state.showing) return at;
        const end = endOfString(state, chunk, at);
        if (end < 0) return afterString(state, chunk, end);
        endString(state, chunk, end);
        if (state.shown && state.pauses) return end;
        at = end;
        break;
      }
      case 44:
        if (state.node >= FIRST_OBJECT) {
          state.expectsKey = true;
          state.target = SKIP;
        } else if (state.node === NONE) state.odd = true;
        else state.target = state.node === ROOTS ? state.root : (elementOf[state.node] as number);
        break;
      case 123:
      case 91:
        openContainer(state, byte, at);
        if (state.skip > 0) return at;
        break;
      case 125:
      case 93:
        closeContainer(state);
        if (state.line === IGNORED) return at;
        break;
      default:
        if (state.node === NONE) state.odd = true;
        // Neither null nor false says anything.
        else if (state.target === SHOW && byte !== 110 && byte !== 102) {
          state.shown = true;
          state.target = SKIP;
          return at;
        }
        state.target = SKIP;
        while (at < length && isScalar(chunk[at] as number)) at += 1;
    }
  }
  return at;
}

/** Reads a value that nobody looks into, up to its closing bracket. */
function readSkipped(state: ScanState, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  const { sse } = state;
  let at = from;
  let depth = state.skip;
  if (state.showing) {
    while (at < length && (chunk[at] as number) <= 32 && !(sse && isLineEnd(chunk[at] as number))) at += 1;
    if (at === length) return at;
    if ((chunk[at] as number) > 32) {
      state.showing = false;
      state.shown ||= chunk[at] !== 93;
      if (state.shown && state.pauses) return at;
    }
  }
  while (at < length) {
    const byte = chunk[at] as number;
    at += 1;
    if (byte <= 32) {
      if (byte === 32) {
        while (chunk[at] === 32) at += 1;
      } else if (sse && isLineEnd(byte)) {
        state.skip = depth;
        if (state.captureStart >= 0) {
          // What is kept goes on behind the next line's `data:`.
          keepPiece(state, chunk, at);
          state.captureStart = NEXT_LINE;
        }
        endLine(state, byte);
        return at;
      }
    } else if (byte === 34) {
      // The walk over a short string, here again: calling for it costs as much as the walk.
      let end = at;
      const limit = Math.min(length, at + 32);
      let inner = 0;
      while (end < limit && (inner = chunk[end] as number) !== 34 && inner !== 92 && inner >= 32) end += 1;
      if (inner === 34) {
        at = end + 1;
        continue;
      }
      end = endOfString(state, chunk, end);
      if (end < 0) {
        state.skip = depth;
        state.string = SKIPPED;
        return afterString(state, chunk, end);
      }
      at = end;
    } else if (byte >= 123) {
      if (byte === 123) depth += 1;
      else if (byte === 125) depth -= 1;
      if (depth > 0) continue;
      state.skip = 0;
      if (state.capture !== SKIP) endValue(state, chunk, at);
      return at;
    } else if (byte === 91) depth += 1;
    else if (byte === 93) {
      depth -= 1;
      if (depth > 0) continue;
      state.skip = 0;
      if (state.capture !== SKIP) endValue(state, chunk, at);
      return at;
    }
  }
  state.skip = depth;
  return at;
}

/** Reads on in a string that was opened before. */
function readString(state: ScanState, chunk: Uint8Array, from: number): number {
  let at = from;
  if (state.showing) {
    state.showing = false;
    if (chunk[at] !== 34) {
      state.shown = true;
      if (state.pauses) return at;
    }
  }
  if (state.escape) {
    state.escape = false;
    if (chunk[at] !== 10) at += 1;
  }
  const end = endOfString(state, chunk, at);
  if (end < 0) return afterString(state, chunk, end);
  endString(state, chunk, end);
  return end;
}

/** What follows on a string that did not end: the next chunk, or the next line. */
function afterString(state: ScanState, chunk: Uint8Array, end: number): number {
  if (end === UNENDED) return chunk.length;
  dropDocument(state);
  endLine(state, 10);
  return state.newlineAt + 1;
}

function openContainer(state: ScanState, byte: number, at: number): void {
  const isObject = byte === 123;
  let { target } = state;
  if (state.node === NONE) {
    target = isObject ? state.root : ROOTS;
    state.wrapped = !isObject;
    if (state.documents > 0 && !state.sse) state.odd = true;
  }
  state.target = SKIP;
  if (isObject && target >= FIRST_OBJECT) {
    state.node = target;
    state.expectsKey = true;
    return;
  }
  if (!isObject && target >= FIRST_ARRAY && target < FIRST_OBJECT) {
    state.node = target;
    state.target = target === ROOTS ? state.root : (elementOf[target] as number);
    return;
  }
  state.skip = 1;
  if (target === SHOW) {
    if (isObject) state.shown = true;
    else state.showing = true;
  } else if (isObject && (target === USAGE || target === ERROR)) {
    state.capture = target;
    state.captureStart = at - 1;
  }
}

function closeContainer(state: ScanState): void {
  const { node } = state;
  state.expectsKey = false;
  state.target = SKIP;
  if (node === NONE) state.odd = true;
  else if (node === state.root || node === ROOTS) leaveRoot(state);
  else state.node = parentOf[node] as number;
}

/** The rest of a number or word: nothing that could be structure. */
function isScalar(byte: number): boolean {
  return byte >= 45 && byte < 123 && byte !== 58 && byte !== 91 && byte !== 93;
}

function isLineEnd(byte: number): boolean {
  return byte === 10 || byte === 13;
}
