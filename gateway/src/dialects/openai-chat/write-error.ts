/**
 * The gateway's own errors as OpenAI writes errors.
 * @module
 */
import { errorTable } from "../../core/errors.ts";
import { errorWords, wholeSeconds, type ErrorFacts } from "../../core/scan/error-words.ts";

/** An answer ready to be sent, without content-length. */
export interface WrittenError {
  status: number;
  /** Flat `[name, value, …]`. */
  headers: string[];
  body: string;
}

/** For waits above this OpenAI's SDKs take a short back-off of their own, so that their repeats all come too early. */
const longestUsefulWaitSeconds = 60;

/**
 * A whole error answer. A 429 should carry `retryAfterSeconds` whenever a time is known: Codex takes one without
 * `retry-after` for fatal (fact sheet translation 0.2).
 */
export function writeError(facts: ErrorFacts): WrittenError {
  const { status } = errorTable[facts.code];
  const headers = ["content-type", "application/json; charset=utf-8"];
  const wait = wholeSeconds(facts.retryAfterSeconds);
  if (wait !== null) {
    headers.push("retry-after", String(wait));
    if (wait > longestUsefulWaitSeconds) headers.push("x-should-retry", "false");
  }
  return { status, headers, body: `${errorText(facts)}\n` };
}

/**
 * The event that ends a stream of which bytes are out already. `[DONE]` must not follow it: that would be a false end
 * (fact sheet translation 1.10).
 * @param facts.midEvent the bytes sent so far end inside an event: that one is ended first, so that the error stands
 * alone. @default false
 */
export function writeStreamError(facts: ErrorFacts & { midEvent?: boolean | undefined }): string {
  return `${facts.midEvent === true ? "\n\n" : ""}data: ${errorText(facts)}\n\n`;
}

// --- helpers ---

function errorText(facts: ErrorFacts): string {
  const definition = errorTable[facts.code];
  const words = errorWords(facts);
  // OpenAI's shape has no place for an id, and people see only the message.
  const message = definition.status >= 500 ? `${words} (request ${facts.requestId})` : words;
  return JSON.stringify({ error: { message, type: definition.openai, param: facts.field ?? null, code: facts.code } });
}
