/**
 * How a response ends, by how Gemini's answer ended (fact sheet translation 1.7, 2.6).
 * @module
 */
import { errorTable } from "../../core/errors.ts";
import type { AnswerEnd, StreamFault } from "../../translation/types.ts";

/** The response's end. */
export type Ending =
  | { status: "completed" }
  | { status: "incomplete"; reason: "max_output_tokens" | "content_filter" }
  | { status: "failed"; error: ResponseFailure };

/** `error` of a failed response. */
export interface ResponseFailure {
  code: string;
  message: string;
}

/**
 * The end, decided over the whole answer and never by a single chunk (bugs 2, 3, 4): calls are told by the output, so they
 * change nothing here. A word that is not known is a failure: a false end would be worse.
 */
export function endingOf(end: AnswerEnd): Ending {
  const { finishReason, blockReason, finishMessage } = end;
  if (blockReason !== null || filterReasons.has(finishReason ?? ""))
    return { status: "incomplete", reason: "content_filter" };
  if (finishReason === null || finishReason === "STOP") return { status: "completed" };
  if (finishReason === "MAX_TOKENS" || finishReason === "CONTINUATION")
    return { status: "incomplete", reason: "max_output_tokens" };
  const words = `The model broke off its answer (${finishReason})${finishMessage === null ? "" : `: ${finishMessage}`}`;
  return { status: "failed", error: { code: "server_error", message: words } };
}

/** What people read in place of an answer that was withheld: Codex shows no refusals, only text. */
export function blockNotice(end: AnswerEnd): string {
  const word = end.blockReason ?? end.finishReason ?? "";
  const words = end.finishMessage === null ? "" : ` ${end.finishMessage}`;
  return `Google's content filter withheld this answer (${word}).${words}`;
}

/**
 * A fault as a client shall take it. Codex repeats `server_error` and `rate_limit_exceeded`, reads the wait out of the
 * message, and gives up with a clear text on the others (fact sheet translation 0.2, 2.6).
 */
export function failureOf(fault: StreamFault): ResponseFailure {
  const { code, status, retryAfterSeconds } = fault;
  const message = `${fault.message} (request ${fault.requestId})`;
  if (code !== null && errorTable[code].openai === "insufficient_quota") return { code: "insufficient_quota", message };
  if (status === 429) {
    const wait =
      retryAfterSeconds === null ? "" : ` Please try again in ${Math.max(1, Math.ceil(retryAfterSeconds))}s.`;
    return { code: "rate_limit_exceeded", message: message + wait };
  }
  if (isTooLong(fault.message)) return { code: "context_length_exceeded", message };
  const isClients = status >= 400 && status < 500 && status !== 408 && status !== 409 && status !== 499;
  return { code: isClients ? "invalid_prompt" : "server_error", message };
}

/** Google's words for a prompt that the model cannot hold. */
export function isTooLong(message: string): boolean {
  return /input token count.*exceeds the maximum/i.test(message);
}

// --- helpers ---

const filterReasons: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "LANGUAGE",
]);
