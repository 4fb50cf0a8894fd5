/**
 * Token counts of the wire in the gateway's one shape (fact sheet upstream 6 and 3).
 * @module
 */
import type { Usage, UsageModalities } from "../../core/usage.ts";
import type { Surface } from "../tap-types.ts";

/**
 * Reads a usage object.
 * @param text JSON of `usageMetadata` or `usage`
 * @returns the counts, absent ones 0; null when it is no JSON object
 */
export function parseUsage(text: string, surface: Surface): Usage | null {
  const quick = surface === "gemini" ? fromPlainText(text) : null;
  if (quick !== null) return quick;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const wire = value as Wire;
  if (surface === "openai") return fromOpenAi(wire);
  return "total_input_tokens" in wire || "total_tokens" in wire ? fromInteractions(wire) : fromGemini(wire);
}

// --- helpers ---

type Wire = Readonly<Record<string, unknown>>;

/**
 * What nearly every answer carries, without JSON.parse (2.4 µs, a third of the tap): counts, and text as the only
 * modality. Anything else in it goes the long way.
 */
const plain =
  /^\{\s*"promptTokenCount":\s*(\d{1,15})(?:,\s*"candidatesTokenCount":\s*(\d{1,15}))?,\s*"totalTokenCount":\s*(\d{1,15})(?:,\s*"promptTokensDetails":\s*\[\s*\{\s*"modality":\s*"TEXT",\s*"tokenCount":\s*(\d{1,15})\s*\}\s*\])?(?:,\s*"candidatesTokensDetails":\s*\[\s*\{\s*"modality":\s*"TEXT",\s*"tokenCount":\s*(\d{1,15})\s*\}\s*\])?(?:,\s*"thoughtsTokenCount":\s*(\d{1,15}))?\s*\}$/;

function fromPlainText(text: string): Usage | null {
  const match = plain.exec(text);
  if (match === null) return null;
  const [, prompt, output, total, promptText, outputText, thoughts] = match;
  const modalities: UsageModalities | null = promptText === undefined && outputText === undefined ? null : {};
  if (modalities !== null && promptText !== undefined) modalities.prompt = { TEXT: Number(promptText) };
  if (modalities !== null && outputText !== undefined) modalities.output = { TEXT: Number(outputText) };
  return {
    promptTokens: Number(prompt),
    cachedTokens: 0,
    outputTokens: output === undefined ? 0 : Number(output),
    thoughtsTokens: thoughts === undefined ? 0 : Number(thoughts),
    toolUseTokens: 0,
    totalTokens: Number(total),
    modalities,
    serviceTier: null,
  };
}

function fromGemini(wire: Wire): Usage {
  const promptTokens = toCount(wire["promptTokenCount"]);
  // Live sessions name it responseTokenCount.
  const outputTokens = toCount(wire["candidatesTokenCount"] ?? wire["responseTokenCount"]);
  const thoughtsTokens = toCount(wire["thoughtsTokenCount"]);
  const toolUseTokens = toCount(wire["toolUsePromptTokenCount"]);
  return {
    promptTokens,
    cachedTokens: toCount(wire["cachedContentTokenCount"]),
    outputTokens,
    thoughtsTokens,
    toolUseTokens,
    // Embeddings tell their prompt alone: their tokens would be missing in every sum of totals.
    totalTokens:
      wire["totalTokenCount"] === undefined
        ? promptTokens + outputTokens + thoughtsTokens + toolUseTokens
        : toCount(wire["totalTokenCount"]),
    modalities: toModalities(
      wire["promptTokensDetails"],
      wire["cacheTokensDetails"],
      wire["candidatesTokensDetails"] ?? wire["responseTokensDetails"],
    ),
    serviceTier: toText(wire["serviceTier"]),
  };
}

function fromOpenAi(wire: Wire): Usage {
  const promptTokens = toCount(wire["prompt_tokens"]);
  const completion = toCount(wire["completion_tokens"]);
  const totalTokens = toCount(wire["total_tokens"]);
  // Google leaves thinking out of completion_tokens and in total_tokens. Should it ever follow OpenAI's own rule, the
  // total leaves nothing over and the detail tells how much of the completion was thinking.
  const hidden = Math.max(0, totalTokens - promptTokens - completion);
  const told = toCount(toWire(wire["completion_tokens_details"])["reasoning_tokens"]);
  const included = hidden > 0 ? 0 : Math.min(told, completion);
  return {
    promptTokens,
    cachedTokens: toCount(toWire(wire["prompt_tokens_details"])["cached_tokens"]),
    outputTokens: completion - included,
    thoughtsTokens: hidden + included,
    toolUseTokens: 0,
    totalTokens,
    modalities: null,
    serviceTier: null,
  };
}

function fromInteractions(wire: Wire): Usage {
  return {
    promptTokens: toCount(wire["total_input_tokens"]),
    cachedTokens: toCount(wire["total_cached_tokens"]),
    outputTokens: toCount(wire["total_output_tokens"]),
    thoughtsTokens: toCount(wire["total_thought_tokens"]),
    toolUseTokens: toCount(wire["total_tool_use_tokens"]),
    totalTokens: toCount(wire["total_tokens"]),
    modalities: toModalities(
      wire["input_tokens_by_modality"],
      wire["cached_tokens_by_modality"],
      wire["output_tokens_by_modality"],
    ),
    serviceTier: null,
  };
}

/** int64 comes as a string in proto3 JSON, int32 as a number: both are taken. */
function toCount(value: unknown): number {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0;
}

function toText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function toWire(value: unknown): Wire {
  return typeof value === "object" && value !== null ? (value as Wire) : {};
}

function toModalities(prompt: unknown, cached: unknown, output: unknown): UsageModalities | null {
  const modalities: UsageModalities = {};
  const promptCounts = toCounts(prompt);
  if (promptCounts !== null) modalities.prompt = promptCounts;
  const cachedCounts = toCounts(cached);
  if (cachedCounts !== null) modalities.cached = cachedCounts;
  const outputCounts = toCounts(output);
  if (outputCounts !== null) modalities.output = outputCounts;
  return promptCounts === null && cachedCounts === null && outputCounts === null ? null : modalities;
}

function toCounts(details: unknown): Record<string, number> | null {
  if (!Array.isArray(details) || details.length === 0) return null;
  const counts: Record<string, number> = {};
  for (const detail of details) {
    const { modality, tokenCount, tokens } = toWire(detail);
    if (typeof modality !== "string") continue;
    const name = modality.toUpperCase();
    // defineProperty would be needed for "__PROTO__" in lower case only: upper case cannot reach the prototype.
    counts[name] = (counts[name] ?? 0) + toCount(tokenCount ?? tokens);
  }
  return counts;
}
