/**
 * Reading one's own writes: what has settled is brought into the store before it is asked.
 * @module
 */
import type { AdminServices } from "../services.ts";

/** While another process holds the database, a write is tried for long; who looks at a page does not wait for it. */
const longestMs = 1_000;

/**
 * Makes what was settled visible, if that takes no more than a second. A ledger that cannot write is told by health; what
 * it has can be read all the same.
 */
export async function flushed(services: Pick<AdminServices, "flush" | "every">): Promise<void> {
  let stop: (() => void) | null = null;
  const late = new Promise<void>((resolve) => (stop = services.every(longestMs, resolve)));
  try {
    await Promise.race([services.flush(), late]);
  } catch {
    // Told by health.
  } finally {
    (stop as (() => void) | null)?.();
  }
}
