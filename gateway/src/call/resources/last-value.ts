/**
 * The last string under a key of an answer that streams by: one native search a chunk, whatever the answer says, and
 * nothing kept but the value itself. Texts that mention the key are not taken for it: inside strings quotes are escaped.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { endOfString, endsEscaped } from "../../core/scan/json-bytes.ts";
import { unescapeJson } from "../../core/scan/json-text.ts";

/** The key that is looked for. */
export interface WatchedKey {
  key: string;
  /**
   * Part of the key (or of it and its closing quote), at most 7 characters, ending in one that is rare in text: the fastest
   * search backwards.
   */
  needle: string;
  /** Where the needle begins in the key. */
  offset: number;
}

/** Watches one key. */
export interface LastValue {
  push(chunk: Uint8Array): void;
  /** The last whole value that is not empty, decoded; null: none. */
  end(): string | null;
}

/** Longer values are given up. */
const longest = 262_144;
/** Empty ones, and other places of the needle, that are passed over in one chunk. */
const mostTries = 8;

/** @param bytes native search */
export function createLastValue(watched: WatchedKey, bytes: Bytes): LastValue {
  const quoted = `"${watched.key}"`;
  let last: Uint8Array | null = null;
  /** The end of what came, where the key has begun; null: it has not. */
  let tail: Uint8Array | null = null;
  /** Pieces of a value that goes on in the next chunk; null: none. */
  let open: Uint8Array[] | null = null;
  let openBytes = 0;
  let escaped = false;

  return {
    push(chunk) {
      if (chunk.length === 0) return;
      if (open !== null) return goOn(chunk);
      if (tail === null) return look(chunk);
      const whole = bytes.concat([tail, chunk]);
      tail = null;
      look(whole);
    },
    end: () => (last === null ? null : unescapeJson(bytes.decode(last))),
  };

  function look(chunk: Uint8Array): void {
    keepBeginning(chunk);
    let part = chunk;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = bytes.lastIndexOf(part, watched.needle);
      if (found < 0) return;
      const start = found - watched.offset - 1;
      if (start >= 0 && matches(chunk, start, quoted)) {
        const value = valueAt(chunk, start + quoted.length);
        if (value === -1) {
          // Key and value lie across the chunk's end; the key is kept for the next look, however much space follows.
          if (chunk.length - start < 512) tail = chunk.slice(start);
        } else if (value > 0) {
          if (take(chunk, value)) return;
        }
      }
      part = chunk.subarray(0, found);
    }
  }

  /** Keeps the last bytes if the next chunk's first ones may make the key of them. */
  function keepBeginning(chunk: Uint8Array): void {
    const { length } = chunk;
    for (let at = Math.max(0, length - quoted.length + 1); at < length; at += 1) {
      let index = 0;
      while (at + index < length && chunk[at + index] === quoted.charCodeAt(index)) index += 1;
      if (at + index < length) continue;
      tail = chunk.slice(at);
      return;
    }
  }

  /** Takes the value that begins at an index. False: it is empty. */
  function take(chunk: Uint8Array, start: number): boolean {
    const end = endOfString(chunk, start, 0x22, bytes);
    if (end >= 0) {
      if (end - 1 > start) last = chunk.slice(start, end - 1);
      return end - 1 > start;
    }
    open = [chunk.slice(start)];
    openBytes = chunk.length - start;
    escaped = endsEscaped(chunk, start);
    tail = null;
    return true;
  }

  function goOn(chunk: Uint8Array): void {
    const from = escaped ? 1 : 0;
    const end = endOfString(chunk, from, 0x22, bytes);
    const until = end < 0 ? chunk.length : end - 1;
    openBytes += until;
    if (open !== null && openBytes <= longest) open.push(chunk.slice(0, until));
    else open = [];
    if (end < 0) {
      escaped = from <= chunk.length && endsEscaped(chunk, from);
      return;
    }
    if (openBytes > 0 && openBytes <= longest) last = bytes.concat(open);
    open = null;
    if (end < chunk.length) look(chunk.subarray(end));
  }
}

// --- helpers ---

function matches(chunk: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > chunk.length) return false;
  // An escaped quote opens no key.
  if (at > 0 && chunk[at - 1] === 0x5c) return false;
  for (let index = 0; index < text.length; index += 1) if (chunk[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Index after the opening quote of the string behind a key; -1: the chunk ends before it; 0: it is no string. */
function valueAt(chunk: Uint8Array, from: number): number {
  let at = from;
  let colon = false;
  for (; at < chunk.length; at += 1) {
    const byte = chunk[at] as number;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    if (byte === 0x3a && !colon) colon = true;
    else return byte === 0x22 && colon ? at + 1 : 0;
  }
  return -1;
}
