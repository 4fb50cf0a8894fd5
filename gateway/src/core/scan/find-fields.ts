/**
 * Finds fields of the outermost object of a JSON body without parsing it: a byte scanner over the chunks as they came.
 *
 * Duplicate keys: the last one wins, as in JSON.parse, Python's json, Go's encoding/json and proto3 JSON for singular
 * fields, so what is checked here (which model a client may use) is what the upstream acts on. That needs the whole
 * object: stopping at the first hit would let `{"model":"allowed",…,"model":"other"}` past the client's model list. It
 * costs little, since most bodies must be read to their end anyway (`stream` is absent or last), and long strings are
 * jumped over natively. For the same reason the scanner follows Google's lenient parser: single quotes, unquoted keys and
 * stray commas are read, not refused (fact sheet upstream 1.1).
 * @module
 */
import type { Bytes } from "../ports.ts";
import { unescapeJson } from "./json-text.ts";
import {
  endOfString,
  endsEscaped,
  hasBackslash,
  isNameByte,
  isQuote,
  isSpace,
  skipNested,
  textOf,
  type Cursor,
} from "./json-bytes.ts";

/** One field of the outermost object. */
export interface FoundField {
  /** The decoded string or the boolean; null when the value is anything else (number, null, object, array). */
  value: string | boolean | null;
  /** First byte of the value in the body; of a string: its opening quote. */
  start: number;
  /** Byte after the value; of a string: after its closing quote. */
  end: number;
  /** The key stands more than once in the object; this is its last value. */
  repeated: boolean;
}

/** What a scan found. */
export interface FoundFields<Name extends string> {
  /** By name; null: not there. */
  fields: Record<Name, FoundField | null>;
  /** True when the object was closed and nothing but white space follows. Not a proof of valid JSON inside. */
  whole: boolean;
}

/**
 * Scans a JSON object. Never throws: malformed input ends the scan with what was found so far and `whole: false`.
 * Cost: about 1 ns a byte, far less in strings of over 128 bytes.
 * @param options.body the bytes, in one piece or in the chunks they came in; nothing is joined
 * @param options.names ASCII names of the fields that are wanted
 * @param options.bytes native search and decoding
 */
export function findFields<const Name extends string>(options: {
  body: Uint8Array | readonly Uint8Array[];
  names: readonly Name[];
  bytes: Bytes;
}): FoundFields<Name> {
  const chunks = options.body instanceof Uint8Array ? [options.body] : options.body;
  const fields = {} as Record<string, FoundField | null>;
  for (const name of options.names) fields[name] = null;
  const scan: Scan = {
    mode: START,
    inString: false,
    escaped: false,
    quote: 0,
    depth: 0,
    tokenStart: 0,
    wanted: null,
    base: 0,
    chunks,
    names: options.names,
    bytes: options.bytes,
    fields,
  };
  for (const chunk of chunks) {
    if (!scanChunk(scan, chunk)) return { fields, whole: false };
    scan.base += chunk.length;
  }
  return { fields, whole: scan.mode === AFTER_OBJECT };
}

// --- helpers ---

const START = 0;
const BEFORE_KEY = 1;
const IN_KEY_STRING = 2;
const IN_BARE_KEY = 3;
const BEFORE_COLON = 4;
const BEFORE_VALUE = 5;
const IN_STRING = 6;
const IN_LITERAL = 7;
const IN_NESTED = 8;
const AFTER_OBJECT = 9;

/** The scanner's state from one chunk to the next. */
interface Scan extends Cursor {
  mode: number;
  /** Offset in the body at which the current key or value began. */
  tokenStart: number;
  /** The wanted name whose value comes next; null: a value of no interest. */
  wanted: string | null;
  /** Offset in the body of the current chunk. */
  base: number;
  chunks: readonly Uint8Array[];
  names: readonly string[];
  bytes: Bytes;
  fields: Record<string, FoundField | null>;
}

