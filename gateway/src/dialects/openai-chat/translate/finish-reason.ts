/**
 * Why an answer ended, in OpenAI's words (fact sheet translation 1.7). Found out at the end, over the whole answer: newer
 * models send a call and the reason in different chunks (bug 2).
 * @module
 */
import type { AnswerEnd } from "../../../translation/types.ts";

/** OpenAI's words. */
export type FinishReason = "stop" | "length" | "tool_calls" | "function_call" | "content_filter";

/**
 * The reason. Calls change only a clean stop: a cut or filtered answer stays one (bugs 3, 4, 7).
 * @param called the reason for an answer with calls; null: none was written
 */
export function finishReasonOf(end: AnswerEnd, called: "tool_calls" | "function_call" | null): FinishReason {
  if (end.blockReason !== null) return "content_filter";
  const reason = end.finishReason;
  if (reason === null || cleanStops.has(reason)) return called ?? "stop";
  if (cuts.has(reason)) return "length";
  // What is left was asked for again before; it comes here only when a part of the answer was out already.
  return filters.has(reason) ? "content_filter" : "stop";
}

// --- helpers ---

const cleanStops: ReadonlySet<string> = new Set(["STOP", "FINISH_REASON_UNSPECIFIED", ""]);
const cuts: ReadonlySet<string> = new Set(["MAX_TOKENS", "CONTINUATION"]);
const filters: ReadonlySet<string> = new Set([
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
