/** @module `reasoning_effort` in terms of a model: levels from Gemini 3 on, budgets before (fact sheet upstream 3). */

import type { ThinkingConfig } from "../answer/gemini-types.ts";
import type { Model } from "../state/models.ts";

/** The thinking configuration that an effort stands for; undefined when the effort has no meaning for the model. */
export function toThinkingConfig(effort: string, model: Model): ThinkingConfig | undefined {
  if (!model.thinking) return undefined;
  if (model.generation < 3) {
    const thinkingBudget = BUDGETS[effort];
    return thinkingBudget === undefined ? undefined : { thinkingBudget };
  }
  if (effort === "none") return undefined;
  // Where the lowest level is low, minimal means low.
  const lowest = /-pro|-4-|3\.[78]/.test(model.modelVersion) ? "low" : "minimal";
  return { thinkingLevel: effort === "minimal" ? lowest : effort };
}

// --- helpers ---

const BUDGETS: Record<string, number> = { none: 0, minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };
