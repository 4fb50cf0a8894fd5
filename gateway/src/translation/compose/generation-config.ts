/**
 * `generationConfig`: only what the model takes (fact sheet translation 1.1). Every field written here is also one of
 * Code Assist's (fact sheet upstream 7.3).
 * @module
 */
import type { ModelFacts } from "../models/facts.ts";
import { thinkingConfigFor } from "../models/thinking.ts";
import type { SchemaForm } from "../types-request.ts";
import type { Conversation, JsonObject } from "../types.ts";
import { answerFields } from "./answer-format.ts";

/** @returns null: nothing is to be said */
export function composeGenerationConfig(
  conversation: Conversation,
  options: { facts: ModelFacts; hasTools: boolean; schemaForm: SchemaForm; includeThoughts: boolean },
): JsonObject | null {
  const { facts } = options;
  const config: JsonObject = {};
  const maxOutputTokens = clampedOutput(conversation.maxOutputTokens, facts);
  if (maxOutputTokens !== null) config["maxOutputTokens"] = maxOutputTokens;
  addStops(config, conversation.stop);
  addSampling(config, conversation.sampling, facts);
  const answer = answerFields(conversation.format, options);
  if (answer !== null) Object.assign(config, answer);
  addModalities(config, conversation, facts);
  const thinkingConfig = thinkingConfigFor(conversation.thinking, { ...options, maxOutputTokens });
  if (thinkingConfig !== null) config["thinkingConfig"] = thinkingConfig;
  return Object.keys(config).length === 0 ? null : config;
}

// --- helpers ---

const maxStops = 5;
/** "the supported range is from 1 (inclusive) to 65 (exclusive)" */
const maxTopK = 64;
const maxTemperature = 2;

/** Clients ask for 128,000 after an answer that was cut: more than the model has is a 400 otherwise. */
function clampedOutput(tokens: number | null, { outputTokenLimit }: ModelFacts): number | null {
  return tokens === null || !(tokens >= 1) ? null : Math.min(Math.trunc(tokens), outputTokenLimit);
}

function addStops(config: JsonObject, stop: readonly string[]): void {
  if (stop.length === 0) return;
  const stops = stop.filter((text) => text !== "").slice(0, maxStops);
  if (stops.length > 0) config["stopSequences"] = stops;
}

/** Penalties are never sent: most models answer "Penalty is not enabled for models/…". */
function addSampling(config: JsonObject, sampling: Conversation["sampling"], facts: ModelFacts): void {
  const { temperature, topP, topK, seed } = sampling;
  if (facts.takesSampling) {
    const isOwn = facts.temperatureOneIsUnset && temperature === 1;
    if (isNumber(temperature) && !isOwn) config["temperature"] = clamp(temperature, 0, maxTemperature);
    if (isNumber(topP)) config["topP"] = clamp(topP, 0, 1);
    // 0 and less mean "no limit" elsewhere.
    if (isNumber(topK) && topK >= 1) config["topK"] = Math.min(Math.trunc(topK), maxTopK);
  }
  // An int32; clients send up to 53 bits. The low bits keep it the same for the same seed.
  if (isNumber(seed)) config["seed"] = Math.trunc(seed) | 0;
}

function addModalities(config: JsonObject, { modalities, voice }: Conversation, { kind }: ModelFacts): void {
  // Speech models refuse the default, text.
  const wanted = kind === "speech" ? ["AUDIO"] : modalities;
  if (wanted.length > 0) config["responseModalities"] = wanted;
  if (voice !== null && wanted.includes("AUDIO")) {
    config["speechConfig"] = { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } };
  }
}

function isNumber(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
