/**
 * What can go wrong with an account, as the pool takes it: by which rule, for how long, and what its owner must do.
 * @module
 */
import type { Prepared } from "../core/accounts.ts";
import type { Effect } from "../core/verdict.ts";
import { redact } from "../vault/redact.ts";

/**
 * Why an account cannot serve.
 * - `login`: Google takes its refresh token no more; only its owner can help.
 * - `client`: the OAuth client of the settings is missing or is another one's.
 * - `owner`: Google does not serve this account (licence, region, age, validation) until its owner or administrator acts.
 * - `passing`: time-outs, 5xx, limits: nothing is wrong with the account.
 */
export interface AccountFailure {
  kind: "login" | "client" | "owner" | "passing";
  rule: string;
  /** Redacted, one line, what to do. */
  words: string;
}

/** What came of something that may fail. */
export type AccountResult<Value> = { ok: true; value: Value } | { ok: false; failure: AccountFailure };

/** Words are cut to this: room for a link of Google's, which has hundreds of characters. */
const mostWords = 2_000;
/** Settings may be corrected and licences granted at any time; a look costs nothing. */
const probeAfterMs = { client: 10 * 60_000, owner: 6 * 3_600_000 };

/** Makes a failure. */
export function toFailure(kind: AccountFailure["kind"], rule: string, words: string): AccountFailure {
  return { kind, rule, words: toLine(redact(words)).slice(0, mostWords) };
}

/** A failed result. */
export function failed(
  kind: AccountFailure["kind"],
  rule: string,
  words: string,
): { ok: false; failure: AccountFailure } {
  return { ok: false, failure: toFailure(kind, rule, words) };
}

/**
 * As the call's way takes it.
 * @param times `now`, `restMs`: how long a passing fault keeps the account away
 */
export function toPrepared(failure: AccountFailure, times: { now: number; restMs: number }): Prepared & { ok: false } {
  const { kind, rule, words } = failure;
  return { ok: false, rule, words, effects: [toEffect(kind, words, times)] };
}

/** Text on one line, without what a terminal could obey. */
export function toLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

// --- helpers ---

function toEffect(kind: AccountFailure["kind"], words: string, times: { now: number; restMs: number }): Effect {
  const { now, restMs } = times;
  if (kind === "passing")
    return { kind: "cooldown", scope: "credential", untilMs: now + restMs, cause: "overload", words };
  return {
    kind: "disable",
    scope: "credential",
    reason: kind === "owner" ? "not-eligible" : "login-needed",
    probeAtMs: kind === "login" ? null : now + probeAfterMs[kind],
    words,
  };
}
