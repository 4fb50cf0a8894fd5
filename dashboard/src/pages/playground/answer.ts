/**
 * What an answer says, put together from its events: text, thoughts, calls of functions, why it ended, what it used.
 * Anything may come; only what is understood is shown, as text.
 * @module
 */
import type { PlaygroundDialect } from "./request.ts";

/** An answer as far as it has come. */
export interface Answer {
  text: string;
  thoughts: string;
  /** Function calls, as JSON text each. */
  calls: string[];
  finishReason: string | null;
  /** Error message of the answer or of an event in it. */
  error: string | null;
  /** `promptTokenCount`, `total_tokens` … as the dialect tells them. */
  usage: Record<string, number>;
  /** Kinds of content that are not shown: pictures, audio. */
  other: string[];
}

/** Most characters of text that are kept. */
const mostText = 4_000_000;

/** @returns an answer with nothing in it */
export function emptyAnswer(): Answer {
  return { text: "", thoughts: "", calls: [], finishReason: null, error: null, usage: {}, other: [] };
}

/**
 * Adds one event, or a whole answer that was not streamed.
 * @param answer so far; it is not changed
 * @param piece the dialect that was asked in, and the JSON text
 * @returns the answer with it; text that is no JSON (`[DONE]`) adds nothing
 */
export function addToAnswer(answer: Answer, piece: { dialect: PlaygroundDialect; data: string }): Answer {
  let value: unknown;
  try {
    value = JSON.parse(piece.data);
  } catch {
    return answer;
  }
  const next: Answer = { ...answer, calls: [...answer.calls], other: [...answer.other], usage: { ...answer.usage } };
  // Google's OpenAI surface and its JSON arrays wrap objects in a list.
  for (const one of Array.isArray(value) ? value : [value])
    if (isObject(one)) {
      const error = errorOf(one);
      if (error !== null) next.error = error;
      else if (piece.dialect === "openai-responses") addResponses(next, one);
      else if (piece.dialect === "anthropic") addMessages(next, one);
      else if (Array.isArray(one["choices"]) || piece.dialect === "openai-chat") addOpenai(next, one);
      else addGemini(next, one);
    }
  return next;
}

/** @returns the message of an error body in any dialect, or null */
export function errorOf(body: unknown): string | null {
  const value = Array.isArray(body) ? (body[0] as unknown) : body;
  if (!isObject(value)) return null;
  // The Responses API's event has the message itself.
  const error = value["type"] === "error" && isText(value["message"]) ? { ...value, type: null } : value["error"];
  if (typeof error === "string") return error;
  if (!isObject(error)) return null;
  const name = [error["status"], error["code"], error["type"]].find((one) => typeof one === "string");
  const message = typeof error["message"] === "string" ? error["message"] : JSON.stringify(error);
  return name === undefined ? message : `${String(name)}: ${message}`;
}

// --- helpers ---

function addGemini(answer: Answer, value: Record<string, unknown>): void {
  const candidate = first(value["candidates"]);
  const parts = isObject(candidate?.["content"]) ? candidate["content"]["parts"] : null;
  for (const part of Array.isArray(parts) ? (parts as unknown[]) : []) {
    if (!isObject(part)) continue;
    if (typeof part["text"] === "string") {
      if (part["thought"] === true) answer.thoughts = join(answer.thoughts, part["text"]);
      else answer.text = join(answer.text, part["text"]);
    } else if (part["functionCall"] !== undefined) answer.calls.push(JSON.stringify(part["functionCall"], null, 2));
    else answer.other.push(Object.keys(part).filter((key) => key !== "thoughtSignature")[0] ?? "part");
  }
  if (typeof candidate?.["finishReason"] === "string") answer.finishReason = candidate["finishReason"];
  const feedback = value["promptFeedback"];
  if (isObject(feedback) && typeof feedback["blockReason"] === "string")
    answer.finishReason = `prompt blocked: ${feedback["blockReason"]}`;
  addUsage(answer, value["usageMetadata"]);
}

