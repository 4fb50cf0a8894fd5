/**
 * Standard base64 with padding, as JSON bodies have it.
 * @module
 */
import { decodeBase64Url, encodeBase64Url, toStandardAlphabet, toUrlAlphabet } from "../../../core/base64.ts";

/** Encodes, with padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = toStandardAlphabet(encodeBase64Url(bytes));
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Decodes; null: it is no base64. */
export function fromBase64(text: string): Uint8Array | null {
  return decodeBase64Url(toUrlAlphabet(text));
}
