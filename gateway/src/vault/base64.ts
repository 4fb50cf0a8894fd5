/**
 * Base64 without Buffer: both alphabets in, the URL alphabet out.
 * @module
 */

/**
 * Encodes.
 * @returns base64url without padding
 */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  // In steps: String.fromCharCode takes its bytes as arguments, and their number is limited.
  for (let start = 0; start < bytes.length; start += 8192)
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Decodes either alphabet, with or without padding.
 * @returns the bytes, or null when it is not base64
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
