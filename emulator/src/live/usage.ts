/** @module What a turn of a session costs, and how Live tells it (fact sheet upstream 6, 9). */

import type { TokensByModality } from "../answer/count-tokens.ts";
import { sumTokens } from "../answer/count-tokens.ts";
import type { TokenUsage } from "../answer/gemini-types.ts";

/** Counts of one turn. The prompt is the whole context: it is read again, and billed again, by each turn. */
export interface LiveUsage {
  prompt: TokensByModality;
  response: TokensByModality;
  thoughts: number;
}

/** The counts as the record has them; scripted ones win. */
export function toTokenUsage(usage: LiveUsage, scripted: Partial<TokenUsage> = {}): TokenUsage {
  const counts = {
    prompt: sumTokens(usage.prompt),
    cached: 0,
    candidates: sumTokens(usage.response),
    thoughts: usage.thoughts,
    toolUse: 0,
    ...scripted,
  };
  return { ...counts, total: scripted.total ?? counts.prompt + counts.candidates + counts.thoughts + counts.toolUse };
}

/** `usageMetadata` of a Live message: zero counts are left out. */
export function encodeLiveUsage(usage: LiveUsage, counts: TokenUsage): Record<string, unknown> {
  return {
    promptTokenCount: counts.prompt,
    ...(counts.cached > 0 ? { cachedContentTokenCount: counts.cached } : {}),
    ...(counts.candidates > 0 ? { responseTokenCount: counts.candidates } : {}),
    ...(counts.toolUse > 0 ? { toolUsePromptTokenCount: counts.toolUse } : {}),
    ...(counts.thoughts > 0 ? { thoughtsTokenCount: counts.thoughts } : {}),
    totalTokenCount: counts.total,
    ...details("promptTokensDetails", usage.prompt, counts.prompt),
    ...details("responseTokensDetails", usage.response, counts.candidates),
  };
}

// --- helpers ---

// Details that a script's counts contradict are left out.
function details(name: string, byModality: TokensByModality, sum: number): Record<string, unknown> {
  const list = Object.entries(byModality).filter(([, tokenCount]) => tokenCount > 0);
  if (list.length === 0 || sumTokens(byModality) !== sum) return {};
  return { [name]: list.map(([modality, tokenCount]) => ({ modality, tokenCount })) };
}
