/**
 * What the writer of an answer has to know of the request.
 * @module
 */

/** Made by `translateChatRequest`, used by the writers. */
export interface AnswerPlan {
  stream: boolean;
  /** `stream_options.include_usage`. */
  includeUsage: boolean;
  /** JSON was asked for: a fence around it is taken away. */
  isJson: boolean;
  /** `functions` was sent: one `function_call` in place of `tool_calls`. */
  isLegacy: boolean;
  /** Only the first call of the answer is written (`parallel_tool_calls: false`, and the older form, which has one only). */
  onlyFirstCall: boolean;
  /** Names of tools whose calls are `custom`. */
  custom: ReadonlySet<string>;
  /** Sources may come: the text is kept until the end, to find the places that they stand for. */
  mayCite: boolean;
  audioFormat: "wav" | "pcm16";
}
