/**
 * Reads JSON that comes in chunks cut anywhere, and hands out the strings that stand under certain keys, at any depth.
 * Nothing is kept but the strings that are wanted; long ones that are not are jumped over natively, so megabytes of base64
 * cost one native search (1 ns a byte of structure, next to nothing inside long strings).
 *
 * Tolerant like Google's parser (single quotes, unquoted keys, stray commas; fact sheet upstream 1.1), so that what it
 * reads is what Google acts on. It checks positions, not grammar. Nothing throws.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { endOfString, endsEscaped, isNameByte, skipNested, type Cursor } from "../../core/scan/json-bytes.ts";
import { unescapeJson } from "../../core/scan/json-text.ts";
import { opaque, type FieldRule, type FieldTable } from "./field-table.ts";

/** Takes what was found. */
export interface FieldTaker {
  /**
   * A string under a wanted key, or in an array under one.
   * @param rule the key's
   * @param text decoded
   * @param scan for `depth` (brackets open around the value; 1: in the outermost object), `rules`, and where it stands
   */
  value(rule: FieldRule, text: string, scan: FieldScan): void;
  /**
   * A string under a wanted key was longer than `longest`.
   * @param head its first bytes as they are written, at most 4,096, decoded
   */
  passed?(rule: FieldRule, head: string): void;
  /** A bracket closed; `scan.depth` is that of what was inside of it. */
  close?(scan: FieldScan): void;
}

/** State of one reading. Plain data; change it by `scanFields` only. */
export interface FieldScan {
  readonly bytes: Bytes;
  readonly table: FieldTable;
  readonly taker: FieldTaker;
  /** Longest wanted string in bytes; longer ones are passed over. */
  readonly longest: number;
  /** Open brackets. */
  depth: number;
  /** By depth: 1 in an object, 0 in an array. */
  readonly kinds: number[];
  /** By depth: the rule of the key whose value the container is. */
  readonly rules: FieldRule[];
  mode: number;
  expectsKey: boolean;
  /** Rule of an unquoted key whose colon is to come. */
  bareRule: FieldRule;
  /** Rule of the next value. */
  rule: FieldRule;
  readonly cursor: Cursor;
  quote: number;
  escaped: boolean;
  /** What is here of a key or wanted string that began in an earlier chunk; null: too long. */
  pieces: Uint8Array[] | null;
  pieceBytes: number;
  /** Of the string handed out last: where it ends in the chunk that is read, and its bytes as written, without quotes. */
  valueEnd: number;
  valueBytes: number;
}

/** Google's own parser goes 100 levels deep; what lies deeper is passed over. */
const deepest = 128;
const longestKey = 256;
/** Bytes of a string too long that are told. */
const longestHead = 4096;

const STRUCTURE = 0;
const KEY = 1;
const BARE_KEY = 2;
const VALUE = 3;
const OTHER = 4;
const NESTED = 5;

/** A reading that begins. @param parts.longest @default 4096 */
export function createFieldScan(parts: {
  bytes: Bytes;
  table: FieldTable;
  taker: FieldTaker;
  longest?: number;
}): FieldScan {
  return {
    bytes: parts.bytes,
    table: parts.table,
    taker: parts.taker,
    longest: parts.longest ?? 4096,
    depth: 0,
    kinds: [0],
    rules: [0],
    mode: STRUCTURE,
    expectsKey: false,
    bareRule: 0,
    rule: 0,
    cursor: { inString: false, escaped: false, quote: 0, depth: 0 },
    quote: 0,
    escaped: false,
    pieces: null,
    pieceBytes: 0,
    valueEnd: 0,
    valueBytes: 0,
  };
}

/** Reads on. The chunk is looked at now, or kept (by reference) until a wanted string that it ends in is over. */
export function scanFields(scan: FieldScan, chunk: Uint8Array): void {
  const { length } = chunk;
  let at = 0;
  while (at < length) {
    switch (scan.mode) {
      case STRUCTURE:
        at = readStructure(scan, chunk, at);
        break;
      case NESTED:
        at = skipNested(scan.cursor, chunk, at, scan.bytes);
        if (scan.cursor.depth === 0) scan.mode = STRUCTURE;
        break;
      default:
        at = readToken(scan, chunk, at);
    }
  }
}

// --- helpers ---