/** Goes through one chunk. False: this is no JSON that any parser would take. */
function scanChunk(scan: Scan, chunk: Uint8Array): boolean {
  const { length } = chunk;
  let at = 0;
  while (at < length) {
    const byte = chunk[at] as number;
    switch (scan.mode) {
      case IN_NESTED:
        at = skipNested(scan, chunk, at, scan.bytes);
        if (scan.depth === 0) takeValue(scan, scan.base + at);
        continue;
      case IN_KEY_STRING:
      case IN_STRING: {
        const from = at;
        at = endOfString(chunk, scan.escaped ? from + 1 : from, scan.quote, scan.bytes);
        if (at < 0) {
          scan.escaped = endsEscaped(chunk, scan.escaped ? from + 1 : from);
          return true;
        }
        scan.escaped = false;
        if (scan.mode === IN_STRING) takeValue(scan, scan.base + at);
        else takeKey(scan, chunk, scan.tokenStart + 1, scan.base + at - 1);
        continue;
      }
      case IN_LITERAL:
        // A comma or brace is left for BEFORE_KEY.
        if (isSpace(byte) || byte === 0x2c || byte === 0x7d) takeValue(scan, scan.base + at);
        else if (isQuote(byte) || isBracketOrColon(byte)) return false;
        else at += 1;
        continue;
      case IN_BARE_KEY:
        if (isNameByte(byte)) at += 1;
        else takeKey(scan, chunk, scan.tokenStart, scan.base + at);
        continue;
      default:
        at += 1;
        if (!isSpace(byte) && !step(scan, byte, scan.base + at - 1)) return false;
    }
  }
  return true;
}

/** One significant byte between tokens, at offset `at` of the body. */
function step(scan: Scan, byte: number, at: number): boolean {
  switch (scan.mode) {
    case BEFORE_KEY:
      scan.tokenStart = at;
      scan.quote = byte;
      if (isQuote(byte)) scan.mode = IN_KEY_STRING;
      else if (byte === 0x7d) scan.mode = AFTER_OBJECT;
      else if (isNameByte(byte)) scan.mode = IN_BARE_KEY;
      else return byte === 0x2c;
      return true;
    case BEFORE_COLON:
      scan.mode = BEFORE_VALUE;
      return byte === 0x3a;
    case BEFORE_VALUE:
      scan.tokenStart = at;
      scan.quote = byte;
      if (isQuote(byte)) scan.mode = IN_STRING;
      else if (byte === 0x7b || byte === 0x5b) {
        scan.mode = IN_NESTED;
        scan.depth = 1;
      } else {
        scan.mode = IN_LITERAL;
        return byte !== 0x2c && !isBracketOrColon(byte);
      }
      return true;
    case START:
      // A byte order mark (EF BB BF) may come first; taking parts of one for it does no harm.
      if (byte === 0x7b) scan.mode = BEFORE_KEY;
      return byte === 0x7b || byte === 0xef || byte === 0xbb || byte === 0xbf;
    default:
      return false;
  }
}

/** A key ended: is it wanted? Offsets in the body, without quotes. */
function takeKey(scan: Scan, chunk: Uint8Array, start: number, end: number): void {
  scan.mode = BEFORE_COLON;
  scan.wanted = null;
  const from = start - scan.base;
  if (from >= 0 && !hasBackslash(chunk, from, end - scan.base)) {
    for (const name of scan.names) {
      if (name.length !== end - start) continue;
      let index = 0;
      while (index < name.length && chunk[from + index] === name.charCodeAt(index)) index += 1;
      if (index === name.length) scan.wanted = name;
    }
    return;
  }
  const key = unescapeJson(textOf(scan.chunks, start, end, scan.bytes));
  scan.wanted = scan.names.find((name) => name === key) ?? null;
}

/** A value ended at offset `end` of the body. */
function takeValue(scan: Scan, end: number): void {
  const { wanted, tokenStart: start, mode } = scan;
  scan.mode = BEFORE_KEY;
  if (wanted === null) return;
  let value: string | boolean | null = null;
  if (mode === IN_STRING) value = unescapeJson(textOf(scan.chunks, start + 1, end - 1, scan.bytes));
  else if (mode === IN_LITERAL && end - start < 6) {
    const text = textOf(scan.chunks, start, end, scan.bytes);
    value = text === "true" ? true : text === "false" ? false : null;
  }
  scan.fields[wanted] = { value, start, end, repeated: scan.fields[wanted] !== null };
}

function isBracketOrColon(byte: number): boolean {
  return byte === 0x7b || byte === 0x7d || byte === 0x5b || byte === 0x5d || byte === 0x3a;
}
