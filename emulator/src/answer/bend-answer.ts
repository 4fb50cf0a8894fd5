/** @module Faults that change what an answer says: nothing at all, no end, or far too much. */

import type { FaultAction } from "../types.ts";
import { countTextTokens } from "./count-tokens.ts";
import type { Answer, AnswerChunk } from "./gemini-types.ts";

/** Applies `empty` and `bigEventBytes` to an answer. */
export function bendAnswer(answer: Answer, action: FaultAction): Answer {
  const bent = action.bigEventBytes === undefined ? answer : withBigChunk(answer, action.bigEventBytes);
  const last = bent.chunks.at(-1);
  if (!last || action.empty === undefined || action.empty === "no-body") return bent;
  if (action.empty === "no-finish") {
    const { finishReason: _, ...unfinished } = last;
    return { ...bent, chunks: [...bent.chunks.slice(0, -1), unfinished] };
  }
  const { usage } = last;
  const nothing: AnswerChunk = {
    parts: [],
    usage: { ...usage, candidates: 0, candidatesByModality: {}, total: usage.total - usage.candidates },
    delayMs: 0,
  };
  if (action.empty === "no-candidates") return { ...bent, noCandidates: true, chunks: [nothing] };
  return { ...bent, chunks: [{ ...nothing, finishReason: "STOP" }] };
}

// --- helpers ---

function withBigChunk(answer: Answer, bytes: number): Answer {
  const tokens = countTextTokens("x".repeat(bytes));
  const place = Math.max(0, answer.chunks.length - 1);
  const shifted = (chunk: AnswerChunk): AnswerChunk => ({
    ...chunk,
    usage: { ...chunk.usage, candidates: chunk.usage.candidates + tokens, total: chunk.usage.total + tokens },
  });
  const before = answer.chunks.slice(0, place);
  const after = answer.chunks.slice(place).map(shifted);
  const usage = answer.chunks[place - 1]?.usage ?? answer.chunks[0]?.usage;
  if (!usage) return answer;
  const big = shifted({ parts: [{ text: "x".repeat(bytes) }], usage, delayMs: 0 });
  return { ...answer, chunks: [...before, big, ...after] };
}
