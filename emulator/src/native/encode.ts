/** @module An answer in the native shape: one object per chunk, or all merged in one (fact sheet upstream 1.2, 6). */

import type { Answer, AnswerChunk, DetailedUsage, Part } from "../answer/gemini-types.ts";

/** The GenerateContentResponse of one chunk. */
export function encodeChunk(answer: Answer, chunk: AnswerChunk): Record<string, unknown> {
  return { ...encodeBody(answer, chunk, chunk.parts), ...encodeTail(answer, chunk.usage) };
}

/** The GenerateContentResponse of the whole answer, as unary calls get it. */
export function encodeWhole(answer: Answer): Record<string, unknown> {
  const last = answer.chunks.at(-1);
  if (!last) return {};
  return { ...encodeBody(answer, last, mergeParts(answer)), ...encodeTail(answer, last.usage) };
}

/** All parts of an answer; texts that follow each other are one, a signature on an empty text moves to the text before. */
export function mergeParts(answer: Answer): Part[] {
  const merged: Part[] = [];
  for (const part of answer.chunks.flatMap((chunk) => chunk.parts)) {
    const before = merged.at(-1);
    const joins = before?.text !== undefined && part.text !== undefined && before.thought === part.thought;
    if (joins && before.thoughtSignature === undefined) {
      merged[merged.length - 1] = { ...before, ...part, text: `${before.text}${part.text}` };
    } else merged.push(part);
  }
  return merged;
}

/** `usageMetadata`: zero counts are left out, members in Google's order. */
function encodeUsage(usage: DetailedUsage, serviceTier: string | null): Record<string, unknown> {
  return {
    promptTokenCount: usage.prompt,
    ...(usage.candidates > 0 ? { candidatesTokenCount: usage.candidates } : {}),
    totalTokenCount: usage.total,
    ...(usage.cached > 0 ? { cachedContentTokenCount: usage.cached } : {}),
    ...details("promptTokensDetails", usage.promptByModality),
    ...(usage.cached > 0 ? details("cacheTokensDetails", usage.cachedByModality ?? { TEXT: usage.cached }) : {}),
    ...details("candidatesTokensDetails", usage.candidatesByModality),
    ...(usage.toolUse > 0 ? { toolUsePromptTokenCount: usage.toolUse } : {}),
    ...(usage.toolUse > 0 ? details("toolUsePromptTokensDetails", { TEXT: usage.toolUse }) : {}),
    ...(usage.thoughts > 0 ? { thoughtsTokenCount: usage.thoughts } : {}),
    ...(serviceTier === null ? {} : { serviceTier }),
  };
}

// --- helpers ---

function encodeBody(answer: Answer, chunk: AnswerChunk, parts: Part[]): Record<string, unknown> {
  if (answer.blockReason !== undefined) return { promptFeedback: { blockReason: answer.blockReason } };
  if (answer.noCandidates) return { candidates: [] };
  const candidate = {
    content: parts.length > 0 ? { parts, role: "model" } : { role: "model" },
    ...(chunk.finishReason === undefined ? {} : { finishReason: chunk.finishReason }),
    ...(chunk.finishMessage === undefined ? {} : { finishMessage: chunk.finishMessage }),
    index: 0,
    ...chunk.candidate,
  };
  return { candidates: [candidate] };
}

function encodeTail(answer: Answer, usage: DetailedUsage): Record<string, unknown> {
  return {
    usageMetadata: encodeUsage(usage, answer.serviceTier),
    modelVersion: answer.modelVersion,
    responseId: answer.responseId,
  };
}

function details(name: string, byModality: Record<string, number>): Record<string, unknown> {
  const list = Object.entries(byModality)
    .filter(([, tokenCount]) => tokenCount > 0)
    .map(([modality, tokenCount]) => ({ modality, tokenCount }));
  return list.length > 0 ? { [name]: list } : {};
}
