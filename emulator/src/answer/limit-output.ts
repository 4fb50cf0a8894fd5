/** @module Ends an answer early: stop sequences, and `maxOutputTokens`, against which thoughts count too (fact sheet upstream 8). */

import type { Model } from "../state/models.ts";
import { countPartTokens } from "./count-tokens.ts";
import type { Draft, GenerationConfig } from "./gemini-types.ts";

/** Cuts drafts where the limits fall and says why the answer ended. */
export function limitOutput(
  drafts: Draft[],
  config: GenerationConfig,
  model: Model,
): { drafts: Draft[]; finishReason: "STOP" | "MAX_TOKENS" } {
  const stopped = stopAt(drafts, config.stopSequences ?? []);
  let room = config.maxOutputTokens ?? model.outputTokenLimit;
  const kept: Draft[] = [];
  for (const draft of stopped) {
    if (draft.thoughts > room) {
      kept.push({ ...draft, parts: [], thoughts: room });
      return { drafts: kept, finishReason: "MAX_TOKENS" };
    }
    room -= draft.thoughts;
    const visible = draft.parts.filter((part) => !part.thought);
    const tokens = visible.reduce((sum, part) => sum + countPartTokens(part).tokens, 0);
    if (tokens > room) {
      const text = visible.length === 1 ? visible[0]?.text?.slice(0, room * 4) : undefined;
      if (text || kept.length === 0 || draft.thoughts > 0) kept.push({ ...draft, parts: text ? [{ text }] : [] });
      return { drafts: kept, finishReason: "MAX_TOKENS" };
    }
    room -= tokens;
    kept.push(draft);
  }
  return { drafts: kept, finishReason: "STOP" };
}

// --- helpers ---

// Sequences that span two chunks are found too: the search runs over the text so far.
function stopAt(drafts: Draft[], sequences: readonly string[]): Draft[] {
  if (sequences.length === 0) return drafts;
  const texts = drafts.map(({ parts }) => parts.map((part) => (part.thought ? "" : (part.text ?? ""))).join(""));
  const whole = texts.join("");
  const places = sequences.map((sequence) => whole.indexOf(sequence)).filter((place) => place >= 0);
  if (places.length === 0) return drafts;
  let left = Math.min(...places);
  const kept: Draft[] = [];
  for (const [index, draft] of drafts.entries()) {
    const length = texts[index]?.length ?? 0;
    if (length > left) {
      if (left > 0 || kept.length === 0) kept.push({ ...draft, parts: [{ text: texts[index]?.slice(0, left) ?? "" }] });
      return kept;
    }
    left -= length;
    kept.push(draft);
  }
  return kept;
}
