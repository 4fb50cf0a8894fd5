/**
 * The `x-gproxy-*` request headers that one call may carry (fact sheet compatibility 5, inventory of A and B).
 * Unknown values are ignored: a header of an old client must never break a call.
 * @module
 */
import type { Strategy } from "../pool/types.ts";

/** What one call asks for itself. */
export interface Overrides {
  strategy: Strategy | null;
  maxRetries: number | null;
  /** Retry empty answers, whatever the settings say. */
  retryEmpty: boolean | null;
}

/** None. */
export const noOverrides: Overrides = { strategy: null, maxRetries: null, retryEmpty: null };

const strategies: ReadonlyMap<string, Strategy> = new Map(
  (["round_robin", "least_used", "weighted", "sticky", "sticky_until_error"] as const).map((name) => [name, name]),
);

/**
 * Reads them.
 * @param headers lower-case names without `x-gproxy-`, or null when none was sent
 */
export function parseOverrides(headers: Record<string, string> | null): Overrides {
  if (headers === null) return noOverrides;
  const asked = headers["loadbalance"];
  let strategy = asked === undefined ? null : (strategies.get(asked.trim().toLowerCase()) ?? null);
  if (strategy === null) {
    if (isTrue(headers["prioritize-least-recently-used"])) strategy = "round_robin";
    else if (isTrue(headers["prioritize-least-errors"])) strategy = "least_errors";
    else if (isTrue(headers["prioritize-newer"])) strategy = "newest";
  }
  const most = headers["retry-max"];
  const maxRetries = most !== undefined && /^-?\d{1,3}$/.test(most.trim()) ? Math.max(-1, Number(most)) : null;
  const empty = headers["retry-on-zero-completion-tokens"];
  return { strategy, maxRetries, retryEmpty: empty === undefined ? null : isTrue(empty) };
}

// --- helpers ---

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|yes|on)$/i.test(value.trim());
}
