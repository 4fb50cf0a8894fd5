/** @module From a checked request to a whole answer: parts, thoughts, signatures, limits, and what each chunk has used so far. */

import type { ScriptedAnswer } from "../state/script-types.ts";
import type { Ids } from "../state/ids.ts";
import type { Model } from "../state/models.ts";
import { requiresSignatures } from "./check-turns.ts";
import type { TokensByModality } from "./count-tokens.ts";
import { countPartTokens, countTextTokens, sumTokens } from "./count-tokens.ts";
import { defaultParts, lastUserText } from "./default-parts.ts";
import type { Answer, AnswerChunk, DetailedUsage, Draft, GenerateRequest } from "./gemini-types.ts";
import { makeSignature } from "./signatures.ts";
import { splitText } from "./split-text.ts";
import { limitOutput } from "./limit-output.ts";

/** What an answer is made of. */
export interface AnswerOptions {
  request: GenerateRequest;
  model: Model;
  project: string;
  promptTokens: TokensByModality;
  /** Those of them that a cache holds. @default none */
  cachedTokens?: TokensByModality;
  ids: Ids;
  scripted?: ScriptedAnswer | undefined;
  /** Tokens per second; undefined means no pause between chunks. */
  tokenRate?: number | undefined;
}

/** Makes the answer. Nothing is random but the ids: the same request gets the same text, chunks and counts. */
export function makeAnswer(options: AnswerOptions): Answer {
  const { model, request, scripted, ids, project } = options;
  const responseId = ids.response();
  const base = baseUsage(options);
  const answer: Answer = {
    modelVersion: model.modelVersion,
    responseId,
    serviceTier: model.generation >= 3 ? (request.serviceTier ?? "standard").toLowerCase() : null,
    chunks: [],
  };
  if (scripted?.blockReason !== undefined) {
    answer.blockReason = scripted.blockReason;
    answer.chunks.push({ parts: [], usage: withScripted(base, scripted), delayMs: 0 });
    return answer;
  }
  const drafts = scripted?.parts || scripted?.chunks ? scriptedDrafts(scripted) : defaultDrafts(options);
  if (!scripted?.verbatim) decorate(drafts, { model, project, responseId, ids });
  const limited = limitOutput(drafts, request.generationConfig ?? {}, model);
  answer.chunks = toChunks(limited.drafts, base, options);
  const last = answer.chunks.at(-1);
  if (last) {
    last.finishReason = scripted?.finishReason ?? limited.finishReason;
    if (scripted?.finishMessage !== undefined) last.finishMessage = scripted.finishMessage;
    if (scripted?.candidate) last.candidate = scripted.candidate;
    if (scripted?.usage) last.usage = withScripted(last.usage, scripted);
  }
  return answer;
}

// --- helpers ---

function baseUsage({ promptTokens, cachedTokens = {}, scripted }: AnswerOptions): DetailedUsage {
  const prompt = sumTokens(promptTokens);
  const wanted = scripted?.usage?.cached;
  const cached = wanted ?? sumTokens(cachedTokens);
  return {
    prompt,
    cached,
    candidates: 0,
    thoughts: 0,
    toolUse: 0,
    total: prompt,
    promptByModality: promptTokens,
    ...(wanted === undefined && cached > 0 ? { cachedByModality: cachedTokens } : {}),
    candidatesByModality: {},
  };
}

function withScripted(usage: DetailedUsage, { usage: wanted = {} }: ScriptedAnswer): DetailedUsage {
  const counts = { ...usage, ...wanted };
  counts.total = wanted.total ?? counts.prompt + counts.candidates + counts.thoughts + counts.toolUse;
  if (wanted.prompt !== undefined) counts.promptByModality = { TEXT: wanted.prompt };
  return counts;
}

function scriptedDrafts(scripted: ScriptedAnswer): Draft[] {
  const chunks = scripted.chunks ?? (scripted.parts ?? []).map((part) => ({ parts: [part], delayMs: undefined }));
  if (chunks.length === 0) return [{ parts: [], thoughts: 0, delayMs: 0 }];
  return chunks.map(({ parts, delayMs }, index) => {
    const thoughts = parts.filter((part) => part.thought).reduce((sum, part) => sum + countPartTokens(part).tokens, 0);
    return {
      parts: parts.map((part) => ({
        ...part,
        ...(part.functionCall ? { functionCall: { ...part.functionCall } } : {}),
      })),
      thoughts,
      delayMs: delayMs ?? (index === 0 ? 0 : (scripted.chunkDelayMs ?? 0)),
    };
  });
}

