/**
 * What an attempt took from its project's quota.
 * @module
 */
import type { Attempt } from "./attempt.ts";
import type { TapResult } from "./tap-types.ts";

/** No connection: nothing was sent. */
const unsentRules: ReadonlySet<string> = new Set(["network.connect", "timeout.connect"]);

/**
 * Whatever reached Google counts there, also what nobody waited for; a refusal
 * for quota does not. Its own faults (5xx) count in a minute (fact sheet upstream 6) but are given back: a day's count that
 * is too high refuses calls until midnight, one that is too low costs one attempt.
 * @param rule of the verdict that ended it
 * @returns null: nothing; `tokens` null: not told
 */
export function quotaUse(
  attempt: Pick<Attempt, "status">,
  rule: string,
  tapped: TapResult | null,
): { tokens: number | null } | null {
  const { status } = attempt;
  if (status < 0) return unsentRules.has(rule) ? null : { tokens: null };
  if (status === 401 || status === 429 || status >= 500) return null;
  if (status >= 400) return { tokens: 0 };
  const usage = tapped === null ? null : tapped.usage;
  return { tokens: usage === null ? null : usage.promptTokens + usage.toolUseTokens };
}
