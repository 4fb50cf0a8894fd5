/**
 * Calls and attempts as rows, both ways. The lists of values are in the order of the column lists: the contract
 * proves it by reading back what was written.
 * @module
 */
import type { AttemptRecord, Backend, CallOutcome, CallRecord, Dialect } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import type { Fault } from "../core/verdict.ts";
import type { SqlValue } from "./driver.ts";
import { modalitiesToText, textToModalities } from "./modalities-text.ts";
import { toNumber, toNumberOrNull } from "./numbers.ts";
import type { AttemptTable, CallTable, UsageColumns } from "./schema.ts";
import type { PricedCall } from "./types.ts";

const usageColumns = [
  "prompt_tokens",
  "cached_tokens",
  "output_tokens",
  "thoughts_tokens",
  "tool_use_tokens",
  "total_tokens",
  "modalities",
  "service_tier",
] as const satisfies readonly (keyof UsageColumns)[];

/** Columns of `calls` in the order of `toCallValues`. */
export const callColumns: readonly (keyof CallTable)[] = [
  "id",
  "started_at",
  "client_id",
  "dialect",
  "backend",
  "operation",
  "method",
  "path",
  "model_asked",
  "model_served",
  "stream",
  "status",
  "outcome",
  "error_code",
  "finish_reason",
  ...usageColumns,
  "first_byte_micros",
  "total_micros",
  "overhead_micros",
  "request_bytes",
  "response_bytes",
  "cost_nano_usd",
  "attempt_count",
  "credential_id",
  "project_id",
  "attempt_offset_micros",
  "attempt_duration_micros",
  "attempt_first_byte_micros",
  "rule",
];

/** Columns of `attempts` in the order of `toAttemptValues`. */
export const attemptColumns: readonly (keyof AttemptTable)[] = [
  "call_id",
  "number",
  "credential_id",
  "project_id",
  "offset_micros",
  "duration_micros",
  "first_byte_micros",
  "status",
  "rule",
  "fault",
  "words",
  "finish_reason",
  "model_served",
  ...usageColumns,
  "cost_nano_usd",
];

/** Whether the call's only attempt stands in the call's row: whatever the row has no column for must equal the call's. */
export function isFolded(call: PricedCall): boolean {
  const { record } = call;
  const attempt = record.attempts[0];
  return (
    attempt !== undefined &&
    record.attempts.length === 1 &&
    attempt.number === 1 &&
    attempt.fault === "none" &&
    attempt.words === null &&
    attempt.status === record.status &&
    attempt.finishReason === record.finishReason &&
    attempt.modelServed === record.modelServed &&
    (call.attemptCosts[0] ?? null) === call.costNanoUsd &&
    isSameUsage(attempt.usage, record.usage)
  );
}

/** A row of `calls`. On every call's way: one array literal. */
export function toCallValues(call: PricedCall): SqlValue[] {
  const { record } = call;
  const { usage } = record;
  const folded = isFolded(call) ? record.attempts[0] : undefined;
  return [
    record.id,
    record.startedAt,
    record.clientId,
    record.dialect,
    record.backend,
    record.operation,
    record.method,
    record.path,
    record.modelAsked,
    record.modelServed,
    record.stream ? 1 : 0,
    record.status,
    record.outcome,
    record.errorCode,
    record.finishReason,
    usage === null ? null : usage.promptTokens,
    usage === null ? null : usage.cachedTokens,
    usage === null ? null : usage.outputTokens,
    usage === null ? null : usage.thoughtsTokens,
    usage === null ? null : usage.toolUseTokens,
    usage === null ? null : usage.totalTokens,
    usage === null ? null : modalitiesToText(usage.modalities),
    usage === null ? null : usage.serviceTier,
    record.firstByteMicros,
    record.totalMicros,
    record.overheadMicros,
    record.requestBytes,
    record.responseBytes,
    call.costNanoUsd,
    record.attempts.length,
    folded === undefined ? null : folded.credentialId,
    folded === undefined ? null : folded.projectId,
    folded === undefined ? null : folded.offsetMicros,
    folded === undefined ? null : folded.durationMicros,
    folded === undefined ? null : folded.firstByteMicros,
    folded === undefined ? null : folded.rule,
  ];
}

