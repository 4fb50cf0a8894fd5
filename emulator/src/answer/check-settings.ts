/** @module Settings that a model does not have: thinking, penalties, candidates, limits (fact sheet upstream 8). */

import type { Model } from "../state/models.ts";
import type { Surface } from "../state/surface.ts";
import type { GenerateRequest, ThinkingConfig } from "./gemini-types.ts";

/** What is wrong, in Google's words, or null. */
export function checkSettings(
  { generationConfig = {} }: GenerateRequest,
  { model, surface }: { model: Model; surface: Surface },
): string | null {
  const { thinkingConfig, presencePenalty, frequencyPenalty, candidateCount, maxOutputTokens } = generationConfig;
  const { stopSequences = [], responseSchema, responseJsonSchema } = generationConfig;
  if (responseSchema !== undefined && responseJsonSchema !== undefined) {
    return "response_json_schema must not be set when response_schema is set.";
  }
  if (maxOutputTokens !== undefined && maxOutputTokens < 1) return "max_output_tokens must be positive.";
  const limit = model.outputTokenLimit + 1;
  if (surface === "code-assist" && model.generation < 4 && (maxOutputTokens ?? 1) >= limit) {
    return `Unable to submit request because it has a maxOutputTokens value of ${maxOutputTokens} but the supported range is from 1 (inclusive) to ${limit} (exclusive). Update the value and try again.`;
  }
  if (stopSequences.length > 5)
    return "* GenerateContentRequest.generation_config.stop_sequences: at most 5 are allowed\n";
  const empty = stopSequences.indexOf("");
  if (empty >= 0) return `* GenerateContentRequest.generation_config.stop_sequences[${empty}]: cannot be empty\n`;
  const thinking = thinkingConfig ? checkThinking(thinkingConfig, model) : null;
  if (thinking !== null) return thinking;
  if (model.generation < 3.7) return null;
  if (presencePenalty !== undefined || frequencyPenalty !== undefined) {
    return `Penalty is not enabled for ${model.name}`;
  }
  return (candidateCount ?? 1) > 1 ? "Multiple candidates is not enabled for this model" : null;
}

// --- helpers ---

function checkThinking(config: ThinkingConfig, model: Model): string | null {
  const level = config.thinkingLevel?.toUpperCase();
  const budget = config.thinkingBudget;
  if (level !== undefined && budget !== undefined) {
    return "You can only set only one of thinking budget and thinking level.";
  }
  if (budget !== undefined && model.generation >= 4) {
    return "Thinking budget is not supported for this model. Use thinking level instead.";
  }
  if (level !== undefined && !levelsOf(model).includes(level)) {
    return model.generation < 3
      ? "Thinking level is not supported for this model."
      : `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`;
  }
  // Models that cannot think take no configuration of it at all (fact sheet translation 1.4).
  if (!model.thinking && !model.image) return `Thinking is not enabled for ${model.name}`;
  return budget === undefined || budget === -1 ? null : checkBudget(budget, model);
}

function checkBudget(budget: number, { modelVersion, generation }: Model): string | null {
  if (generation >= 3 || generation < 2.5) return null;
  const isPro = modelVersion.includes("-pro");
  if (budget === 0) return isPro ? "Budget 0 is invalid. This model only works in thinking mode." : null;
  const least = isPro ? 128 : modelVersion.includes("lite") ? 512 : 0;
  const most = isPro ? 32_768 : 24_576;
  if (budget >= least && budget <= most) return null;
  return `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`;
}

function levelsOf(model: Model): string[] {
  const { generation, modelVersion } = model;
  if (modelVersion.includes("nano-banana")) return ["MINIMAL", "MEDIUM", "HIGH"];
  if (generation < 3) return [];
  if (modelVersion.includes("lite")) return ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
  if (/hydrogen|neon/.test(modelVersion)) return ["LOW", "MEDIUM", "HIGH", "XHIGH"];
  if (generation >= 3.7 || modelVersion.includes("-pro")) return ["LOW", "MEDIUM", "HIGH"];
  return ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
}
