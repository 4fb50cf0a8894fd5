/** @module Deterministic ids: a small counter-fed generator, so that a seed and an order of calls give the same bytes. */

/** Makes the ids of one emulator. */
export interface Ids {
  /** `responseId`, 22 characters of base64url. */
  response(): string;
  /** Id of a function call, 8 lower-case letters or digits, as Gemini 3 gives. */
  call(): string;
  /** The last segment of a resource name: 12 lower-case letters or digits, as `files/4if4o2bqvugf`. */
  resource(): string;
  /** Decimal digits, for `function-call-<digits>`. */
  digits(): string;
  /** A number in [0, 1). */
  fraction(): number;
}

/** @param seed Any integer; the same seed gives the same sequence. */
export function createIds(seed: number): Ids {
  // mulberry32: 32 bits of state, good enough to look random, no secrets depend on it.
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    response: () => {
      const bytes = Buffer.allocUnsafe(16);
      for (let offset = 0; offset < 16; offset += 4) bytes.writeUInt32LE(next(), offset);
      return bytes.toString("base64url");
    },
    call: () => (next() * 0x1_0000_0000 + next()).toString(36).padStart(8, "0").slice(-8),
    resource: () => [next(), next()].map((part) => part.toString(36).padStart(6, "0").slice(-6)).join(""),
    digits: () => `${next()}${String(next()).padStart(10, "0")}`.slice(0, 19),
    fraction: () => next() / 0x1_0000_0000,
  };
}
