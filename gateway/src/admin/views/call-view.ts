/**
 * A call as the admin API gives it: the ledger's record with costs in dollars.
 * @module
 */
import type * as z from "zod";
import type { PricedCall } from "../../storage/types.ts";
import type { attemptSchema, callSchema } from "../schemas/calls.ts";
import { toUsd } from "./sums.ts";

/** A call. */
export type CallView = z.input<typeof callSchema>;
/** One of its attempts. */
export type AttemptView = z.input<typeof attemptSchema>;

/** A call with its attempts; a cost that is not known is null. */
export function toCallView({ record, costNanoUsd, attemptCosts }: PricedCall): CallView {
  return {
    ...record,
    usage: toUsageView(record.usage),
    costUsd: toUsd(costNanoUsd),
    attempts: record.attempts.map((_, index) => toAttemptView({ record, costNanoUsd, attemptCosts }, index)),
  };
}

/**
 * One attempt of a call.
 * @param index from 0
 * @throws RangeError when the call has no such attempt
 */
export function toAttemptView({ record, attemptCosts }: PricedCall, index: number): AttemptView {
  const attempt = record.attempts[index];
  if (attempt === undefined) throw new RangeError(`The call has no attempt ${index + 1}.`);
  return { ...attempt, usage: toUsageView(attempt.usage), costUsd: toUsd(attemptCosts[index] ?? null) };
}

// --- helpers ---

function toUsageView(usage: PricedCall["record"]["usage"]): CallView["usage"] {
  if (usage === null) return null;
  return { ...usage, modalities: usage.modalities === null ? null : { ...usage.modalities } };
}
