/**
 * The response object with all of its keys (fact sheet translation 2.5): SDKs and compliance suites look for each.
 * @module
 */
import type { Usage } from "../../core/usage.ts";
import type { Conversation, JsonObject } from "../../translation/types.ts";
import { isObject } from "./json-values.ts";

/** How a response stands. */
export interface ResponseState {
  status: "in_progress" | "completed" | "incomplete" | "failed";
  output: readonly JsonObject[];
  /** Null: not told yet. */
  usage: JsonObject | null;
  /** Why it failed. */
  error: { code: string; message: string } | null;
  /** Why it is incomplete. */
  reason: "max_output_tokens" | "content_filter" | null;
  /** Epoch seconds; null: it has not ended well. */
  completedAt: number | null;
}

/** Writes response objects of one answer as JSON text. */
export type ResponseWriter = (state: ResponseState) => string;

/**
 * What a response repeats of its request is turned into text once: tools and instructions are most of it, and a stream
 * says it three times.
 * @param facts `createdAt`: epoch seconds
 */
export function createResponseWriter(facts: {
  id: string;
  createdAt: number;
  model: string;
  body: JsonObject;
  conversation: Conversation;
}): ResponseWriter {
  let repeated: string | null = null;
  return (state) => {
    repeated ??= JSON.stringify(echo(facts.body, facts.conversation)).slice(1);
    const own = JSON.stringify({
      id: facts.id,
      object: "response",
      created_at: facts.createdAt,
      completed_at: state.completedAt,
      status: state.status,
      background: false,
      error: state.error,
      incomplete_details: state.reason === null ? null : { reason: state.reason },
      model: facts.model,
      output: state.output,
      usage: state.usage,
    });
    return `${own.slice(0, -1)},${repeated}`;
  };
}

/**
 * Tokens as OpenAI counts them: thoughts are output, what was cached is part of the input (bug 36).
 * @param usage null: not told. Zeros then, since opencode asks again and again without usage (fact sheet translation 2.4)
 */
export function toResponsesUsage(usage: Usage | null): JsonObject {
  const input = (usage?.promptTokens ?? 0) + (usage?.toolUseTokens ?? 0);
  const output = (usage?.outputTokens ?? 0) + (usage?.thoughtsTokens ?? 0);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage?.cachedTokens ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.thoughtsTokens ?? 0 },
    total_tokens: input + output,
  };
}

// --- helpers ---

function echo(body: JsonObject, conversation: Conversation): JsonObject {
  const reasoning = isObject(body["reasoning"]) ? body["reasoning"] : {};
  const text = isObject(body["text"]) ? body["text"] : {};
  return {
    instructions: body["instructions"] ?? null,
    max_output_tokens: conversation.maxOutputTokens,
    max_tool_calls: body["max_tool_calls"] ?? null,
    parallel_tool_calls: body["parallel_tool_calls"] !== false,
    previous_response_id: body["previous_response_id"] ?? null,
    prompt_cache_key: body["prompt_cache_key"] ?? null,
    reasoning: { effort: reasoning["effort"] ?? null, summary: reasoning["summary"] ?? null },
    safety_identifier: body["safety_identifier"] ?? null,
    service_tier: "default",
    store: body["store"] !== false,
    temperature: body["temperature"] ?? 1,
    text: { ...text, format: isObject(text["format"]) ? text["format"] : { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_logprobs: 0,
    top_p: body["top_p"] ?? 1,
    presence_penalty: conversation.sampling.presencePenalty ?? 0,
    frequency_penalty: conversation.sampling.frequencyPenalty ?? 0,
    truncation: "disabled",
    user: body["user"] ?? null,
    metadata: isObject(body["metadata"]) ? body["metadata"] : {},
  };
}
