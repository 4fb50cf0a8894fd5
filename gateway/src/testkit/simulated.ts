/**
 * Simulated ports for tests: a clock that moves when told, seeded randomness, a log that is kept.
 * @module
 */
import type { Clock, Logger, Random } from "../core/ports.ts";

/** A clock that a test moves. */
export interface SimulatedClock extends Clock {
  advance(ms: number): void;
  set(now: number): void;
}

/** @param start epoch milliseconds. @default 2026-11-21T12:00:00Z */
export function createSimulatedClock(start: number = Date.UTC(2026, 10, 21, 12)): SimulatedClock {
  let now = start;
  let monotonic = 0;
  return {
    now: () => now,
    monotonic: () => monotonic,
    advance(ms) {
      now += ms;
      monotonic += ms;
    },
    set(value) {
      monotonic += Math.max(0, value - now);
      now = value;
    },
  };
}

/** Randomness that is the same each time (mulberry32). */
export function createSeededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

/** A logger that keeps its lines. */
export function createKeptLogger(): Logger & { lines: { level: string; event: string; fields?: unknown }[] } {
  const lines: { level: string; event: string; fields?: unknown }[] = [];
  return { lines, log: (level, event, fields) => void lines.push({ level, event, fields }) };
}
