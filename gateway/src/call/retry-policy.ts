/**
 * Whether, and when, a judged outcome is tried again. The verdict says what would help; this says what is allowed:
 * before the commit point only, within a number, a deadline and a budget (fact sheet peers B 2.3: Envoy's retry budget).
 * @module
 */
import type { Verdict } from "../core/verdict.ts";
import type { Settings } from "../settings/types.ts";

/** At most this many attempts a call, whatever the settings say. */
const attemptCap = 50;
/** Transient retries that are always allowed, however few calls are open. */
const minimumBudget = 10;
const longestBackoffMs = 8_000;

/** What a decision rests on. */
export interface RetryFacts {
  verdict: Verdict;
  /** Attempts made, this one included. */
  attempts: number;
  /** Retries made by this verdict's rule so far, and by transient rules so far. */
  sameRule: number;
  transient: number;
  /** Milliseconds since the call began. */
  elapsedMs: number;
  /** `x-gproxy-retry-max` of the request, or null. */
  maxRetries: number | null;
  /** The body can be sent again. */
  replayable: boolean;
  open: { calls: number; retrying: number };
  /** [0, 1) */
  random: number;
}

/**
 * Decides.
 * @returns milliseconds to wait before the next attempt, or null for no more attempts
 */
export function nextTryIn(facts: RetryFacts, settings: Settings): number | null {
  const { verdict } = facts;
  if (verdict.retry === "no" || !facts.replayable) return null;
  if (facts.attempts >= attemptCap) return null;
  const most = facts.maxRetries ?? settings.maxRetries;
  if (most >= 0 && facts.attempts > most) return null;
  if (facts.sameRule >= verdict.maxRetries) return null;
  if (facts.elapsedMs >= settings.retryDeadlineMs) return null;
  if (verdict.retry === "other" || isRefusal(verdict)) return 0;
  if (verdict.rule === "empty" ? facts.sameRule >= settings.emptyRetries : facts.transient >= settings.transientRetries)
    return null;
  const budget = Math.max(minimumBudget, facts.open.calls * settings.retryBudget);
  if (facts.open.retrying >= budget) return null;
  // Full jitter on the upper half: spreads calls that failed together, yet never retries at once.
  const backoff = Math.min(longestBackoffMs, verdict.backoffMs * 2 ** facts.transient);
  const wait = backoff * (0.5 + facts.random / 2);
  return facts.elapsedMs + wait > settings.retryDeadlineMs ? null : wait;
}

// --- helpers ---

/**
 * Google did nothing but refuse, and the next attempt is another request: with a new token, with another schema. When a
 * token ends under load many calls are refused at once; they wait for one refresh, and add no load to a faulty upstream.
 */
function isRefusal({ fault }: Verdict): boolean {
  return fault === "credential" || fault === "gateway";
}