function defaultDrafts({ request, model }: AnswerOptions): Draft[] {
  const drafts: Draft[] = [];
  const thought = thoughtText(request, model);
  if (thought !== null) {
    const shown = request.generationConfig?.thinkingConfig?.includeThoughts === true;
    const thoughts = countTextTokens(thought);
    drafts.push({ parts: shown ? [{ text: thought, thought: true }] : [], thoughts, delayMs: 0 });
  }
  for (const part of defaultParts(request, model)) {
    const pieces =
      part.text === undefined ? [part] : splitText(part.text, model.answer.chunks).map((text) => ({ text }));
    for (const piece of pieces) drafts.push({ parts: [piece], thoughts: 0, delayMs: 0 });
  }
  return mergeHiddenThoughts(drafts);
}

// Thoughts that are not shown send no chunk of their own: they appear in the next one's usage.
function mergeHiddenThoughts(drafts: Draft[]): Draft[] {
  const [first, second, ...rest] = drafts;
  if (!first || !second || first.parts.length > 0) return drafts;
  return [{ ...second, thoughts: first.thoughts + second.thoughts }, ...rest];
}

function thoughtText(request: GenerateRequest, model: Model): string | null {
  const { thinkingLevel, thinkingBudget } = request.generationConfig?.thinkingConfig ?? {};
  const level = thinkingLevel?.toLowerCase() ?? (model.modelVersion.includes("lite") ? "minimal" : "medium");
  if (!model.thinking || thinkingBudget === 0) return null;
  const sentences = thinkingBudget !== undefined && thinkingBudget > 0 ? 3 : LEVELS[level];
  if (!sentences) return null;
  const about = lastUserText(request.contents ?? []).slice(0, 80);
  return `**Considering the request**\n\n${`I am looking at “${about}” and deciding what to say. `.repeat(sentences)}\n\n\n`;
}

const LEVELS: Record<string, number> = { minimal: 0, low: 1, medium: 3, high: 6, xhigh: 10 };

// Gemini 3 and later: ids on calls; a signature on the first call of the step, or on a trailing empty text.
function decorate(
  drafts: Draft[],
  { model, project, responseId, ids }: { model: Model; project: string; responseId: string; ids: Ids },
): void {
  if (!requiresSignatures(model)) return;
  const parts = drafts.flatMap((draft) => draft.parts);
  for (const { functionCall } of parts) if (functionCall) functionCall.id ??= ids.call();
  if (parts.some((part) => part.thoughtSignature)) return;
  const signature = makeSignature(project, responseId);
  const firstCall = parts.find((part) => part.functionCall);
  if (firstCall) firstCall.thoughtSignature = signature;
  else if (parts.at(-1)?.text !== undefined) {
    drafts.push({ parts: [{ text: "", thoughtSignature: signature }], thoughts: 0, delayMs: 0 });
  }
}

function toChunks(drafts: Draft[], base: DetailedUsage, { tokenRate }: AnswerOptions): AnswerChunk[] {
  let usage = base;
  return drafts.map(({ parts, thoughts, delayMs }) => {
    usage = { ...usage, candidatesByModality: { ...usage.candidatesByModality } };
    let visible = 0;
    for (const part of parts) {
      if (part.thought) continue;
      const { modality, tokens } = part.inlineData ? { modality: "IMAGE", tokens: 1_290 } : countPartTokens(part);
      visible += tokens;
      if (modality !== "TEXT")
        usage.candidatesByModality[modality] = (usage.candidatesByModality[modality] ?? 0) + tokens;
    }
    usage.candidates += visible;
    usage.thoughts += thoughts;
    usage.total += visible + thoughts;
    const pause = tokenRate ? ((visible + thoughts) / tokenRate) * 1_000 : 0;
    return { parts, usage, delayMs: delayMs + pause };
  });
}
