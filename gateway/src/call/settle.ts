/**
 * The last step: the call's row.
 * @module
 */
import type { CallOutcome, CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import { micros } from "./attempt.ts";
import type { CallFacts } from "./facts.ts";

/**
 * Makes the record of a call that ended.
 * @param now monotonic milliseconds
 */
export function toCallRecord(call: CallFacts, outcome: CallOutcome, now: number): CallRecord {
  const { identity, attempts } = call;
  const final = attempts.at(-1);
  const until = call.answer.headAt < 0 ? now : call.answer.headAt;
  return {
    id: call.id,
    startedAt: call.startedAt,
    clientId: call.client === null ? null : call.client.id,
    dialect: identity === null ? "gemini" : identity.dialect,
    backend: identity === null || attempts.length === 0 ? null : identity.backend,
    operation: identity === null ? "other" : identity.operation,
    method: call.head.method,
    path: identity === null ? "" : identity.path.slice(0, 300),
    modelAsked: call.model === null ? null : call.model.slice(0, 200),
    modelServed: final === undefined ? null : final.modelServed,
    stream: identity !== null && identity.stream,
    status: call.answer.status,
    outcome,
    errorCode: call.errorCode,
    finishReason: final === undefined ? null : final.finishReason,
    usage: attempts.length === 1 ? (attempts[0]?.usage ?? null) : sumUsage(attempts.map((attempt) => attempt.usage)),
    firstByteMicros: call.answer.firstByteAt < 0 ? null : micros(call.answer.firstByteAt - call.startedMono),
    totalMicros: micros(now - call.startedMono),
    overheadMicros: micros(until - call.startedMono - call.waitedMs),
    requestBytes: call.requestBytes,
    responseBytes: call.answer.bytes,
    attempts,
  };
}

/** Adds up what several attempts were billed; null when none told. */
function sumUsage(usages: readonly (Usage | null)[]): Usage | null {
  let sum: Usage | null = null;
  for (const usage of usages) {
    if (usage === null) continue;
    if (sum === null) {
      sum = { ...usage };
      continue;
    }
    sum.promptTokens += usage.promptTokens;
    sum.cachedTokens += usage.cachedTokens;
    sum.outputTokens += usage.outputTokens;
    sum.thoughtsTokens += usage.thoughtsTokens;
    sum.toolUseTokens += usage.toolUseTokens;
    sum.totalTokens += usage.totalTokens;
    // Modalities stand on the attempts' rows; a sum over attempts of different models would say little.
    sum.modalities = null;
    sum.serviceTier = usage.serviceTier ?? sum.serviceTier;
  }
  return sum;
}
