/**
 * Rates as earlier proxies told them.
 * @module
 */
import type { WindowSums } from "../window.ts";

/** @returns 0 to 100; null: of nothing */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

/** @returns milliseconds; null: there was no call */
export function averageMs(sums: Pick<WindowSums, "timed" | "micros">): number | null {
  return sums.timed === 0 ? null : sums.micros / sums.timed / 1000;
}

/** @returns the number with three decimals at most; null stays null */
export function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
