/**
 * Usage as Anthropic counts it: its numbers do not overlap, Google's do (bug 36; fact sheet translation 3.5).
 * @module
 */
import type { Usage } from "../../core/usage.ts";
import type { JsonObject } from "../../translation/types.ts";

/** What is told of an answer's tokens. */
export interface UsageFacts {
  /** Null: Google told none. */
  usage: Usage | null;
  /** Prompt tokens where Google told none. */
  estimatedPromptTokens: number;
  /** Searches that the answer rests on; null: searching was not asked for. */
  searches: number | null;
}

/** `usage` of a message, with all fields: typed clients fail on missing ones. */
export function messageUsage(facts: UsageFacts): JsonObject {
  const priority = facts.usage?.serviceTier?.toLowerCase() === "priority";
  return {
    ...deltaUsage(facts),
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    service_tier: priority ? "priority" : "standard",
  };
}

/** `usage` of the stream's head: nothing was written yet. LangChain adds it to the end's numbers. */
export function startUsage(facts: UsageFacts): JsonObject {
  return { ...messageUsage(facts), output_tokens: 0, output_tokens_details: { thinking_tokens: 0 } };
}

/** `usage` of message_delta: the sums of the whole answer. */
export function deltaUsage({ usage, estimatedPromptTokens, searches }: UsageFacts): JsonObject {
  const cached = usage?.cachedTokens ?? 0;
  const prompt = usage === null ? estimatedPromptTokens : usage.promptTokens - cached + usage.toolUseTokens;
  const thoughts = usage?.thoughtsTokens ?? 0;
  return {
    input_tokens: Math.max(0, prompt),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: (usage?.outputTokens ?? 0) + thoughts,
    output_tokens_details: { thinking_tokens: thoughts },
    server_tool_use: searches === null ? null : { web_search_requests: searches, web_fetch_requests: 0 },
  };
}
