/**
 * What the scanner takes out of a document: keys, to know where it is, and the few values that the tap tells about.
 * @module
 */
import { KEY, NO_STRING, SKIPPED, VALUE } from "./scan-state.ts";
import type { ScanState } from "./scan-state.ts";
import { BLOCK, ERROR, FINISH, MODEL, NONE, placeOfKey, SHOW, SKIP, STATUS, USAGE } from "./shapes.ts";

/** The most bytes of one usage or error object that are kept. */
const keptBytes = 65_536;
/** So many pieces are joined into one: tiny chunks must not cost more than their bytes. */
const keptPieces = 64;

/**
 * A string begins.
 * @param at index after its opening quote
 */
export function openString(state: ScanState, at: number): void {
  if (state.expectsKey) {
    state.string = KEY;
    state.captureStart = at;
    state.escaped = false;
    return;
  }
  const { target } = state;
  state.target = SKIP;
  state.string = SKIPPED;
  if (state.node === NONE) state.odd = true;
  else if (target === SHOW) state.showing = true;
  else if (target >= FINISH && target <= STATUS && target !== USAGE) {
    state.string = VALUE;
    state.capture = target;
    // An error's text is kept with its quotes: it is JSON like an error object.
    state.captureStart = target === ERROR ? at - 1 : at;
  }
}

/**
 * A string is over.
 * @param end index after its closing quote
 */
export function endString(state: ScanState, chunk: Uint8Array, end: number): void {
  if (state.string === KEY) endKey(state, chunk, end - 1);
  else if (state.string === VALUE) endValue(state, chunk, end - 1);
  state.string = NO_STRING;
}

/**
 * The value of a leaf is over.
 * @param end index after its last byte; of its closing quote for a string
 */
export function endValue(state: ScanState, chunk: Uint8Array, end: number): void {
  const { capture, pending } = state;
  state.capture = SKIP;
  const kept = takeKept(state, chunk, capture === ERROR && state.string === VALUE ? end + 1 : end);
  if (kept === null) {
    if (capture === ERROR) pending.error = "{}";
  } else if (capture === USAGE) pending.usage = kept;
  else if (capture === ERROR) pending.error = kept;
  else if (capture === MODEL) pending.model = unescaped(kept);
  else if (capture === BLOCK) {
    pending.block = unescaped(kept);
    state.shown = true;
  } else if (capture === FINISH || (kept !== "in_progress" && kept !== "queued")) {
    pending.finish = unescaped(kept);
    if (!isPlainEnd(pending.finish)) state.shown = true;
  }
}

/**
 * The chunk, or the line, is over while something is being kept.
 * @param end index after the last byte that belongs to it
 */
export function keepPiece(state: ScanState, chunk: Uint8Array, end: number): void {
  if (state.pieces === null) {
    state.pieces = [];
    state.capturedLength = 0;
  }
  state.capturedLength += end - state.captureStart;
  if (state.capturedLength <= keptBytes) {
    // A copy: a view would keep the whole chunk alive. (`slice` of a Buffer is a view.)
    state.pieces.push(new Uint8Array(chunk.subarray(state.captureStart, end)));
    if (state.pieces.length === keptPieces) state.pieces = [state.bytes.concat(state.pieces)];
  }
  state.captureStart = 0;
}

// --- helpers ---

function endKey(state: ScanState, chunk: Uint8Array, end: number): void {
  state.expectsKey = false;
  if (state.pieces === null && !state.escaped) {
    state.target = placeOfKey(state.node, chunk, state.captureStart, end);
    state.captureStart = -1;
    return;
  }
  const text = takeKept(state, chunk, end);
  const key = state.bytes.encode(text === null ? "" : unescaped(text));
  state.target = placeOfKey(state.node, key, 0, key.length);
}

/** A finish reason that says no more than that the answer is over. */
function isPlainEnd(finish: string): boolean {
  return finish === "STOP" || finish === "stop" || finish === "completed";
}

/** The kept text, or null when it was too long to be kept. */
function takeKept(state: ScanState, chunk: Uint8Array, end: number): string | null {
  const { pieces, captureStart } = state;
  state.captureStart = -1;
  if (pieces === null) return end - captureStart > keptBytes ? null : state.bytes.decode(chunk, captureStart, end);
  state.pieces = null;
  if (state.capturedLength + end - captureStart > keptBytes) return null;
  pieces.push(chunk.subarray(captureStart, end));
  return state.bytes.decode(state.bytes.concat(pieces));
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
