/**
 * Whether a body can name resources at all, by native searches: most bodies of generations name none, and then nothing
 * of them is read in JavaScript. A wrong yes costs the walk of body-names.ts; a wrong no is impossible for the fields of
 * its generation tables, in whatever spelling: a key or a name either stands there as it is, or has an escape that no
 * serializer writes.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";

/** Something that every body that names a resource contains. */
interface Marker {
  /** Short, and begins with a byte that is rare in text: those searches are the fastest (0.03 ns a byte and up). */
  needle: string;
  /** What stands right before it; empty: anything. */
  before: string;
}

/** Which markers a body is searched for. */
export interface MarkerSet {
  readonly markers: readonly Marker[];
  /** Addresses count, which may be percent-encoded. */
  readonly addresses: boolean;
}

/** Without the slash, which may be escaped (PHP does it always). */
const voices: Marker = { needle: "voices", before: "" };
const cached: readonly Marker[] = [
  { needle: "Conten", before: "cached" },
  { needle: "_conten", before: "cached" },
];

const nativeList: readonly Marker[] = [
  { needle: "Uri", before: "file" },
  { needle: "_uri", before: "file" },
  ...cached,
  { needle: "StoreN", before: "Search" },
  { needle: "_store_", before: "search" },
  { needle: "Token", before: "inuation" },
  { needle: "_token", before: "inuation" },
  voices,
];
/** Of native generations. */
export const nativeMarkers: MarkerSet = { markers: nativeList, addresses: false };

const chatList: readonly Marker[] = [
  { needle: "files/", before: "" },
  { needle: "files\\/", before: "" },
  ...cached,
  { needle: "Models", before: "tuned" },
  voices,
];
/** Of OpenAI's chat and embeddings. */
export const chatMarkers: MarkerSet = { markers: chatList, addresses: true };

/** Hits of a needle without its `before`, and one more for each 512 bytes; after so many the walk is the cheaper way. */
const leastTries = 64;
/** No marker is longer, with what stands before it. */
const seam = 20;

/**
 * Looks for the markers.
 * @param chunks the body as it came
 * @returns false: it names nothing
 */
export function hasMarker(chunks: readonly Uint8Array[], set: MarkerSet, bytes: Bytes): boolean {
  let before: Uint8Array | null = null;
  for (const chunk of chunks) {
    if (before !== null) {
      // Cut so small that a marker may lie across three: not worth the care.
      if (before.length < seam) return true;
      const around = bytes.concat([before.subarray(before.length - seam), chunk.subarray(0, seam)]);
      if (isMarked(around, set, bytes)) return true;
    }
    // An address may be long enough to fill a chunk.
    if ((set.addresses || !isInside(chunk, bytes)) && isMarked(chunk, set, bytes)) return true;
    before = chunk;
  }
  return hasOddEscape(chunks, bytes);
}

// --- helpers ---

/** The middle of a long string without quotes, such as base64: three passes instead of ten. */
function isInside(chunk: Uint8Array, bytes: Bytes): boolean {
  if (chunk.length < 1024) return false;
  // A key without quotes may end in white space before its colon comes in the next chunk.
  const last = chunk[chunk.length - 1] as number;
  return last > 0x20 && bytes.indexOf(chunk, '"') < 0 && bytes.indexOf(chunk, ":") < 0 && bytes.indexOf(chunk, "'") < 0;
}

function isMarked(chunk: Uint8Array, set: MarkerSet, bytes: Bytes): boolean {
  const mostTries = triesIn(chunk);
  for (const { needle, before } of set.markers) {
    let at = -1;
    for (let tries = 0; (at = bytes.indexOf(chunk, needle, at + 1)) >= 0; tries += 1)
      if (tries === mostTries || standsBefore(chunk, at, before)) return true;
  }
  return set.addresses && hasEncodedLetter(chunk, bytes);
}

function triesIn(chunk: Uint8Array): number {
  return leastTries + (chunk.length >> 9);
}

