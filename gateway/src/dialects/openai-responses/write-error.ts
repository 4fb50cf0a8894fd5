/**
 * The gateway's own errors as the Responses API writes errors (fact sheet translation 2.6).
 * @module
 */
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { errorWords, wholeSeconds, type ErrorFacts } from "../../core/scan/error-words.ts";

/** An answer ready to be sent, without content-length. */
export interface WrittenError {
  status: number;
  /** Flat `[name, value, …]`. */
  headers: string[];
  body: string;
}

/**
 * A whole error answer: `{error: {message, type, param, code}}`. A 429 carries `retry-after` always, since Codex takes one
 * without it for fatal; but not when no wait would help, where that is right.
 */
export function writeError(facts: ErrorFacts): WrittenError {
  const { status, openai } = errorTable[facts.code];
  const headers = ["content-type", "application/json; charset=utf-8"];
  const isHopeless = openai === "insufficient_quota";
  const wait = wholeSeconds(facts.retryAfterSeconds) ?? (status === 429 && !isHopeless ? unknownWaitSeconds : null);
  if (wait !== null) {
    headers.push("retry-after", String(wait));
    if (wait > longestUsefulWaitSeconds) headers.push("x-should-retry", "false");
  }
  const words = errorWords(facts);
  // OpenAI's shape has no place for an id, and people see only the message.
  const message = status >= 500 ? `${words} (request ${facts.requestId})` : words;
  const code = isHopeless ? openai : (openaiCodes[facts.code] ?? facts.code);
  const error = { message, type: openai, param: facts.field ?? null, code };
  return { status, headers, body: `${JSON.stringify({ error })}\n` };
}

// --- helpers ---

/** For waits above this OpenAI's SDKs take a short back-off of their own, so that their repeats all come too early. */
const longestUsefulWaitSeconds = 60;
const unknownWaitSeconds = 10;

/** Codes that clients of this API look for, in place of the gateway's own. */
const openaiCodes: Readonly<Partial<Record<ErrorCode, string>>> = {
  prompt_blocked: "invalid_prompt",
  field_unsupported: "unsupported_parameter",
  client_rate_limited: "rate_limit_exceeded",
  client_concurrency_exceeded: "rate_limit_exceeded",
  credentials_exhausted: "rate_limit_exceeded",
};