function addOpenai(answer: Answer, value: Record<string, unknown>): void {
  const choice = first(value["choices"]);
  const message = choice?.["delta"] ?? choice?.["message"];
  if (isObject(message)) {
    if (typeof message["content"] === "string") answer.text = join(answer.text, message["content"]);
    const thoughts = message["reasoning_content"] ?? message["reasoning"];
    if (typeof thoughts === "string") answer.thoughts = join(answer.thoughts, thoughts);
    const calls = message["tool_calls"];
    for (const call of Array.isArray(calls) ? (calls as unknown[]) : [])
      if (isObject(call)) answer.calls.push(JSON.stringify(call["function"] ?? call, null, 2));
  }
  if (typeof choice?.["finish_reason"] === "string") answer.finishReason = choice["finish_reason"];
  addUsage(answer, value["usage"]);
}

/** An event of the Responses API, or a whole response. */
function addResponses(answer: Answer, value: Record<string, unknown>): void {
  const { delta, item } = value;
  switch (value["type"]) {
    case "response.output_text.delta":
      if (isText(delta)) answer.text = join(answer.text, delta);
      return;
    case "response.reasoning_summary_text.delta":
      if (isText(delta)) answer.thoughts = join(answer.thoughts, delta);
      return;
    case "response.output_item.done":
      // Messages and thoughts came in deltas.
      if (isObject(item) && item["type"] !== "message" && item["type"] !== "reasoning") addItem(answer, item);
      return;
    default: {
      const response = isObject(value["response"]) ? value["response"] : value;
      if (response === value) for (const one of listOf(value["output"])) if (isObject(one)) addItem(answer, one);
      const details = response["incomplete_details"];
      const reason = isObject(details) && isText(details["reason"]) ? `: ${details["reason"]}` : "";
      if (isText(response["status"]) && response["status"] !== "in_progress")
        answer.finishReason = response["status"] + reason;
      answer.error = errorOf(response) ?? answer.error;
      addUsage(answer, response["usage"]);
    }
  }
}

function addItem(answer: Answer, item: Record<string, unknown>): void {
  const type = isText(item["type"]) ? item["type"] : "item";
  const parts = listOf(type === "reasoning" ? item["summary"] : item["content"]).filter(isObject);
  const text = parts.map((part) => (isText(part["text"]) ? part["text"] : "")).join("");
  if (type === "message") answer.text = join(answer.text, text);
  else if (type === "reasoning") answer.thoughts = join(answer.thoughts, text);
  else if (item["call_id"] !== undefined) answer.calls.push(JSON.stringify(item, null, 2));
  else answer.other.push(type);
}

/** An event of Anthropic's, or a whole message. */
function addMessages(answer: Answer, value: Record<string, unknown>): void {
  const { delta } = value;
  if (value["type"] === "content_block_start") addBlock(answer, value["content_block"]);
  else if (value["type"] === "content_block_delta" && isObject(delta)) {
    if (isText(delta["text"])) answer.text = join(answer.text, delta["text"]);
    if (isText(delta["thinking"])) answer.thoughts = join(answer.thoughts, delta["thinking"]);
    const input = delta["partial_json"];
    if (isText(input) && answer.calls.length > 0) answer.calls.push(join(answer.calls.pop() ?? "", input));
  } else {
    const message = isObject(value["message"]) ? value["message"] : value;
    for (const block of listOf(message["content"])) addBlock(answer, block);
    const stop = message["stop_reason"] ?? (isObject(delta) ? delta["stop_reason"] : null);
    if (isText(stop)) answer.finishReason = stop;
    addUsage(answer, message["usage"]);
  }
}

function addBlock(answer: Answer, block: unknown): void {
  if (!isObject(block)) return;
  const { type, name, input } = block;
  if (isText(block["text"])) answer.text = join(answer.text, block["text"]);
  else if (isText(block["thinking"])) answer.thoughts = join(answer.thoughts, block["thinking"]);
  else if (isText(name)) {
    const known = isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input, null, 2) : "";
    answer.calls.push(`${name} ${known}`);
  } else answer.other.push(isText(type) ? type : "block");
}

function addUsage(answer: Answer, usage: unknown): void {
  if (!isObject(usage)) return;
  for (const [name, count] of Object.entries(usage)) if (typeof count === "number") answer.usage[name] = count;
}

function join(before: string, more: string): string {
  return before.length + more.length > mostText ? before : before + more;
}

function first(list: unknown): Record<string, unknown> | null {
  const value: unknown = Array.isArray(list) ? list[0] : null;
  return isObject(value) ? value : null;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
