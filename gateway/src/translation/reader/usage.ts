/**
 * `usageMetadata` in the gateway's one shape (fact sheet upstream 6). The tap reads the same from bytes; this is for an
 * object that is parsed already.
 * @module
 */
import type { Usage, UsageModalities } from "../../core/usage.ts";
import type { JsonObject } from "../types.ts";
import { toCount, toList, toObject, toText } from "./wire.ts";

/** @param wire `usageMetadata`; what is absent is 0 */
export function toUsage(wire: JsonObject): Usage {
  const read = (camel: string, snake: string): unknown => wire[camel] ?? wire[snake];
  const promptTokens = toCount(read("promptTokenCount", "prompt_token_count"));
  const outputTokens = toCount(read("candidatesTokenCount", "candidates_token_count"));
  const thoughtsTokens = toCount(read("thoughtsTokenCount", "thoughts_token_count"));
  const toolUseTokens = toCount(read("toolUsePromptTokenCount", "tool_use_prompt_token_count"));
  const total = read("totalTokenCount", "total_token_count");
  return {
    promptTokens,
    cachedTokens: toCount(read("cachedContentTokenCount", "cached_content_token_count")),
    outputTokens,
    thoughtsTokens,
    toolUseTokens,
    totalTokens: total === undefined ? promptTokens + outputTokens + thoughtsTokens + toolUseTokens : toCount(total),
    modalities: toModalities({
      prompt: read("promptTokensDetails", "prompt_tokens_details"),
      cached: read("cacheTokensDetails", "cache_tokens_details"),
      output: read("candidatesTokensDetails", "candidates_tokens_details"),
    }),
    serviceTier: toText(read("serviceTier", "service_tier")),
  };
}

// --- helpers ---

function toModalities(details: Readonly<Record<keyof UsageModalities, unknown>>): UsageModalities | null {
  const modalities: UsageModalities = {};
  for (const kind of ["prompt", "cached", "output"] as const) {
    const counts = toCounts(toList(details[kind]));
    if (counts !== null) modalities[kind] = counts;
  }
  return Object.keys(modalities).length === 0 ? null : modalities;
}

function toCounts(details: readonly unknown[]): Record<string, number> | null {
  if (details.length === 0) return null;
  const counts: Record<string, number> = {};
  for (const detail of details) {
    const entry = toObject(detail);
    const modality = entry?.["modality"];
    if (entry === null || typeof modality !== "string") continue;
    // Upper case cannot reach the prototype.
    const name = modality.toUpperCase();
    counts[name] = (counts[name] ?? 0) + toCount(entry["tokenCount"] ?? entry["token_count"]);
  }
  return counts;
}
