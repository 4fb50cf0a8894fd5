/**
 * The pool's state in the words of circuit breakers, for those who watch for them.
 * @module
 */
import type { PoolCounts } from "../pool/types.ts";

/** Words of earlier proxies. */
export type BreakerState = "CLOSED" | "HALF_OPEN" | "OPEN";

/**
 * `OPEN`: no credential can serve anything, so calls fail at once. `HALF_OPEN`: the pool does not believe its verdicts any
 * more, as they would disable too much of it, and goes on with care. Else `CLOSED`.
 */
export function breakerState(pool: Pick<PoolCounts, "usable" | "panic">): BreakerState {
  if (pool.usable === 0) return "OPEN";
  return pool.panic ? "HALF_OPEN" : "CLOSED";
}
