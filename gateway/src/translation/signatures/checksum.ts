/**
 * The checksum of signed ids: CRC-24 of OpenPGP (RFC 9580 6.1). It finds every change within three neighbouring characters,
 * and lets one in 16 million of all others through. It is for integrity, not for security: whoever wants to can compute it.
 * @module
 */

const table = makeTable();

/**
 * The checksum of a text of ASCII.
 * @param end offset after the last character. @default all of it
 * @returns 24 bits
 */
export function crc24(text: string, end: number = text.length): number {
  let crc = 0xb704ce;
  for (let index = 0; index < end; index++)
    crc = ((crc << 8) ^ (table[((crc >>> 16) ^ text.charCodeAt(index)) & 0xff] ?? 0)) & 0xffffff;
  return crc;
}

/** As 6 characters of hex. */
export function toHex24(value: number): string {
  return value.toString(16).padStart(6, "0");
}

/** As 4 characters of base64url. */
export function toTag24(value: number): string {
  let tag = "";
  for (let shift = 18; shift >= 0; shift -= 6) tag += alphabet.charAt((value >>> shift) & 63);
  return tag;
}

// --- helpers ---

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function makeTable(): Int32Array {
  const rows = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x864cfb;
    rows[byte] = crc & 0xffffff;
  }
  return rows;
}