function standsBefore(chunk: Uint8Array, at: number, before: string): boolean {
  const start = at - before.length;
  // What would stand before the chunk is looked at in the seam.
  if (start < 0) return false;
  for (let index = 0; index < before.length; index += 1)
    if (chunk[start + index] !== before.charCodeAt(index)) return false;
  return true;
}

/** `%66iles` or `files%2fx` in an address. */
function hasEncodedLetter(chunk: Uint8Array, bytes: Bytes): boolean {
  const mostTries = triesIn(chunk);
  let at = -1;
  for (let tries = 0; (at = bytes.indexOf(chunk, "%", at + 1)) >= 0; tries += 1)
    if (tries === mostTries || isNameCode((hexOf(chunk[at + 1]) << 4) | hexOf(chunk[at + 2]))) return true;
  return false;
}

/** Bytes from a backslash on that are looked through by a loop, since they come in swarms; then a native search goes on. */
const loopBytes = 1_024;

/**
 * An escape that may stand for a byte of a key or a name, which no serializer writes: of a letter, `_` or `/` by its code
 * (`\u0066iles`; `\u003c` of Go and `\u00e9` of Python are common), or of a byte that needs none (`file\Uri`), where
 * Google's parser, like the walk, drops the backslash.
 *
 * An odd run of backslashes escapes what follows it, inside of strings or not, so no more is known of where it stands.
 */
function hasOddEscape(chunks: readonly Uint8Array[], bytes: Bytes): boolean {
  let from = 0;
  for (const chunk of chunks) {
    const end = endOfEscapes(chunk, from, bytes);
    if (end < 0) return true;
    from = end - chunk.length;
  }
  return false;
}

/**
 * Goes through a chunk's escapes, over local variables only.
 * @param from -1: the first byte is escaped by the chunk before
 * @returns the chunk's length, or one less when its last byte escapes the next chunk's first; -1: there is an odd one
 */
function endOfEscapes(chunk: Uint8Array, from: number, bytes: Bytes): number {
  const { length } = chunk;
  if (length === 0) return from;
  let at = 0;
  if (from < 0) {
    if (plainEscapes[chunk[0] as number] !== 1) return -1;
    at = 1;
  }
  while (at < length) {
    at = bytes.indexOf(chunk, "\\", at);
    if (at < 0) return length;
    const limit = at + loopBytes < length ? at + loopBytes : length;
    while (at < limit) {
      while (at < limit && chunk[at] !== 0x5c) at += 1;
      if (at === limit) break;
      if (at + 1 === length) return length - 1;
      const byte = chunk[at + 1] as number;
      at += 2;
      if (plainEscapes[byte] === 1) continue;
      // Cut off by the chunk's end, which is rare: the walk may see to it.
      if (byte !== 0x75 || at + 4 > length) return -1;
      const high = (hexAt(chunk, at) << 4) | hexAt(chunk, at + 1);
      const low = (hexAt(chunk, at + 2) << 4) | hexAt(chunk, at + 3);
      if (high < 0 || low < 0 || (high === 0 && isNameCode(low))) return -1;
      at += 4;
    }
  }
  return length;
}

/** 1 for `"`, `\`, `/`, `b`, `f`, `n`, `r`, `t`: none of them stands for a byte of a key or a name but the slash. */
const plainEscapes: Uint8Array = new Uint8Array(256);
for (const byte of [0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]) plainEscapes[byte] = 1;

/** Letters, `_` and `/`: what keys and the beginnings of names consist of. */
function isNameCode(code: number): boolean {
  return code === 0x2f || code === 0x5f || ((code | 0x20) - 0x61) >>> 0 < 26;
}

/** Value of a hexadecimal digit; negative for other bytes, and stays so when it is shifted. */
function hexAt(chunk: Uint8Array, at: number): number {
  const byte = chunk[at];
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte & 15;
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}

/** Value of a hexadecimal digit; anything for other bytes. */
function hexOf(byte: number | undefined): number {
  return byte === undefined ? 0 : byte <= 0x39 ? byte & 15 : (byte & 15) + 9;
}
