/** @module The OpenAI surface: chat, embeddings, models, images (fact sheet upstream 3). */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { answerCall } from "../answer/answer-call.ts";
import { countTextTokens } from "../answer/count-tokens.ts";
import { PIXEL } from "../answer/default-parts.ts";
import { embedText } from "../answer/embed-text.ts";
import type { GenerateRequest, TokenUsage } from "../answer/gemini-types.ts";
import { zeroUsage } from "../answer/gemini-types.ts";
import { apiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import type { Model } from "../state/models.ts";
import { modelId } from "../state/models.ts";
import type { Call } from "../http/call.ts";
import { encodeCompletion, encodeCompletionFrames } from "./encode-chat.ts";
import type { ChatRequest } from "./parse-chat.ts";
import { parseChat } from "./parse-chat.ts";
import { ok, parseObject, refuse } from "./envelope.ts";
import { toThinkingConfig } from "./reasoning-effort.ts";

/** `POST chat/completions`. */
export function serveChat(call: Call): Result {
  const body = parseObject(call.body);
  if (isRefusal(body)) return refuse(body);
  const chat = parseChat(body);
  const model = findModel(call, isRefusal(chat) ? nameOf(body) : chat.model, "generateContent");
  if (isRefusal(model)) return refuse(isRefusal(chat) ? chat : model);
  if (isRefusal(chat)) return refuse(admitCall(call, model, 0) ?? chat);
  const answer = answerCall(call, { request: withEffort(chat, model), model, stream: chat.stream });
  if (isRefusal(answer)) return refuse(answer);
  const { ids } = call.world;
  const encoding = {
    model: model.modelVersion,
    created: Math.floor(call.world.now() / 1_000),
    digits: () => ids.digits(),
  };
  if (chat.stream) {
    const frames = encodeCompletionFrames(answer, encoding);
    return { kind: "frames", framing: "openai", frames, ends: call.action.empty !== "no-finish" };
  }
  const delayMs = answer.chunks.reduce((sum, chunk) => sum + chunk.delayMs, 0);
  return ok(encodeCompletion(answer, encoding), answer.chunks.at(-1)?.usage ?? null, delayMs);
}

/** `POST embeddings`. */
export function serveEmbeddings(call: Call): Result {
  const body = parseObject(call.body);
  if (isRefusal(body)) return refuse(body);
  const model = findModel(call, nameOf(body), "embedContent");
  if (isRefusal(model)) return refuse(model);
  const inputs = (Array.isArray(body["input"]) ? body["input"] : [body["input"]]) as unknown[];
  const texts = inputs.filter((input) => typeof input === "string");
  const prompt = texts.reduce((sum, text) => sum + countTextTokens(text), 0);
  const refused = admitCall(call, model, prompt) ?? (texts.length === inputs.length ? null : INVALID);
  if (refused) return refuse(refused);
  const dimensions = typeof body["dimensions"] === "number" ? body["dimensions"] : undefined;
  const base64 = body["encoding_format"] === "base64";
  const data = texts.map((text, index) => {
    const vector = embedText(text, dimensions);
    const embedding = base64 ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector;
    return { embedding, index, object: "embedding" };
  });
  const usage = { prompt_tokens: prompt, total_tokens: prompt };
  return ok({ data, model: model.modelVersion, object: "list", usage }, { ...zeroUsage(), prompt, total: prompt });
}

/** `POST images/generations`; fields it does not know are ignored. */
export function serveImages(call: Call): Result {
  const body = parseObject(call.body);
  if (isRefusal(body)) return refuse(body);
  const model = findModel(call, nameOf(body), "generateContent");
  if (isRefusal(model)) return refuse(model);
  const prompt = countTextTokens(typeof body["prompt"] === "string" ? body["prompt"] : "");
  const refused = admitCall(call, model, prompt) ?? (model.image && body["prompt"] ? null : INVALID);
  if (refused) return refuse(refused);
  const count = typeof body["n"] === "number" ? Math.min(4, Math.max(1, body["n"])) : 1;
  const candidates = 1_290 * count;
  const data = Array.from({ length: count }, () => ({ b64_json: PIXEL }));
  const usage: TokenUsage = { ...zeroUsage(), prompt, candidates, total: prompt + candidates };
  return ok({ created: Math.floor(call.world.now() / 1_000), data }, usage);
}

/** `GET models`. */
export function serveOpenaiModels(call: Call): Result {
  const visible = [...call.world.models.values()].filter(
    (model) => model.name.startsWith("models/") && (model.onlyProjects?.includes(call.project.id) ?? true),
  );
  return ok({ data: visible.map(toModelObject), object: "list" });
}

/** `GET models/{id}`. */
export function serveOpenaiModel(call: Call): Result {
  const model = call.world.models.get(call.route.model ?? "");
  if (model && (model.onlyProjects?.includes(call.project.id) ?? true)) return ok(toModelObject(model));
  return refuse(apiError("NOT_FOUND", `Model is not found: models/${call.route.model} for api version v1main`));
}

/** The model that a body names, for faults and the record; null when it names none. */
export function modelInBody(body: string): { model: string | null; stream: boolean } {
  const value = parseObject(body);
  if (isRefusal(value)) return { model: null, stream: false };
  return { model: nameOf(value) || null, stream: value["stream"] === true };
}

// --- helpers ---

const INVALID = apiError("INVALID_ARGUMENT", "Request contains an invalid argument.");

function withEffort({ request, effort }: ChatRequest, model: Model): GenerateRequest {
  const thinkingConfig = effort === null ? undefined : toThinkingConfig(effort, model);
  return thinkingConfig ? { ...request, generationConfig: { ...request.generationConfig, thinkingConfig } } : request;
}

function nameOf(body: Record<string, unknown>): string {
  return typeof body["model"] === "string" ? modelId(body["model"]) : "";
}

function toModelObject(model: Model): Record<string, unknown> {
  return { display_name: model.displayName, id: model.name, object: "model", owned_by: "google" };
}
