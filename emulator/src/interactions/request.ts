/** @module From an Interactions body to the Gemini shape: input of every kind, tools, settings (fact sheet upstream 1.8). */

import { isRefusal } from "../answer/admit-call.ts";
import type { Content, GenerateRequest } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, malformedJson } from "../errors/api-error.ts";
import { readJson } from "../json/read-json.ts";
import { modelId } from "../state/models.ts";
import { fieldsOf, isFields, listOf, textOf } from "./fields.ts";
import { toContents } from "./input.ts";

/** What was asked for. */
export interface InteractionRequest {
  /** Null when an agent is asked. */
  model: string | null;
  agent: string | null;
  input: unknown;
  previousId: string | null;
  continuationToken: string | null;
  /** Name of a managed environment; null for none, or one that is made for the occasion. */
  environment: string | null;
  store: boolean;
  stream: boolean;
  background: boolean;
  /** Without what went before. */
  request: GenerateRequest;
}

/** Parses a body; `before` is what the input may answer, e.g. calls by their ids. */
export function parseInteraction(
  text: string,
  options: { before: (previousId: string) => readonly Content[] | ApiError },
): InteractionRequest | ApiError {
  const read = readJson(text);
  if (!read.ok) return malformedJson(read.reason);
  const { value: body } = read;
  if (!isFields(body)) return malformedJson("Root element must be a message.");
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return invalid(`Unknown parameter '${unknown}'.`);
  const model = textOf(body["model"]);
  const agent = textOf(body["agent"]);
  if ((model === null) === (agent === null)) return invalid("Exactly one of 'model' and 'agent' must be set.");
  const previousId = textOf(body["previous_interaction_id"]);
  const before = previousId === null ? [] : options.before(previousId);
  if (isRefusal(before)) return before;
  const continuationToken = textOf(body["continuation_token"]);
  if (body["input"] === undefined && continuationToken === null) return invalid("'input' must be set.");
  const contents = body["input"] === undefined ? [] : toContents(body["input"], before);
  if (isRefusal(contents)) return contents;
  const store = body["store"] !== false;
  const background = body["background"] === true;
  if (background && !store) return invalid("'background' requires 'store'.");
  return {
    model: model === null ? null : modelId(model),
    agent,
    input: body["input"],
    previousId,
    continuationToken,
    environment: textOf(body["environment"]),
    store,
    stream: body["stream"] === true,
    background,
    request: toRequest(body, contents),
  };
}

/** Model and streaming in a body, for faults and the record. */
export function peekInteraction(text: string): { model: string | null; stream: boolean } {
  const read = readJson(text);
  if (!read.ok || !isFields(read.value)) return { model: null, stream: false };
  const model = textOf(read.value["model"]);
  return { model: model === null ? null : modelId(model), stream: read.value["stream"] === true };
}

// --- helpers ---

const KNOWN = new Set(
  (
    "model agent input system_instruction generation_config agent_config response_format response_mime_type " +
    "response_modalities tools previous_interaction_id store stream background service_tier safety_settings labels " +
    "webhook_config continuation_token environment environment_id cached_content"
  ).split(" "),
);

function invalid(message: string): ApiError {
  return apiError("INVALID_ARGUMENT", message);
}

function toRequest(body: Record<string, unknown>, contents: Content[]): GenerateRequest {
  const instruction = body["system_instruction"];
  const system = textOf(instruction) ?? textOf(fieldsOf(instruction)["text"]);
  const declarations = listOf(body["tools"]).map(fieldsOf);
  const tools = declarations.map(toTool).filter((tool) => Object.keys(tool).length > 0);
  const config = fieldsOf(body["generation_config"]);
  const calling = toCallingConfig(config["tool_choice"]);
  const tier = textOf(body["service_tier"]);
  const cache = textOf(body["cached_content"]);
  return {
    contents,
    ...(system === null ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    ...(tools.length > 0 ? { tools } : {}),
    ...(calling ? { toolConfig: { functionCallingConfig: calling } } : {}),
    generationConfig: toGenerationConfig(body, config),
    ...(tier === null ? {} : { serviceTier: tier }),
    ...(cache === null ? {} : { cachedContent: cache }),
  };
}

function toTool(tool: Record<string, unknown>): NonNullable<GenerateRequest["tools"]>[number] {
  switch (tool["type"]) {
    case "function": {
      const parameters = isFields(tool["parameters"]) ? { parametersJsonSchema: tool["parameters"] } : {};
      const description = textOf(tool["description"]);
      const named = { name: textOf(tool["name"]) ?? "", ...(description === null ? {} : { description }) };
      return { functionDeclarations: [{ ...named, ...parameters }] };
    }
    case "file_search":
      return { fileSearch: { fileSearchStoreNames: listOf(tool["file_search_store_names"]) } };
    case "google_search":
      return { googleSearch: {} };
    case "code_execution":
      return { codeExecution: {} };
    case "url_context":
      return { urlContext: {} };
    default:
      return typeof tool["type"] === "string" ? { [tool["type"]]: {} } : {};
  }
}

function toCallingConfig(choice: unknown): { mode: string; allowedFunctionNames?: string[] } | null {
  if (typeof choice === "string") return { mode: choice.toUpperCase() };
  const allowed = fieldsOf(fieldsOf(choice)["allowed_tools"]);
  const names = listOf(allowed["tools"]).flatMap((name) => textOf(name) ?? []);
  const mode = textOf(allowed["mode"]);
  return mode === null
    ? null
    : { mode: mode.toUpperCase(), ...(names.length > 0 ? { allowedFunctionNames: names } : {}) };
}

function toGenerationConfig(
  body: Record<string, unknown>,
  config: Record<string, unknown>,
): NonNullable<GenerateRequest["generationConfig"]> {
  const level = textOf(config["thinking_level"]);
  const thinkingConfig = {
    ...(level === null ? {} : { thinkingLevel: level }),
    ...(config["thinking_summaries"] === "auto" ? { includeThoughts: true } : {}),
  };
  const format = fieldsOf(
    Array.isArray(body["response_format"]) ? body["response_format"][0] : body["response_format"],
  );
  const schema = isFields(format["schema"]) ? format["schema"] : format;
  const structured = Object.keys(schema).length > 0 && !["text", "audio", "image"].includes(String(format["type"]));
  const limit = config["max_output_tokens"];
  const stops = listOf(config["stop_sequences"]).flatMap((stop) => textOf(stop) ?? []);
  const modalities = listOf(body["response_modalities"]).flatMap((modality) => textOf(modality) ?? []);
  return {
    ...(typeof limit === "number" ? { maxOutputTokens: limit } : {}),
    ...(stops.length > 0 ? { stopSequences: stops } : {}),
    ...(modalities.length > 0 ? { responseModalities: modalities.map((modality) => modality.toUpperCase()) } : {}),
    ...(Object.keys(thinkingConfig).length > 0 ? { thinkingConfig } : {}),
    ...(structured ? { responseMimeType: "application/json", responseJsonSchema: schema } : {}),
  };
}
