/**
 * Errors in the caller's dialect: which writer writes them.
 * @module
 */
import { errorTable } from "../core/errors.ts";
import type { Dialect } from "../core/records.ts";
import { errorWords, wholeSeconds, type ErrorFacts } from "../core/scan/error-words.ts";
import type { StreamFault } from "../translation/types.ts";
import { toAnthropicError } from "../dialects/anthropic/unwrap-error.ts";
import { writeError as writeAnthropicError } from "../dialects/anthropic/write-error.ts";
import { writeError as writeGeminiError } from "../dialects/gemini/write-error.ts";
import { toOpenAiError } from "../dialects/openai-chat/unwrap-error.ts";
import { writeError as writeChatError } from "../dialects/openai-chat/write-error.ts";
import { toResponsesError } from "../dialects/openai-responses/unwrap-error.ts";
import { writeError as writeResponsesError } from "../dialects/openai-responses/write-error.ts";

/** An error answer without its length. */
export interface WrittenAnswer {
  status: number;
  headers: string[];
  body: string;
}

/** An upstream's error in the shape of another dialect. */
export interface ConvertedError {
  status: number;
  body: string;
  /** Whole seconds; null: not told. */
  retryAfterSeconds: number | null;
}

/**
 * One of the gateway's own errors.
 * @param options.arrayWrapped a Gemini stream without `alt=sse` gets its errors in a list
 */
export function writeDialectError(
  dialect: Dialect,
  facts: ErrorFacts,
  options: { arrayWrapped: boolean },
): WrittenAnswer {
  switch (dialect) {
    case "gemini":
      return writeGeminiError({ ...facts, arrayWrapped: options.arrayWrapped });
    case "openai-chat":
      return writeChatError(facts);
    case "openai-responses":
      return writeResponsesError(facts);
    case "anthropic":
      return writeAnthropicError(facts);
  }
}

/**
 * Google's error as the dialect writes errors.
 * @param body redacted
 * @returns null: it passes as it came
 */
export function convertError(
  dialect: Dialect,
  answer: { status: number; body: string; requestId: string },
): ConvertedError | null {
  switch (dialect) {
    case "gemini":
      return null;
    case "openai-chat":
      return toOpenAiError(answer.status, answer.body);
    case "openai-responses":
      return toResponsesError(answer.status, answer.body);
    case "anthropic":
      return toAnthropicError(answer.status, answer.body, answer.requestId);
  }
}

/** The dialect of a call that could not be identified, by what its path looks like. */
export function dialectOfUrl(url: string): Dialect {
  const path = url.split("?")[0] as string;
  if (/\/messages(\/|$)/.test(path)) return "anthropic";
  if (/\/responses(\/|$)/.test(path)) return "openai-responses";
  return /^\/+(api\/gproxy\/)?openai(\/|$)|\/chat\/completions$/.test(path) ? "openai-chat" : "gemini";
}

/** An error of the gateway's own for a stream that has begun. */
export function toFault(facts: ErrorFacts): StreamFault {
  return {
    code: facts.code,
    status: errorTable[facts.code].status,
    message: errorWords(facts),
    requestId: facts.requestId,
    retryAfterSeconds: wholeSeconds(facts.retryAfterSeconds),
  };
}
