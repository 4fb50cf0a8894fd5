/** @module A chat completion request in Gemini's shape (fact sheet upstream 3). */

import type { Content, FunctionDeclaration, GenerateRequest, GenerationConfig, Part } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, badRequest } from "../errors/api-error.ts";
import { checkRequest, toCamelCase } from "../json/check-request.ts";

/** A chat request, understood. */
export interface ChatRequest {
  model: string;
  stream: boolean;
  request: GenerateRequest;
  /** `reasoning_effort`; what it means depends on the model. */
  effort: string | null;
}

/** Reads a parsed body, or gives the 400: unknown fields are refused here, unlike for images. */
export function parseChat(body: Record<string, unknown>): ChatRequest | ApiError {
  const unknown = Object.keys(body).filter((name) => !CHAT_FIELDS.has(name));
  if (unknown.length > 0) return badRequest(unknown.map((name) => ({ description: cannotFind(name) })));
  const messages = body["messages"];
  if (typeof body["model"] !== "string" || body["model"] === "") return invalid("model is not specified");
  if (!Array.isArray(messages) || messages.length === 0) {
    return apiError("INVALID_ARGUMENT", "* GenerateContentRequest.contents: contents is not specified\n");
  }
  const request: GenerateRequest = { contents: [], generationConfig: toConfig(body) };
  const names = new Map<string, string>();
  for (const message of messages as unknown[]) {
    const failed = isMessage(message) ? addMessage(request, message, names) : MALFORMED;
    if (failed) return failed;
  }
  const cachedContent = googleOf(body)?.["cached_content"];
  if (typeof cachedContent === "string") request.cachedContent = cachedContent;
  const failed = addTools(request, body);
  if (failed) return failed;
  const effort = typeof body["reasoning_effort"] === "string" ? body["reasoning_effort"] : null;
  if (effort !== null && request.generationConfig?.thinkingConfig) return MALFORMED;
  // What came through so far has the right names; the table finds wrong types.
  const checked = checkRequest(request, "GenerateContentRequest");
  if (!checked.ok) return badRequest(checked.violations);
  const model = body["model"].replace(/^models\//, "");
  return { model, stream: body["stream"] === true, request: checked.value, effort };
}

// --- helpers ---

interface ChatMessage {
  role?: string;
  content?: string | ChatPart[] | null;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
  extra_content?: { google?: { thought_signature?: string } };
}

interface ChatPart {
  type?: string;
  text?: string;
  image_url?: { url?: string };
  input_audio?: { data?: string; format?: string };
}

interface ToolCall {
  id?: string;
  function?: { name?: string; arguments?: string };
  extra_content?: { google?: { thought_signature?: string } };
}

const MALFORMED = apiError("INVALID_ARGUMENT", "Request contains an invalid argument.");

const CHAT_FIELDS = new Set(
  [
    "audio extra_body frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens",
    "messages modalities model n parallel_tool_calls presence_penalty reasoning_effort response_format seed",
    "service_tier stop stream stream_options temperature tool_choice tools top_logprobs top_p user web_search_options",
  ].flatMap((line) => line.split(" ")),
);

function cannotFind(name: string): string {
  return `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`;
}

function invalid(message: string): ApiError {
  return apiError("INVALID_ARGUMENT", message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRecord);
}

function isMessage(value: unknown): value is ChatMessage {
  if (!isRecord(value)) return false;
  const { content, tool_calls: calls } = value;
  return (
    (content == null || typeof content === "string" || isRecordList(content)) && (calls == null || isRecordList(calls))
  );
}

function addMessage(request: GenerateRequest, message: ChatMessage, names: Map<string, string>): ApiError | null {
  const contents = (request.contents ??= []);
  const parts = toParts(message.content ?? "");
  if (!parts) return MALFORMED;
  const signature = message.extra_content?.google?.thought_signature;
  switch (message.role) {
    case "system":
    case "developer":
      request.systemInstruction = { parts: [...(request.systemInstruction?.parts ?? []), ...parts] };
      return null;
    case "user":
      contents.push({ role: "user", parts });
      return null;
    case "assistant": {
      const calls = (message.tool_calls ?? []).map((call) => toCall(call, names));
      const texts = signature && parts[0] ? [{ ...parts[0], thoughtSignature: signature }, ...parts.slice(1)] : parts;
      contents.push({ role: "model", parts: [...texts, ...calls] });
      return null;
    }
    case "tool":
      return addResult(contents, message, { parts, names });
    default:
      return invalid("Please use a valid role: user, model.");
  }
}

function addResult(
  contents: Content[],
  message: ChatMessage,
  { parts, names }: { parts: Part[]; names: Map<string, string> },
): ApiError | null {
  const id = message.tool_call_id ?? "";
  const name = names.get(id);
  if (name === undefined) return MALFORMED;
  const text = parts.map((part) => part.text ?? "").join("");
  const part: Part = { functionResponse: { id, name, response: toResponse(text) } };
  const last = contents.at(-1);
  if (last?.role === "user" && last.parts?.every(({ functionResponse }) => functionResponse)) last.parts.push(part);
  else contents.push({ role: "user", parts: [part] });
  return null;
}

function toParts(content: string | ChatPart[]): Part[] | null {
  if (typeof content === "string") return content === "" ? [] : [{ text: content }];
  const parts: Part[] = [];
  for (const { type, text, image_url: image, input_audio: audio } of content) {
    const data = /^data:([^;,]+);base64,(.*)$/s.exec(image?.url ?? "");
    if (type === "text") parts.push({ text: text ?? "" });
    else if (type === "image_url" && data) parts.push({ inlineData: { mimeType: data[1] ?? "", data: data[2] ?? "" } });
    else if (type === "image_url" && image?.url)
      parts.push({ fileData: { mimeType: "image/jpeg", fileUri: image.url } });
    else if (type === "input_audio" && audio?.data) {
      parts.push({ inlineData: { mimeType: `audio/${audio.format ?? "wav"}`, data: audio.data } });
    } else return null;
  }
  return parts;
}

function toCall(call: ToolCall, names: Map<string, string>): Part {
  const name = call.function?.name ?? "";
  names.set(call.id ?? "", name);
  const signature = call.extra_content?.google?.thought_signature;
  return {
    functionCall: { ...(call.id ? { id: call.id } : {}), name, args: toResponse(call.function?.arguments ?? "{}") },
    ...(signature ? { thoughtSignature: signature } : {}),
  };
}

function toResponse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON: a plain text result.
  }
  return { result: text };
}

