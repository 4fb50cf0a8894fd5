/**
 * What the core asks of the platform it runs on. The core itself touches no clock, no randomness, no console and no
 * timer: every host hands these in, and tests hand in simulated ones.
 * @module
 */

/** Time. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. Used for cooldowns, records and day windows. */
  now(): number;
  /** Monotonic milliseconds with a fraction, from an arbitrary origin. Used for durations only. */
  monotonic(): number;
}

/** Randomness. */
export interface Random {
  /** A number in [0, 1). Not for secrets: jitter and sampling only. */
  next(): number;
  /** Cryptographically strong bytes, for ids, keys and nonces. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured log lines. Implementations redact every known secret shape before a byte leaves (see vault/redact). */
export interface Logger {
  log(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Byte search and decoding, native where the platform has it.
 * Kept as a port because a native search is 20 to 50 times a loop in JavaScript on large bodies (fact sheet performance,
 * "What the parts cost"), while the core must not import Buffer.
 */
export interface Bytes {
  /** Index of `needle` (ASCII) in `haystack` at or after `from`, or -1. */
  indexOf(haystack: Uint8Array, needle: string, from?: number): number;
  /** Last index of `needle` (ASCII) in `haystack`, or -1. */
  lastIndexOf(haystack: Uint8Array, needle: string): number;
  /** UTF-8 decode of `bytes[start, end)`; malformed sequences become U+FFFD, nothing throws. */
  decode(bytes: Uint8Array, start?: number, end?: number): string;
  /** UTF-8 encode. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** One array from many; returns the only one as it is. */
  concat(chunks: readonly Uint8Array[]): Uint8Array;
}

/** Digests. */
export interface Digest {
  /** SHA-256 of the UTF-8 text, lower-case hex. Synchronous: it is on every call's way. */
  sha256(text: string): string;
}