/** A row of `attempts`. */
export function toAttemptValues(callId: string, attempt: AttemptRecord, cost: number | null): SqlValue[] {
  const { usage } = attempt;
  return [
    callId,
    attempt.number,
    attempt.credentialId,
    attempt.projectId,
    attempt.offsetMicros,
    attempt.durationMicros,
    attempt.firstByteMicros,
    attempt.status,
    attempt.rule,
    attempt.fault,
    attempt.words,
    attempt.finishReason,
    attempt.modelServed,
    usage === null ? null : usage.promptTokens,
    usage === null ? null : usage.cachedTokens,
    usage === null ? null : usage.outputTokens,
    usage === null ? null : usage.thoughtsTokens,
    usage === null ? null : usage.toolUseTokens,
    usage === null ? null : usage.totalTokens,
    usage === null ? null : modalitiesToText(usage.modalities),
    usage === null ? null : usage.serviceTier,
    cost,
  ];
}

/**
 * A call as it was recorded.
 * @param attemptRows its rows of `attempts`, in the order of their numbers; none when the attempt stands in the call's row
 */
export function fromRows(row: CallTable, attemptRows: readonly AttemptTable[]): PricedCall {
  const usage = fromUsageColumns(row);
  const record: CallRecord = {
    id: row.id,
    startedAt: toNumber(row.started_at),
    clientId: row.client_id,
    dialect: row.dialect as Dialect,
    backend: row.backend as Backend | null,
    operation: row.operation,
    method: row.method,
    path: row.path,
    modelAsked: row.model_asked,
    modelServed: row.model_served,
    stream: toNumber(row.stream) === 1,
    status: toNumber(row.status),
    outcome: row.outcome as CallOutcome,
    errorCode: row.error_code,
    finishReason: row.finish_reason,
    usage,
    firstByteMicros: toNumberOrNull(row.first_byte_micros),
    totalMicros: toNumber(row.total_micros),
    overheadMicros: toNumber(row.overhead_micros),
    requestBytes: toNumber(row.request_bytes),
    responseBytes: toNumber(row.response_bytes),
    attempts:
      row.credential_id === null ? attemptRows.map(fromAttemptRow) : [fromFoldedRow(row, row.credential_id, usage)],
  };
  const costNanoUsd = toNumberOrNull(row.cost_nano_usd);
  const attemptCosts =
    row.credential_id === null ? attemptRows.map((each) => toNumberOrNull(each.cost_nano_usd)) : [costNanoUsd];
  return { record, costNanoUsd, attemptCosts };
}

// --- helpers ---

function fromFoldedRow(row: CallTable, credentialId: string, usage: Usage | null): AttemptRecord {
  return {
    number: 1,
    credentialId,
    projectId: row.project_id ?? "",
    offsetMicros: toNumber(row.attempt_offset_micros),
    durationMicros: toNumber(row.attempt_duration_micros),
    firstByteMicros: toNumberOrNull(row.attempt_first_byte_micros),
    status: toNumber(row.status),
    rule: row.rule ?? "",
    fault: "none",
    words: null,
    finishReason: row.finish_reason,
    modelServed: row.model_served,
    usage,
  };
}

function fromAttemptRow(row: AttemptTable): AttemptRecord {
  return {
    number: toNumber(row.number),
    credentialId: row.credential_id,
    projectId: row.project_id,
    offsetMicros: toNumber(row.offset_micros),
    durationMicros: toNumber(row.duration_micros),
    firstByteMicros: toNumberOrNull(row.first_byte_micros),
    status: toNumberOrNull(row.status),
    rule: row.rule,
    fault: row.fault as Fault,
    words: row.words,
    finishReason: row.finish_reason,
    modelServed: row.model_served,
    usage: fromUsageColumns(row),
  };
}

function fromUsageColumns(row: UsageColumns): Usage | null {
  if (row.prompt_tokens === null) return null;
  return {
    promptTokens: toNumber(row.prompt_tokens),
    cachedTokens: toNumber(row.cached_tokens),
    outputTokens: toNumber(row.output_tokens),
    thoughtsTokens: toNumber(row.thoughts_tokens),
    toolUseTokens: toNumber(row.tool_use_tokens),
    totalTokens: toNumber(row.total_tokens),
    modalities: textToModalities(row.modalities),
    serviceTier: row.service_tier,
  };
}

function isSameUsage(a: Usage | null, b: Usage | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return (
    a.promptTokens === b.promptTokens &&
    a.cachedTokens === b.cachedTokens &&
    a.outputTokens === b.outputTokens &&
    a.thoughtsTokens === b.thoughtsTokens &&
    a.toolUseTokens === b.toolUseTokens &&
    a.totalTokens === b.totalTokens &&
    a.serviceTier === b.serviceTier &&
    modalitiesToText(a.modalities) === modalitiesToText(b.modalities)
  );
}
