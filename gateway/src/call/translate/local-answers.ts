/**
 * Answers of translated calls that need no upstream, or that convert another answer as a whole.
 * @module
 */
import { modelsOfAccounts } from "../../backends/code-assist/models.ts";
import type { Bytes } from "../../core/ports.ts";
import { toAnthropicModel, toAnthropicModels } from "../../dialects/anthropic/models-list.ts";
import { estimateTokens } from "../../dialects/anthropic/estimate-tokens.ts";
import { toOpenAiModels } from "../../dialects/openai-chat/translate/models-list.ts";
import type { CallEnvironment } from "../environment.ts";
import type { Identity } from "../identity.ts";
import { createWholeTranslator, type AnswerTranslator } from "./answer-translator.ts";
import type { TranslatedCall } from "./translated-call.ts";

/** Headers of an answer that was written here. */
export function translatedHeaders(identity: Identity, callId: string): string[] {
  const type = identity.framing === "sse" ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8";
  const headers = ["content-type", type];
  if (identity.stream) headers.push("cache-control", "no-cache");
  if (identity.dialect === "anthropic") headers.push("request-id", callId);
  else if (identity.dialect !== "gemini") headers.push("x-request-id", callId);
  return headers;
}

/** A sign of life before anything was heard. */
export function pingOf(identity: Identity): string {
  return identity.dialect === "anthropic" ? 'event: ping\ndata: {"type":"ping"}\n\n' : ": keepalive\n\n";
}

/** The count of a prompt without asking Google; null: it is to be asked. */
export function countWithoutGoogle(
  identity: Identity,
  call: TranslatedCall,
  { settings }: Pick<CallEnvironment, "settings">,
): string | null {
  if (identity.operation !== "count-tokens" || settings.countTokens !== "estimate") return null;
  return estimatedCount(call);
}

/** `{"input_tokens": N}` by estimate. */
export function estimatedCount(call: TranslatedCall): string {
  return JSON.stringify({ input_tokens: estimateTokens(call.conversation) });
}

/** Converts Google's list of models, or one of them, for Anthropic's clients. */
export function modelsTranslator(identity: Identity, bytes: Bytes): AnswerTranslator {
  return createWholeTranslator(identity.path === "/models" ? toAnthropicModels : toAnthropicModel, bytes);
}

/**
 * The list of models of a gateway that has accounts only: Code Assist has no such list of its own.
 * @returns null: the named model is none of them
 */
export function answerModels(identity: Identity, { clock }: Pick<CallEnvironment, "clock">): string | null {
  const list = modelsOfAccounts();
  const id = /\/models\/([^/?]+)$/.exec(identity.path)?.[1] ?? null;
  const model = id === null ? null : (list.models.find(({ name }) => name === `models/${id}`) ?? undefined);
  if (model === undefined) return null;
  const created = clock.now();
  switch (identity.dialect) {
    case "anthropic":
      return model === null ? toAnthropicModels(list) : toAnthropicModel(model);
    case "gemini":
      return `${JSON.stringify(model ?? list, null, 2)}\n`;
    default:
      return model === null ? toOpenAiModels(list, created) : onlyModel(toOpenAiModels({ models: [model] }, created));
  }
}

// --- helpers ---

/** The one entry of OpenAI's list. */
function onlyModel(list: string): string {
  const { data } = JSON.parse(list) as { data: unknown[] };
  return JSON.stringify(data[0]);
}
