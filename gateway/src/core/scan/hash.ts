/**
 * A fast hash for keys of maps and for spreading. Not for secrets, and not against people who look for collisions.
 * @module
 */

/**
 * Hashes UTF-16 code units with two FNV-1a lanes of 32 bits and mixes them.
 * @returns a whole number in [0, 2^53)
 */
export function hash53(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
    // FNV's low bits never see the high ones.
    high ^= high >>> 15;
  }
  low = mix(low ^ high);
  high = mix(high ^ text.length);
  return (high & 0x1fffff) * 0x100000000 + low;
}

// --- helpers ---

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
