/**
 * The answer of `POST /v1/messages/count_tokens`.
 * @module
 */
import type { AnswerWriter, WriterFacts } from "../../translation/types.ts";

/** Writes `{"input_tokens": N}`: Google's count, or the estimate where it told none. Never a stream. */
export function createCountWriter(facts: WriterFacts): AnswerWriter {
  const nothing = (): string => "";
  return {
    begin: nothing,
    event: nothing,
    fault: nothing,
    ping: nothing,
    end: ({ usage }) => JSON.stringify({ input_tokens: usage?.promptTokens ?? facts.estimatedPromptTokens }),
  };
}
