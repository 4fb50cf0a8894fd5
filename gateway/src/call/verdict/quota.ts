/**
 * What a 429 means, and until when: by the quota's id, not by text or by count (fact sheet upstream 4.2, 4.4; the order of
 * tests is Gemini CLI's, 7.7).
 * @module
 */
import type { CooldownCause, LearnedLimit } from "../../core/verdict.ts";
import type { GoogleError, QuotaViolation } from "./google-error.ts";
import { findWaitMs, parseDurationMs } from "./durations.ts";
import { nextPacificMidnight, pacificDay } from "../../core/pacific-day.ts";

/** A rest. */
export interface QuotaRest {
  rule: string;
  cause: CooldownCause;
  scope: "project-model" | "project" | "credential-model";
  untilMs: number;
}

/** A day limit's refusal within so long after midnight. */
export const turnRule = "quota.day-turn";
const turnMs = 120_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Of a minute limit without a time. */
const defaultMinuteMs = 60_000;
/** Of a burst; the pool makes it longer while bursts follow each other. */
const burstMs = 10_000;
/** RetryInfo beyond this is no minute limit's. */
const longestMinuteMs = 10 * minuteMs;

/** An account's reset beyond this is not believed. */
const longestAccountMs = 8 * dayMs;

/**
 * Judges a 429 (and what looks like one).
 * @param retryAfterMs of a `retry-after` header, or null
 * @param now epoch milliseconds
 */
export function restOf(error: GoogleError, retryAfterMs: number | null, now: number): QuotaRest {
  const { message, metadata } = error;
  if (/prepay(ment)? credits|credits? (is|are) depleted|spending cap/i.test(message)) {
    // Caps begin anew with the month, but an operator can raise them at any time: asked again in an hour.
    return { rule: "quota.money", cause: "money", scope: "project", untilMs: now + hourMs };
  }
  const told = toldWait(error, retryAfterMs);
  if (error.reason === "QUOTA_EXHAUSTED") return accountQuota(error, told, now);
  const waits = error.violations.map((violation) => restOfViolation(violation, message, { told, now }));
  if (waits.length > 0) return waits.reduce((longest, rest) => (rest.untilMs > longest.untilMs ? rest : longest));
  if (saysZero(message) || metadata["quota_limit_value"] === "0") return noQuota(now);
  const named = metadata["quota_limit"] ?? "";
  if (/PerDay|Daily/i.test(named) || /per day|daily/i.test(message)) return dayQuota(now);
  if (/PerMinute/i.test(named) || /per minute/i.test(message) || told !== null)
    return minuteQuota(now, told ?? defaultMinuteMs);
  return { rule: "quota.burst", cause: "burst", scope: "credential-model", untilMs: now + burstMs };
}

/** Limits to learn from: the numbers Google named. */
export function limitsOf(error: GoogleError): LearnedLimit[] {
  return error.violations
    .filter((violation) => violation.value !== null)
    .map(({ quotaId, quotaMetric, model, value }) => ({
      quotaId,
      quotaMetric,
      model,
      value: value as number,
      window: isDay(quotaId) ? "day" : /PerMinute/i.test(quotaId) ? "minute" : "other",
      kind:
        /token/i.test(quotaId) || /token/i.test(quotaMetric)
          ? "tokens"
          : /request/i.test(quotaId + quotaMetric)
            ? "requests"
            : "other",
    }));
}

// --- helpers ---

function restOfViolation(
  violation: QuotaViolation,
  message: string,
  { told, now }: { told: number | null; now: number },
): QuotaRest {
  if (violation.value === 0 || saysZero(message)) return noQuota(now);
  if (isDay(violation.quotaId)) return dayQuota(now);
  return minuteQuota(now, told ?? defaultMinuteMs);
}

/** Code Assist counts by account and tells when it begins anew (fact sheet upstream 7.6). */
function accountQuota({ metadata }: GoogleError, told: number | null, now: number): QuotaRest {
  const stamp = Date.parse(metadata["quotaResetTimeStamp"] ?? "");
  const wait = stamp > now ? stamp - now : (parseDurationMs(metadata["quotaResetDelay"]) ?? told ?? hourMs);
  const untilMs = now + Math.min(Math.max(wait, 1_000), longestAccountMs);
  return { rule: "quota.account", cause: "day-quota", scope: "credential-model", untilMs };
}

/** Unusable, not busy; looked at again once a day, since tiers change. */
function noQuota(now: number): QuotaRest {
  return { rule: "quota.none", cause: "no-quota", scope: "project-model", untilMs: now + dayMs };
}

/**
 * RetryInfo is misleading here: it says seconds. Just after midnight the day that is used up may still be yesterday's:
 * Google's clock or its counters can be late, and whoever was told to come back at midnight comes then. Nobody rests for a
 * whole day because of that.
 */
function dayQuota(now: number): QuotaRest {
  if (now - pacificDay(now).start < turnMs)
    return { rule: turnRule, cause: "minute-quota", scope: "project-model", untilMs: now + minuteMs };
  return { rule: "quota.day", cause: "day-quota", scope: "project-model", untilMs: nextPacificMidnight(now) };
}

function minuteQuota(now: number, wait: number): QuotaRest {
  const bounded = Math.min(Math.max(wait, 1_000), longestMinuteMs);
  return { rule: "quota.minute", cause: "minute-quota", scope: "project-model", untilMs: Math.ceil(now + bounded) };
}

/** The largest of RetryInfo, "Please retry in" and `retry-after`: they may differ. Null when none is told. */
function toldWait(error: GoogleError, retryAfterMs: number | null): number | null {
  let longest: number | null = null;
  for (const wait of [error.retryDelayMs, findWaitMs(error.message), retryAfterMs])
    if (wait !== null && (longest === null || wait > longest)) longest = wait;
  return longest;
}

function saysZero(message: string): boolean {
  return /limit:\s*0(?!\d|\.\d)/.test(message);
}

function isDay(quotaId: string): boolean {
  return /PerDay|Daily/i.test(quotaId);
}
