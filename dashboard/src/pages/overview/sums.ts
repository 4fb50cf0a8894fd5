/**
 * Figures that are worked out of sums. Pure.
 * @module
 */
import type { Sums } from "../../api/types.ts";
import { shareOf } from "../../lib/format.ts";

/** Calls that failed through no decision of ours or the client's: errors, cut answers, crashes. */
export function failedCalls(sums: Sums): number {
  return sums.errors + sums.incomplete + sums.interrupted;
}

/** Share of calls that failed; null: no call. */
export function errorRate(sums: Sums): number | null {
  return shareOf(failedCalls(sums), sums.calls);
}

/** Of the calls that were tried and not given up by the client: how many went well at once; null: none was tried. */
export function firstTryShare(sums: Sums): number | null {
  return shareOf(sums.firstTry, triedCalls(sums));
}

/** Calls that the gateway let through and the client waited for. */
export function triedCalls(sums: Sums): number {
  return Math.max(0, sums.calls - sums.refused - sums.cancelled);
}

/** Calls that went well. */
export function goodCalls(sums: Sums): number {
  return Math.max(0, triedCalls(sums) - failedCalls(sums));
}

/** Prompt tokens that were not read from a cache. */
export function freshPrompt({ tokens }: Pick<Sums, "tokens">): number {
  return Math.max(0, tokens.prompt - tokens.cached);
}
