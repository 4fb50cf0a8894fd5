/**
 * Usage in OpenAI's shape (fact sheet translation 1.8, bug 36): thoughts are output, cached tokens stay within the prompt.
 * @module
 */
import type { Usage } from "../../../core/usage.ts";

/**
 * The JSON text of `usage`. All of its numbers are always there: typed clients fail without.
 * @param usage null: Google told nothing; zeros then
 */
export function usageText(usage: Usage | null): string {
  const prompt = usage === null ? 0 : usage.promptTokens + usage.toolUseTokens;
  const thoughts = usage?.thoughtsTokens ?? 0;
  const completion = (usage?.outputTokens ?? 0) + thoughts;
  return (
    `{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":${prompt + completion},` +
    `"prompt_tokens_details":{"cached_tokens":${usage?.cachedTokens ?? 0}},` +
    `"completion_tokens_details":{"reasoning_tokens":${thoughts}}}`
  );
}
