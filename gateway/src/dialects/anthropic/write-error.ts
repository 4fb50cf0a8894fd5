/**
 * The gateway's own errors as Anthropic writes errors (fact sheet translation 3.5).
 * @module
 */
import { errorTable } from "../../core/errors.ts";
import { errorWords, wholeSeconds, type ErrorFacts } from "../../core/scan/error-words.ts";
import { errorJson, errorType, shownStatus } from "./error-types.ts";

/** An answer ready to be sent, without content-length. */
export interface WrittenError {
  status: number;
  /** Flat `[name, value, …]`. */
  headers: string[];
  body: string;
}

/** For waits above this Anthropic's SDKs take a short back-off of their own, so that their repeats all come too early. */
const longestUsefulWaitSeconds = 60;

/**
 * A whole error answer. What is 503 elsewhere is 529 here (`overloaded_error`), which every client repeats; that includes a
 * gateway without a usable key.
 */
export function writeError(facts: ErrorFacts): WrittenError {
  const { status } = errorTable[facts.code];
  const headers = ["content-type", "application/json; charset=utf-8", "request-id", facts.requestId];
  const wait = wholeSeconds(facts.retryAfterSeconds);
  if (wait !== null) {
    headers.push("retry-after", String(wait));
    if (wait > longestUsefulWaitSeconds) headers.push("x-should-retry", "false");
  }
  const words = errorWords(facts);
  // Anthropic names the field in the text; its shape has no other place for it.
  const message = facts.field == null || facts.field === "" ? words : `${facts.field}: ${words}`;
  const body = errorJson({ type: errorType(status), message, requestId: facts.requestId });
  return { status: shownStatus(status), headers, body: `${body}\n` };
}
