/**
 * Makes new client keys.
 * @module
 */
import type { Random } from "../core/ports.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const start = "gp-";
const length = 40;
/** The largest multiple of 62 in a byte: bytes from here on are thrown away, or the first 8 characters came oftener. */
const fairBytes = 248;
/** How much of a key is kept to tell keys apart in lists. */
const prefixLength = 7;

/**
 * Makes a client key: `gp-` and 40 base62 characters, 238 bits of strong randomness.
 * @param random strong bytes
 * @returns the key, to be shown once, and its first 7 characters
 */
export function generateClientKey(random: Random): { key: string; prefix: string } {
  let key = start;
  while (key.length < start.length + length) {
    for (const byte of random.bytes(start.length + length - key.length)) {
      if (byte < fairBytes) key += alphabet.charAt(byte % alphabet.length);
    }
  }
  return { key, prefix: key.slice(0, prefixLength) };
}
