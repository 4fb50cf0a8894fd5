/**
 * The writer of a chat answer: a stream of chunks, or one object.
 * @module
 */
import type { AnswerWriter, WriterFacts } from "../../../translation/types.ts";
import type { AnswerPlan } from "./plan.ts";
import { createStreamWriter } from "./stream.ts";
import { createUnaryWriter } from "./unary.ts";

/** Makes the writer of one answer. */
export function createChatWriter(plan: AnswerPlan, facts: WriterFacts): AnswerWriter {
  return plan.stream ? createStreamWriter(plan, facts) : createUnaryWriter(plan, facts);
}
