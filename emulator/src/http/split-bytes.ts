/** @module Cuts bytes at the places where readers go wrong: inside a UTF-8 sequence, between CR and LF. */

/**
 * Splits a chunk.
 * @param where `utf8`: before each continuation byte; `crlf`: between each `\r` and `\n`; `both`.
 */
export function splitBytes(chunk: Buffer, where: "utf8" | "crlf" | "both"): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = 1; at < chunk.length; at++) {
    const byte = chunk[at] ?? 0;
    const continuation = (byte & 0b1100_0000) === 0b1000_0000;
    const lineFeed = byte === LF && chunk[at - 1] === CR;
    if ((where !== "crlf" && continuation) || (where !== "utf8" && lineFeed)) {
      pieces.push(chunk.subarray(start, at));
      start = at;
    }
  }
  pieces.push(chunk.subarray(start));
  return pieces;
}

// --- helpers ---

const CR = 0x0d;
const LF = 0x0a;
