/**
 * What a call may cost, before it is made: for budgets, which are reserved in advance.
 * @module
 */
import type { Prices } from "./prices.ts";

/**
 * Prices an estimate at the list price without cached input.
 * @param question `tokens`: input and output expected; `at`: epoch milliseconds
 * @returns nano-dollars (1e-9 USD); null when the model's price is not known, or no model is named
 */
export function estimateCost(
  prices: Prices,
  question: { model: string | null; tokens: { input: number; output: number }; at: number },
): number | null {
  if (question.model === null) return null;
  const { input, output } = question.tokens;
  return prices.priceUsage({
    usage: {
      promptTokens: input,
      cachedTokens: 0,
      outputTokens: output,
      thoughtsTokens: 0,
      toolUseTokens: 0,
      totalTokens: input + output,
      // Text is assumed where kinds cost apart.
      modalities: { output: { TEXT: output } },
      serviceTier: null,
    },
    models: [question.model],
    at: question.at,
  });
}
