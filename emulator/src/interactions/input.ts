/** @module The input of an interaction as contents: a text, content, or the steps of a conversation (fact sheet upstream 1.8). */

import type { Content, Part } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { fieldsOf, isFields, listOf, textOf } from "./fields.ts";

/**
 * Translates an input; what follows each other in one role is one content.
 * @param before What was said earlier: results name their calls by id.
 */
export function toContents(input: unknown, before: readonly Content[]): Content[] | ApiError {
  const contents: Content[] = [];
  // The signature of a thought is that of the call which follows it.
  let signature: string | null = null;
  for (const [index, item] of listOf(input).entries()) {
    const step = typeof item === "string" ? { type: "text", text: item } : item;
    if (!isFields(step)) return invalid(index, "must be a text, a content or a step");
    const translated = toParts(step, { signature, names: callNames([...before, ...contents]) });
    if (translated === null)
      return invalid(index, `has an unknown type: ${JSON.stringify(step["type"])?.slice(0, 100)}`);
    signature = step["type"] === "thought" ? textOf(step["signature"]) : null;
    append(contents, translated);
  }
  return contents.length > 0 ? contents : apiError("INVALID_ARGUMENT", "'input' must not be empty.");
}

// --- helpers ---

interface Turn {
  role: "user" | "model";
  parts: Part[];
}

interface StepContext {
  signature: string | null;
  /** Id of a call -> its name. */
  names: Map<string, string>;
}

const MEDIA = new Set(["image", "audio", "video", "document"]);
const SERVER_STEP = /_(call|result)$/;

function toParts(step: Record<string, unknown>, context: StepContext): Turn | null {
  const type = textOf(step["type"]);
  if (type === null && step["role"] !== undefined) {
    return { role: step["role"] === "model" ? "model" : "user", parts: contentParts(step["content"]) };
  }
  if (type === null) return null;
  if (type === "text" || MEDIA.has(type)) return { role: "user", parts: contentParts(step) };
  if (type === "user_input") return { role: "user", parts: contentParts(step["content"]) };
  if (type === "model_output") return { role: "model", parts: contentParts(step["content"]) };
  if (type === "thought") return { role: "model", parts: [thoughtPart(step)] };
  if (type === "function_call") return { role: "model", parts: [callPart(step, context)] };
  if (type === "function_result") return { role: "user", parts: [resultPart(step, context)] };
  if (!SERVER_STEP.test(type)) return null;
  // Tools of the server: their steps come back as they were given.
  return { role: "model", parts: [{ toolCall: { toolType: type, args: step } }] };
}

function contentParts(content: unknown): Part[] {
  return listOf(content).map((item): Part => {
    if (typeof item === "string") return { text: item };
    const { type, text, data, uri, mime_type: mime } = fieldsOf(item);
    const mimeType = textOf(mime) ?? `${String(type)}/*`;
    if (textOf(data) !== null) return { inlineData: { mimeType, data: textOf(data) ?? "" } };
    if (textOf(uri) !== null) {
      return { fileData: { fileUri: textOf(uri) ?? "", ...(textOf(mime) === null ? {} : { mimeType }) } };
    }
    return { text: typeof text === "string" ? text : "" };
  });
}

function thoughtPart(step: Record<string, unknown>): Part {
  const summary = contentParts(step["summary"]).map(({ text = "" }) => text);
  const signature = textOf(step["signature"]);
  return { text: summary.join(""), thought: true, ...(signature === null ? {} : { thoughtSignature: signature }) };
}

function callPart(step: Record<string, unknown>, { signature }: StepContext): Part {
  const id = textOf(step["id"]);
  const own = textOf(step["signature"]) ?? signature;
  return {
    functionCall: {
      ...(id === null ? {} : { id }),
      name: textOf(step["name"]) ?? "",
      args: fieldsOf(step["arguments"]),
    },
    ...(own === null ? {} : { thoughtSignature: own }),
  };
}

function resultPart(step: Record<string, unknown>, { names }: StepContext): Part {
  const id = textOf(step["call_id"]);
  const { result } = step;
  const name = textOf(step["name"]) ?? names.get(id ?? "") ?? "";
  const response = isFields(result) ? result : { result: result ?? null };
  return { functionResponse: { ...(id === null ? {} : { id }), name, response } };
}

function callNames(contents: readonly Content[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { parts = [] } of contents) {
    for (const { functionCall } of parts)
      if (functionCall?.id !== undefined) names.set(functionCall.id, functionCall.name);
  }
  return names;
}

function append(contents: Content[], { role, parts }: Turn): void {
  const last = contents.at(-1);
  if (last?.role === role) last.parts?.push(...parts);
  else contents.push({ role, parts });
}

function invalid(index: number, words: string): ApiError {
  return apiError("INVALID_ARGUMENT", `'input[${index}]' ${words}.`);
}