function toConfig(body: Record<string, unknown>): GenerationConfig {
  const config: GenerationConfig = {};
  const limit = body["max_completion_tokens"] ?? body["max_tokens"];
  if (typeof limit === "number") config.maxOutputTokens = limit;
  const stop = body["stop"];
  if (typeof stop === "string") config.stopSequences = [stop];
  else if (Array.isArray(stop)) config.stopSequences = stop.map(String);
  if (typeof body["n"] === "number") config.candidateCount = body["n"];
  if (typeof body["presence_penalty"] === "number") config.presencePenalty = body["presence_penalty"];
  if (typeof body["frequency_penalty"] === "number") config.frequencyPenalty = body["frequency_penalty"];
  addFormat(config, body["response_format"] as { type?: string; json_schema?: { schema?: Record<string, unknown> } });
  const thinking = googleOf(body)?.["thinking_config"] as Record<string, unknown> | undefined;
  if (thinking) config.thinkingConfig = mapKeys(thinking);
  return config;
}

function googleOf(body: Record<string, unknown>): Record<string, unknown> | undefined {
  const extra = body["extra_body"];
  const google = isRecord(extra) ? extra["google"] : undefined;
  return isRecord(google) ? google : undefined;
}

function addFormat(
  config: GenerationConfig,
  format: { type?: string; json_schema?: { schema?: Record<string, unknown> } } | undefined,
): void {
  if (format?.type !== "json_object" && format?.type !== "json_schema") return;
  config.responseMimeType = "application/json";
  if (format.json_schema?.schema) config.responseJsonSchema = format.json_schema.schema;
}

function mapKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [toCamelCase(name), value]));
}

function addTools(request: GenerateRequest, body: Record<string, unknown>): ApiError | null {
  const tools = body["tools"];
  if (!Array.isArray(tools) || tools.length === 0) return null;
  const functionDeclarations: FunctionDeclaration[] = [];
  for (const tool of tools as unknown[]) {
    const declared = isRecord(tool) ? tool["function"] : null;
    if (!isRecord(declared)) return MALFORMED;
    const { name, description, parameters } = declared;
    functionDeclarations.push({
      name: typeof name === "string" ? name : "",
      ...(typeof description === "string" ? { description } : {}),
      ...(isRecord(parameters) ? { parametersJsonSchema: parameters } : {}),
    });
  }
  request.tools = [{ functionDeclarations }];
  const choice = body["tool_choice"];
  const name = (choice as { function?: { name?: string } } | undefined)?.function?.name;
  const mode = name !== undefined || choice === "required" ? "ANY" : choice === "none" ? "NONE" : "AUTO";
  request.toolConfig = {
    functionCallingConfig: { mode, ...(name === undefined ? {} : { allowedFunctionNames: [name] }) },
  };
  return null;
}
