/**
 * Texts that nobody can guess: cookies, CSRF tokens, tokens of tools.
 * @module
 */
import type { Random } from "../../core/ports.ts";
import { toBase64Url } from "../../vault/base64.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The largest multiple of 62 in a byte: bytes from here on are thrown away, or the first 8 characters came oftener. */
const fairBytes = 248;
const tokenStart = "ga-";
const tokenLength = 40;
const prefixLength = 7;

/** 32 random bytes in base64url: 43 characters. */
export function randomText(random: Random): string {
  return toBase64Url(random.bytes(32));
}

/**
 * Makes a tool's token: `ga-` and 40 base62 characters, 238 bits of strong randomness.
 * @returns the token, to be told once, and its first 7 characters
 */
export function generateAdminToken(random: Random): { token: string; prefix: string } {
  let token = tokenStart;
  while (token.length < tokenStart.length + tokenLength) {
    for (const byte of random.bytes(tokenStart.length + tokenLength - token.length))
      if (byte < fairBytes) token += alphabet.charAt(byte % alphabet.length);
  }
  return { token, prefix: token.slice(0, prefixLength) };
}
