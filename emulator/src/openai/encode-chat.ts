/** @module An answer as a chat completion, whole or in chunks (fact sheet upstream 3). */

import type { Answer, AnswerChunk, DetailedUsage, Part } from "../answer/gemini-types.ts";
import { mergeParts } from "../native/encode.ts";
import type { Frame } from "../http/result.ts";

/** What the encoding needs beside the answer. */
export interface ChatEncoding {
  /** The model as the caller named it. */
  model: string;
  /** Seconds since the epoch. */
  created: number;
  /** Digits for the id of a call. */
  digits: () => string;
}

/** The `chat.completion` object; the writer puts its keys in order. */
export function encodeCompletion(answer: Answer, encoding: ChatEncoding): Record<string, unknown> {
  const last = answer.chunks.at(-1);
  const parts = mergeParts(answer);
  const message = toMessage(parts, encoding, { thinking: false });
  const calls = parts.some((part) => part.functionCall);
  const choice = { finish_reason: toFinishReason(last?.finishReason, calls), index: 0, message: message.fields };
  return {
    choices: answer.noCandidates || answer.blockReason !== undefined ? [] : [choice],
    ...envelope(answer, encoding),
    object: "chat.completion",
    ...(last ? { usage: encodeChatUsage(last.usage) } : {}),
  };
}

/** The `chat.completion.chunk` frames; usage comes with the last. */
export function encodeCompletionFrames(answer: Answer, encoding: ChatEncoding): Frame[] {
  let thinking = false;
  let calls = false;
  return answer.chunks.map((chunk: AnswerChunk, index) => {
    const last = index === answer.chunks.length - 1;
    const delta = toMessage(chunk.parts, encoding, { thinking });
    thinking = delta.thinking;
    calls ||= chunk.parts.some((part) => part.functionCall);
    const reason = toFinishReason(chunk.finishReason, calls);
    const choice = { delta: delta.fields, ...(reason ? { finish_reason: reason } : {}), index: 0 };
    const value = {
      choices: answer.noCandidates || answer.blockReason !== undefined ? [] : [choice],
      ...envelope(answer, encoding),
      object: "chat.completion.chunk",
      ...(last ? { usage: encodeChatUsage(chunk.usage) } : {}),
    };
    return { value, usage: chunk.usage, delayMs: chunk.delayMs };
  });
}

/** `usage`: completion tokens leave thinking out, the total has it. */
function encodeChatUsage(usage: DetailedUsage): Record<string, unknown> {
  return {
    completion_tokens: usage.candidates,
    prompt_tokens: usage.prompt,
    prompt_tokens_details: { cached_tokens: usage.cached },
    total_tokens: usage.total,
  };
}

// --- helpers ---

const FINISH_REASONS: Record<string, string> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  CONTINUATION: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
};

function envelope(answer: Answer, { created, model }: ChatEncoding): Record<string, unknown> {
  return { created, id: answer.responseId, model };
}

function toFinishReason(reason: string | undefined, calls: boolean): string | undefined {
  if (reason === undefined) return undefined;
  if (calls && reason === "STOP") return "tool_calls";
  return FINISH_REASONS[reason] ?? "stop";
}

// Thoughts are wrapped in <thought>, closed by the first text that is not one.
function toMessage(
  parts: Part[],
  encoding: ChatEncoding,
  { thinking }: { thinking: boolean },
): { fields: Record<string, unknown>; thinking: boolean } {
  let content = "";
  let open = thinking;
  let signature: string | undefined;
  const calls: Record<string, unknown>[] = [];
  for (const part of parts) {
    if (part.thought && !open) content += "<thought>";
    if (!part.thought && open) content += "</thought>";
    open = part.thought === true;
    content += part.text ?? "";
    if (part.functionCall) calls.push(toToolCall(part, encoding));
    else signature = part.thoughtSignature ?? signature;
  }
  const google = {
    ...(parts.length > 0 && parts.every((part) => part.thought) ? { thought: true } : {}),
    ...(signature === undefined ? {} : { thought_signature: signature }),
  };
  const fields = {
    ...(content === "" ? {} : { content }),
    ...(Object.keys(google).length > 0 ? { extra_content: { google } } : {}),
    role: "assistant",
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return { fields, thinking: open };
}

// No `index`, arguments whole: clients that need more are served by the proxy, not by Google.
function toToolCall({ functionCall, thoughtSignature }: Part, { digits }: ChatEncoding): Record<string, unknown> {
  return {
    ...(thoughtSignature === undefined ? {} : { extra_content: { google: { thought_signature: thoughtSignature } } }),
    function: { arguments: JSON.stringify(functionCall?.args ?? {}), name: functionCall?.name ?? "" },
    id: `function-call-${digits()}`,
    type: "function",
  };
}
