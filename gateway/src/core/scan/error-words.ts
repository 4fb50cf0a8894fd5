/**
 * Words for why no credential could serve a call, and when one can again. Both dialects' error writers use them.
 * @module
 */
import { errorTable, type ErrorCode } from "../errors.ts";

/** What an error writer is told. */
export interface ErrorFacts {
  code: ErrorCode;
  /** In place of the table's text. */
  message?: string | null | undefined;
  /** The field of the client's body that is at fault, as a path; null: none. @default null */
  field?: string | null | undefined;
  /** The call's id, as in `x-gproxy-request-id`. */
  requestId: string;
  /** Seconds until a repeat makes sense; fractions are rounded up. Null: not known. @default null */
  retryAfterSeconds?: number | null | undefined;
  /** How many credentials are out for which cause (pool). @default null */
  causes?: Readonly<Record<string, number>> | null | undefined;
  /** Epoch milliseconds at which the first of them may serve again. @default null */
  soonestMs?: number | null | undefined;
}

/**
 * The text of an error: what happened, the counted causes, the soonest reset.
 * @returns one line of whole sentences
 */
export function errorWords(facts: ErrorFacts): string {
  const sentences = [facts.message ?? errorTable[facts.code].message];
  const counted = Object.entries(facts.causes ?? {}).filter(([, count]) => count > 0);
  if (counted.length > 0) {
    counted.sort(([, left], [, right]) => right - left);
    sentences.push(
      `Causes: ${counted.map(([cause, count]) => `${count} ${causeWords[cause] ?? cause.replaceAll("-", " ")}`).join(", ")}.`,
    );
  }
  const soonest = timeWords(facts.soonestMs ?? null);
  const wait = wholeSeconds(facts.retryAfterSeconds);
  if (soonest !== null)
    sentences.push(`The first is free again ${wait === null ? "" : `in ${durationWords(wait)}, `}at ${soonest}.`);
  else if (wait !== null) sentences.push(`Try again in ${durationWords(wait)}.`);
  return sentences.join(" ");
}

/**
 * Seconds for `retry-after` and RetryInfo.
 * @returns a whole number of at least 1 (0 would invite a busy loop), or null when not known
 */
export function wholeSeconds(seconds: number | null | undefined): number | null {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return null;
  return Math.max(1, Math.ceil(seconds));
}

/**
 * A time as people and programs read it.
 * @param epochMs milliseconds since the epoch
 * @returns `2026-11-21T08:00:00Z`, rounded up to the second, or null when there is none
 */
export function timeWords(epochMs: number | null): string | null {
  if (epochMs === null || !(Math.abs(epochMs) <= 8.64e15 - 1000)) return null;
  return new Date(Math.ceil(epochMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

// --- helpers ---

const causeWords: Readonly<Record<string, string>> = {
  "minute-quota": "at the minute quota",
  "day-quota": "at the day quota",
  "no-quota": "without quota for this model",
  money: "out of credit or at a spending cap",
  burst: "slowed down by the upstream",
  overload: "resting from an overloaded model",
  location: "refused for the gateway's location",
  "model-missing": "without this model",
  suspect: "resting because too many failed at once",
  "invalid-key": "invalid",
  leaked: "reported as leaked",
  suspended: "suspended",
  denied: "of a project that was denied access",
  "service-disabled": "of a project with the API switched off",
  restricted: "restricted against this use",
  "login-needed": "logged out or without an OAuth client",
  "not-eligible": "not served by Google until an owner or administrator acts",
  off: "switched off by hand",
};

function durationWords(seconds: number): string {
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
