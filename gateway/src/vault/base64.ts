/**
 * Base64 without Buffer: both alphabets in, the URL alphabet out.
 * @module
 */
import { decodeBase64Url, encodeBase64Url, toUrlAlphabet } from "../core/base64.ts";

/**
 * Encodes.
 * @returns base64url without padding
 */
export function toBase64Url(bytes: Uint8Array): string {
  return encodeBase64Url(bytes);
}

/**
 * Decodes either alphabet, with or without padding.
 * @returns the bytes, or null when it is not base64
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null;
  return decodeBase64Url(toUrlAlphabet(text));
}
