/**
 * Whether a body can name resources at all, by native searches: most bodies of generations name none, and then nothing
 * of them is read in JavaScript. A wrong yes costs the walk of body-names.ts; a wrong no is impossible for the fields of
 * its generation table, in whatever spelling.
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
export type MarkerSet = readonly Marker[];

/** Without the slash, which may be escaped (PHP does it always). */
const voices: Marker = { needle: "voices", before: "" };
const cached: readonly Marker[] = [
  { needle: "Conten", before: "cached" },
  { needle: "_conten", before: "cached" },
];

/** Of native generations. */
export const nativeMarkers: MarkerSet = [
  { needle: "Uri", before: "file" },
  { needle: "_uri", before: "file" },
  ...cached,
  { needle: "StoreN", before: "Search" },
  { needle: "_store_", before: "search" },
  { needle: "Token", before: "inuation" },
  { needle: "_token", before: "inuation" },
  voices,
];

/** Of OpenAI's chat and embeddings. */
export const chatMarkers: MarkerSet = [
  { needle: "files/", before: "" },
  { needle: "files\\/", before: "" },
  ...cached,
  { needle: "Models", before: "tuned" },
  voices,
];

/** Hits of a needle without its `before`, and one more for each 512 bytes; after so many the walk is the cheaper way. */
const leastTries = 64;
/** No marker is longer, with what stands before it. */
const seam = 20;

/**
 * Looks for the markers.
 * @param chunks the body as it came
 * @returns false: it names nothing
 */
export function hasMarker(chunks: readonly Uint8Array[], markers: MarkerSet, bytes: Bytes): boolean {
  let before: Uint8Array | null = null;
  for (const chunk of chunks) {
    if (before !== null) {
      // Cut so small that a marker may lie across three: not worth the care.
      if (before.length < seam) return true;
      const around = bytes.concat([before.subarray(before.length - seam), chunk.subarray(0, seam)]);
      if (isMarked(around, markers, bytes)) return true;
    }
    if (!isInside(chunk, bytes) && isMarked(chunk, markers, bytes)) return true;
    before = chunk;
  }
  return false;
}

// --- helpers ---

/** The middle of a long string without quotes, such as base64: three passes instead of ten. */
function isInside(chunk: Uint8Array, bytes: Bytes): boolean {
  if (chunk.length < 1024) return false;
  // A key without quotes may end in white space before its colon comes in the next chunk.
  const last = chunk[chunk.length - 1] as number;
  return last > 0x20 && bytes.indexOf(chunk, '"') < 0 && bytes.indexOf(chunk, ":") < 0 && bytes.indexOf(chunk, "'") < 0;
}

function isMarked(chunk: Uint8Array, markers: MarkerSet, bytes: Bytes): boolean {
  const mostTries = triesIn(chunk);
  for (const { needle, before } of markers) {
    let at = -1;
    for (let tries = 0; (at = bytes.indexOf(chunk, needle, at + 1)) >= 0; tries += 1)
      if (tries === mostTries || standsBefore(chunk, at, before)) return true;
  }
  return hasEscapedLetter(chunk, bytes);
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

/**
 * `\u0066iles`: an escape of a letter, `_` or `/`, which no serializer writes. `\u003c` (Go) and `\u00e9` (Python) are
 * common. From the end: zeros are rarer in code than backslashes.
 */
function hasEscapedLetter(chunk: Uint8Array, bytes: Bytes): boolean {
  const mostTries = triesIn(chunk);
  let part = chunk;
  for (let tries = 0; ; tries += 1) {
    const at = bytes.lastIndexOf(part, "\\u00");
    if (at < 0) return false;
    const code = (hexOf(chunk[at + 4]) << 4) | hexOf(chunk[at + 5]);
    if (tries === mostTries || code === 0x2f || code === 0x5f || ((code | 0x20) - 0x61) >>> 0 < 26) return true;
    part = chunk.subarray(0, at);
  }
}

/** Value of a hexadecimal digit; anything for other bytes. */
function hexOf(byte: number | undefined): number {
  return byte === undefined ? 0 : byte <= 0x39 ? byte & 15 : (byte & 15) + 9;
}
