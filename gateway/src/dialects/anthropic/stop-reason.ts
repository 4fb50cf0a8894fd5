/**
 * Google's finish reasons as Anthropic's stop reasons (fact sheet translation 1.7).
 * @module
 */
import type { AnswerEnd, JsonObject } from "../../translation/types.ts";

/** How an answer ended, in Anthropic's words. */
export interface StopFacts {
  reason: "end_turn" | "tool_use" | "max_tokens" | "refusal";
  /** Only with a refusal. */
  details: JsonObject | null;
}

/**
 * The stop reason of a whole answer.
 * @param written what the client was given; thoughts are not visible
 * @returns null: the model failed and there is nothing to show for it, which must not look like a good end (bug 6)
 */
export function stopOf(end: AnswerEnd, written: { hasCalls: boolean; hasVisible: boolean }): StopFacts | null {
  if (end.blockReason !== null) return refusal(end.blockReason, end.finishMessage);
  const reason = end.finishReason;
  // Calls never hide why Google stopped (bug 4), and without a call it is never tool_use (bug 7).
  if (reason === "MAX_TOKENS" || reason === "CONTINUATION") return { reason: "max_tokens", details: null };
  if (reason !== null && refusals.has(reason)) return refusal(reason, end.finishMessage);
  if (written.hasCalls) return { reason: "tool_use", details: null };
  if (reason === null || reason === "STOP" || written.hasVisible) return { reason: "end_turn", details: null };
  return null;
}

// --- helpers ---

const refusals = new Set([
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

function refusal(word: string, message: string | null): StopFacts {
  const explanation = message ?? `Google stopped this answer: ${word}.`;
  return { reason: "refusal", details: { type: "refusal", category: null, explanation } };
}