function readStructure(scan: FieldScan, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  let at = from;
  while (at < length) {
    const byte = chunk[at] as number;
    at += 1;
    switch (byte) {
      case 0x20:
      case 0x0a:
      case 0x0d:
      case 0x09:
        break;
      case 0x3a:
        if (scan.bareRule !== 0) scan.rule = scan.bareRule;
        scan.bareRule = 0;
        break;
      case 0x2c:
        scan.bareRule = 0;
        scan.expectsKey = scan.depth > 0 && scan.kinds[scan.depth] === 1;
        // Elements of an array stand under its key.
        scan.rule = scan.depth > 0 && !scan.expectsKey ? (scan.rules[scan.depth] as number) : 0;
        break;
      case 0x22:
      case 0x27: {
        scan.bareRule = 0;
        const isKey = scan.expectsKey;
        // The walk over a short string, here: most are keys and words.
        const limit = at + 32 < length ? at + 32 : length;
        let end = at;
        let inner = 0;
        while (end < limit && (inner = chunk[end] as number) !== byte && inner !== 0x5c) end += 1;
        if (end < limit && inner === byte) {
          if (isKey) takeKey(scan, chunk, at, end);
          else if (scan.rule > 0) takeValue(scan, chunk, at, end, end);
          at = end + 1;
          break;
        }
        scan.quote = byte;
        scan.escaped = false;
        scan.pieces = isKey || scan.rule > 0 ? [] : null;
        scan.pieceBytes = 0;
        scan.mode = isKey ? KEY : scan.rule > 0 ? VALUE : OTHER;
        at = readToken(scan, chunk, at);
        if (scan.mode !== STRUCTURE) return at;
        break;
      }
      case 0x7b:
      case 0x5b:
        scan.bareRule = 0;
        if ((scan.rule < 0 && (scan.rule === opaque || scan.depth > 1)) || scan.depth + 1 >= deepest) {
          scan.cursor.depth = 1;
          scan.mode = NESTED;
          return at;
        }
        scan.depth += 1;
        scan.kinds[scan.depth] = byte === 0x7b ? 1 : 0;
        scan.rules[scan.depth] = scan.rule;
        scan.expectsKey = byte === 0x7b;
        if (byte === 0x7b) scan.rule = 0;
        break;
      case 0x7d:
      case 0x5d:
        if (scan.depth === 0) break;
        scan.taker.close?.(scan);
        scan.bareRule = 0;
        scan.depth -= 1;
        scan.expectsKey = false;
        scan.rule = 0;
        break;
      default:
        if (byte > 0x20) scan.bareRule = 0;
        if (!scan.expectsKey || !isNameByte(byte)) break;
        scan.pieces = [];
        scan.pieceBytes = 0;
        scan.mode = BARE_KEY;
        at = readToken(scan, chunk, at - 1);
        if (scan.mode !== STRUCTURE) return at;
    }
  }
  return at;
}

/** Reads on in a string or an unquoted key. */
function readToken(scan: FieldScan, chunk: Uint8Array, from: number): number {
  const { length } = chunk;
  let end: number;
  let next: number;
  if (scan.mode === BARE_KEY) {
    end = from;
    while (end < length && isNameByte(chunk[end] as number)) end += 1;
    next = end === length ? -1 : end;
  } else {
    const start = scan.escaped ? from + 1 : from;
    next = endOfString(chunk, start, scan.quote, scan.bytes);
    if (next < 0) scan.escaped = start <= length && endsEscaped(chunk, start);
    end = next - 1;
  }
  if (next < 0) {
    keep(scan, chunk, from, length);
    return length;
  }
  const { mode, pieces } = scan;
  const isFirst = pieces !== null && pieces.length === 0;
  if (!isFirst) keep(scan, chunk, from, end);
  scan.mode = STRUCTURE;
  scan.escaped = false;
  if (mode === OTHER) return next;
  if (isFirst) {
    if (mode !== VALUE) takeKeyOf(scan, mode, chunk, from, end);
    else takeValue(scan, chunk, from, end, end);
    return next;
  }
  const whole = scan.pieces === null ? null : scan.bytes.concat(scan.pieces);
  scan.pieces = null;
  if (mode === VALUE) {
    if (whole !== null) takeValue(scan, whole, 0, whole.length, end);
  } else if (whole === null) {
    scan.rule = 0;
    scan.expectsKey = false;
  } else takeKeyOf(scan, mode, whole, 0, whole.length);
  return next;
}

/** Without quotes it is a key only if a colon follows, which is what body-markers.ts counts on. */
function takeKeyOf(scan: FieldScan, mode: number, chunk: Uint8Array, start: number, end: number): void {
  takeKey(scan, chunk, start, end);
  if (mode !== BARE_KEY) return;
  scan.bareRule = scan.rule;
  scan.rule = 0;
}

/** By the mode, which says how long a token may be. */
function keep(scan: FieldScan, chunk: Uint8Array, start: number, end: number): void {
  if (scan.pieces === null) return;
  scan.pieceBytes += end - start;
  if (scan.pieceBytes > (scan.mode === VALUE ? scan.longest : longestKey)) {
    if (scan.mode === VALUE) passBy(scan, [...scan.pieces, chunk.subarray(start, end)]);
    scan.pieces = null;
  } else if (end > start) scan.pieces.push(chunk.subarray(start, end));
}

/** A key ended: what rule has its value? */
function takeKey(scan: FieldScan, chunk: Uint8Array, start: number, end: number): void {
  scan.expectsKey = false;
  scan.rule = 0;
  const length = end - start;
  if (length > longestKey) return;
  for (let at = start; at < end; at += 1)
    if (chunk[at] === 0x5c) {
      scan.rule = scan.table.rules.get(unescapeJson(scan.bytes.decode(chunk, start, end))) ?? 0;
      return;
    }
  for (const { key, rule } of scan.table.byLength[length] ?? []) {
    let index = 0;
    while (index < length && chunk[start + index] === key.charCodeAt(index)) index += 1;
    if (index === length) {
      scan.rule = rule;
      return;
    }
  }
}

/** @param at where the value ends in the chunk that is read: another one, if it lies across two */
function takeValue(scan: FieldScan, chunk: Uint8Array, start: number, end: number, at: number): void {
  if (end - start > scan.longest) return passBy(scan, [chunk.subarray(start, end)]);
  scan.valueEnd = at;
  scan.valueBytes = end - start;
  scan.taker.value(scan.rule, unescapeJson(scan.bytes.decode(chunk, start, end)), scan);
}

function passBy(scan: FieldScan, pieces: readonly Uint8Array[]): void {
  const head = scan.bytes.concat(pieces.map((piece) => piece.subarray(0, longestHead)));
  scan.taker.passed?.(scan.rule, unescapeJson(scan.bytes.decode(head, 0, Math.min(longestHead, head.length))));
}
