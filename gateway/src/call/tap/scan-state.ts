/**
 * What the scanner remembers between chunks. A plain object with a fixed set of fields: one allocation an answer.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { Framing, Surface } from "../tap-types.ts";
import { GEMINI, NONE, OPENAI, ROOTS, SKIP } from "./shapes.ts";

/** At the start of a line of an event stream, before it is known what the line is. */
export const LINE_START = 0;
/** In the JSON of a `data:` line. */
export const DATA = 1;
/** In a line that says nothing (`event:`, `id:`, comments). */
export const IGNORED = 2;
/** In JSON without `data:`. Answers that are no event streams are in it throughout. */
export const RAW = 3;

/** Not in a string; in one that nobody reads; in a key; in a value that is kept. */
export const NO_STRING = 0;
export const SKIPPED = 1;
export const KEY = 2;
export const VALUE = 3;

/** `captureStart` while the lines between two parts of a kept value are read. */
export const NEXT_LINE = -2;

/** What one document (event, element, unary answer) said, or all of them up to now. Texts are raw JSON or decoded. */
export interface Findings {
  finish: string | null;
  block: string | null;
  model: string | null;
  /** JSON text of the last usage object. */
  usage: string | null;
  /** JSON text of the value of the `error` key. */
  error: string | null;
}

/** State of one scan. Numbers that name places are those of shapes.ts. */
export interface ScanState {
  readonly bytes: Bytes;
  readonly root: number;
  readonly sse: boolean;
  /** Stop at the byte that shows content. */
  pauses: boolean;
  /** Something was said: content, a block reason, or a finish reason other than a plain end. Never taken back. */
  shown: boolean;

  line: number;
  /** How much of `data:` has matched. */
  matched: number;
  /** The last line ended in CR: an LF right after it belongs to that line end. */
  afterReturn: boolean;
  /** The open document came without `data:`. */
  raw: boolean;

  /** The container that the scan is in. */
  node: number;
  wrapped: boolean;
  /** What the next value is. */
  target: number;
  expectsKey: boolean;
  /** Open brackets of a value that nobody reads. */
  skip: number;
  /** A string or array has just been opened whose first byte decides whether it is content. */
  showing: boolean;

  string: number;
  /** The last byte of the last chunk was a backslash that escapes the next byte. */
  escape: boolean;
  /** The string at hand has a backslash in it. */
  escaped: boolean;
  /** First newline of the chunk at or after the place it was looked for; -1: not looked for; chunk length: none. */
  newlineAt: number;

  /** Leaf whose value is being kept. */
  capture: number;
  /** Where the kept text begins in the current chunk; -1: nothing is kept; or NEXT_LINE. */
  captureStart: number;
  /** Its part in earlier chunks. */
  pieces: Uint8Array[] | null;
  capturedLength: number;

  /** Root values that were closed. */
  documents: number;
  /** Bytes were seen that have no place in an answer of this framing. */
  odd: boolean;
  pending: Findings;
  found: Findings;
  /** The first error before anything was said. */
  early: string | null;
}

/**
 * A scan at the first byte.
 * @param pauses stop at the byte that shows content; scan() can go on from there
 */
export function createScanState(bytes: Bytes, surface: Surface, framing: Framing, pauses: boolean): ScanState {
  const sse = framing === "sse";
  return {
    bytes,
    root: surface === "gemini" ? GEMINI : OPENAI,
    sse,
    pauses,
    shown: false,
    line: sse ? LINE_START : RAW,
    matched: 0,
    afterReturn: false,
    raw: false,
    node: NONE,
    wrapped: false,
    target: SKIP,
    expectsKey: false,
    skip: 0,
    showing: false,
    string: NO_STRING,
    escape: false,
    escaped: false,
    newlineAt: -1,
    capture: SKIP,
    captureStart: -1,
    pieces: null,
    capturedLength: 0,
    documents: 0,
    odd: false,
    pending: nothingFound(),
    found: nothingFound(),
    early: null,
  };
}

/** Findings of an answer that said nothing yet. */
export function nothingFound(): Findings {
  return { finish: null, block: null, model: null, usage: null, error: null };
}

/** True when no document is open: every bracket and string that was opened has been closed. */
export function isBetweenDocuments(state: ScanState): boolean {
  return state.node === NONE && state.string === NO_STRING && state.skip === 0;
}

/** Gives up the open document: what it said so far is forgotten, as a parser would have refused it. */
export function dropDocument(state: ScanState): void {
  state.node = NONE;
  state.wrapped = false;
  state.raw = false;
  state.target = SKIP;
  state.expectsKey = false;
  state.skip = 0;
  state.showing = false;
  state.string = NO_STRING;
  state.escape = false;
  state.capture = SKIP;
  state.captureStart = -1;
  state.pieces = null;
  state.pending = nothingFound();
}

/** The document that was open has been closed: back to the container around it. */
export function leaveRoot(state: ScanState): void {
  if (state.node === state.root) {
    takeDocument(state);
    state.node = state.wrapped ? ROOTS : NONE;
  } else state.node = NONE;
  if (state.node !== NONE) return;
  state.wrapped = false;
  state.documents += 1;
  if (!state.sse || state.line !== RAW) return;
  state.line = IGNORED;
  state.raw = false;
}

// --- helpers ---

/** A root object is whole: what it said counts now. */
function takeDocument(state: ScanState): void {
  const { pending, found } = state;
  if (pending.finish !== null) {
    // The answer went on after the error or block and ended as it should: that one is not how it ended.
    found.finish = pending.finish;
    found.error = null;
    found.block = null;
    pending.finish = null;
  }
  if (pending.block !== null) {
    found.block = pending.block;
    pending.block = null;
  }
  if (pending.model !== null) {
    found.model = pending.model;
    pending.model = null;
  }
  if (pending.usage !== null) {
    found.usage = pending.usage;
    pending.usage = null;
  }
  if (pending.error !== null) {
    found.error = pending.error;
    if (!state.shown) state.early ??= pending.error;
    pending.error = null;
  }
}
