/**
 * One log line a call (LOG_CALLS=on). No bodies, no headers, no path: a path may name files of clients.
 * @module
 */
import type { Logger } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";

/**
 * Writes the line at level `info`, event `call`.
 * @param costNanoUsd null: not known
 */
export function logCall(logger: Logger, call: CallRecord, costNanoUsd: number | null): void {
  const last = call.attempts.at(-1);
  logger.log("info", "call", {
    id: call.id,
    client: call.clientId,
    dialect: call.dialect,
    operation: call.operation,
    model: call.modelAsked,
    served: call.modelServed,
    stream: call.stream,
    status: call.status,
    outcome: call.outcome,
    code: call.errorCode,
    rule: last === undefined ? null : last.rule,
    finish: call.finishReason,
    credential: last === undefined ? null : last.credentialId,
    attempts: call.attempts.length,
    ms: call.totalMicros / 1000,
    firstByteMs: call.firstByteMicros === null ? null : call.firstByteMicros / 1000,
    overheadMs: call.overheadMicros / 1000,
    tokens:
      call.usage === null
        ? null
        : {
            prompt: call.usage.promptTokens,
            cached: call.usage.cachedTokens,
            output: call.usage.outputTokens,
            thoughts: call.usage.thoughtsTokens,
            toolUse: call.usage.toolUseTokens,
          },
    costUsd: costNanoUsd === null ? null : costNanoUsd / 1e9,
  });
}
