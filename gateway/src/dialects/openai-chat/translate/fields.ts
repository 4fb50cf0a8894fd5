/**
 * The plain fields of a chat request (fact sheet translation 1.1): limits, sampling, modalities, Google's own extensions.
 * Unknown fields are ignored, and so are `logprobs`, `logit_bias`, `prediction`, `store` and the others that have no
 * counterpart and change nothing in what an answer means.
 * @module
 */
import type { Conversation, JsonObject } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";
import { isObject, objectOf, readNumber, readObject, textOf } from "./values.ts";

/** What is asked for in sound. */
export interface AudioWish {
  modalities: string[];
  voice: string | null;
  format: "wav" | "pcm16";
}

/** More than these are refused by Google. */
const maxStops = 5;
/** Long enough for every id that clients make; a key is only compared. */
const maxKeyLength = 256;

/** The model without the prefixes under which clients know it; empty when there is none. */
export function readModel(body: JsonObject, problems: Problems): string {
  const model = textOf(body["model"])?.replace(/^(?:models|google|gemini)\//, "") ?? "";
  if (model === "") problems.invalid("model", "must be the name of a model.");
  return model;
}

/** Several answers to one request: Gemini from 3.7 on gives one only. */
export function checkChoiceCount(body: JsonObject, problems: Problems): void {
  const count = readNumber(body, "n", problems);
  if (count === null || count === 1) return;
  if (Number.isInteger(count) && count > 1) problems.unsupported("n", "must be 1: Gemini gives one answer a request.");
  else problems.invalid("n", "must be 1.");
}

/** Sampling as asked. Penalties of 0 are no penalties. */
export function readSampling(body: JsonObject, problems: Problems): Conversation["sampling"] {
  const temperature = readNumber(body, "temperature", problems);
  const topK = readNumber(body, "top_k", problems);
  const seed = readNumber(body, "seed", problems);
  return {
    temperature: temperature === null ? null : Math.min(2, Math.max(0, temperature)),
    topP: readNumber(body, "top_p", problems),
    topK: topK === null || topK < 1 ? null : Math.trunc(topK),
    // Google's is an int32; JavaScript clients send up to 53 bits. `|` wraps the same number to the same seed.
    seed: seed === null ? null : seed | 0,
    presencePenalty: readNumber(body, "presence_penalty", problems) || null,
    frequencyPenalty: readNumber(body, "frequency_penalty", problems) || null,
  };
}

/** `max_completion_tokens` before `max_tokens`; 0 and less mean "not asked". */
export function readMaxOutputTokens(body: JsonObject, problems: Problems): number | null {
  const newer = readNumber(body, "max_completion_tokens", problems);
  const older = readNumber(body, "max_tokens", problems);
  for (const limit of [newer, older]) if (limit !== null && limit >= 1) return Math.trunc(limit);
  return null;
}

/** Always a list, without empty strings, of at most five. */
export function readStop(body: JsonObject, problems: Problems): string[] {
  const value = body["stop"];
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const stops: string[] = [];
  for (const stop of list)
    if (typeof stop !== "string") problems.invalid("stop", "must be a string or an array of strings.");
    else if (stop !== "" && stops.length < maxStops) stops.push(stop);
  return stops;
}

/** `modalities` and `audio`. */
export function readAudio(body: JsonObject, problems: Problems): AudioWish {
  const value = body["modalities"];
  const asked = new Set<string>();
  if (Array.isArray(value))
    for (const [index, modality] of value.entries())
      if (modality === "text" || modality === "image" || modality === "audio") asked.add(modality);
      else problems.unsupported(`modalities[${index}]`, "must be 'text', 'image' or 'audio'.");
  else if (value !== undefined && value !== null) problems.invalid("modalities", "must be an array of strings.");
  if (asked.has("audio")) return readVoice(readObject(body, "audio", problems), problems);
  // `text` alone is OpenAI's default.
  const modalities = asked.has("image") ? [...asked].map((modality) => modality.toUpperCase()) : [];
  return { modalities, voice: null, format: "wav" };
}

/** Google's own fields, in `extra_body.google` (as Google's own OpenAI surface has it), `google`, or in the root. */
export function readGoogleExtension(body: JsonObject, problems: Problems): JsonObject {
  const outer = readObject(body, "extra_body", problems) ?? {};
  return { ...readObject(outer, "google", problems, "extra_body.google"), ...readObject(body, "google", problems) };
}

/** What of Google's own fields goes into the request as it is. */
export function readGoogle(body: JsonObject, extension: JsonObject, problems: Problems): Conversation["google"] {
  const google: Conversation["google"] = {};
  const cached = first(extension, body, ["cached_content", "cachedContent"]);
  if (typeof cached === "string") google.cachedContent = cached;
  else if (cached !== undefined) problems.invalid("cached_content", "must be the name of a cache.");
  const safety = first(extension, body, ["safety_settings", "safetySettings"]);
  if (Array.isArray(safety)) google.safetySettings = safety;
  else if (safety !== undefined) problems.invalid("safety_settings", "must be an array of Google's safety settings.");
  const tier = body["service_tier"];
  if (tier === "flex" || tier === "priority") google.serviceTier = tier;
  return google;
}

/** What names the conversation, so that it stays with one credential. */
export function readConversationKey(body: JsonObject): string | null {
  const metadata = objectOf(body["metadata"]);
  const session = metadataKeys.map((key) => textOf(metadata?.[key])).find((value) => value !== null);
  const key = textOf(body["prompt_cache_key"]) ?? session ?? textOf(body["user"]);
  return key === null ? null : key.slice(0, maxKeyLength);
}

// --- helpers ---

const metadataKeys = ["session_id", "sessionId", "session", "conversation_id", "thread_id"];

function readVoice(audio: JsonObject | null, problems: Problems): AudioWish {
  const named = isObject(audio?.["voice"]) ? audio["voice"]["id"] : audio?.["voice"];
  const format = audio?.["format"] ?? "wav";
  if (format !== "wav" && format !== "pcm16")
    problems.unsupported("audio.format", "must be 'wav' or 'pcm16': Gemini speaks in uncompressed samples.");
  // Google's speaking models refuse TEXT beside AUDIO, which OpenAI's clients always send.
  return { modalities: ["AUDIO"], voice: textOf(named), format: format === "pcm16" ? "pcm16" : "wav" };
}

function first(extension: JsonObject, body: JsonObject, keys: readonly string[]): unknown {
  for (const source of [extension, body])
    for (const key of keys) if (source[key] !== undefined && source[key] !== null) return source[key];
  return undefined;
}
