/**
 * The little that the contracts need to judge, so that they run where no test runner does.
 * @module
 */

import type { GatewayStore } from "./types-analytics.ts";

/** One promise. `run` is given a fresh, empty store and rejects when the promise is broken. */
export interface ContractCase {
  name: string;
  run(store: GatewayStore): Promise<void>;
}

/**
 * Compares by value; the order of an object's fields does not matter.
 * @throws Error with both values
 */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [canonical(actual), canonical(expected)];
  if (left !== right) throw new Error(`${what}\n  is       ${left}\n  expected ${right}`);
}

/** Expects a promise to reject. */
export async function assertRejects(promise: Promise<unknown>, what: string): Promise<void> {
  let rejected = false;
  await promise.catch(() => (rejected = true));
  if (!rejected) throw new Error(`${what}: did not reject`);
}

// --- helpers ---

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === undefined) return "[undefined]";
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
