/**
 * Spans of a call: one for the call as the gateway served it, below it one for each attempt at Google.
 *
 * What the conventions say of GenAI (model, tokens, finish reason) stands on the call's span alone: tools add tokens up
 * over all spans that have them, and would count them twice.
 * @module
 */
import type { Digest } from "../../core/ports.ts";
import type { AttemptRecord, CallRecord } from "../../core/records.ts";
import { redact } from "../../vault/redact.ts";
import { isFailure } from "../judge-call.ts";
import { genAiOperation, isGenAi, names, provider } from "./names.ts";
import { createAttributes, toUnixNano, type AttributeList, type OtlpSpan } from "./types.ts";

/** Where a backend is. */
export interface ServerAddress {
  address: string;
  port: number;
}

/** What spans are made with. */
export interface SpanMaker {
  digest: Digest;
  /** Address of the backend's base URL; null: not known. */
  serverOf(call: CallRecord): ServerAddress | null;
}

/** A call with its cost in nano-dollars; null: not known. */
export interface PricedRecord {
  record: CallRecord;
  costNanoUsd: number | null;
}

/** Spans that a call will make. */
export function spanCount(record: CallRecord): number {
  return 1 + record.attempts.length;
}

/** Makes the spans, the call's own first. */
export function toSpans(maker: SpanMaker, { record, costNanoUsd }: PricedRecord): OtlpSpan[] {
  const ids = traceIds(maker.digest, record.id);
  const server = maker.serverOf(record);
  return [
    toCallSpan(record, ids, costNanoUsd),
    ...record.attempts.map((attempt) => toAttemptSpan({ record, attempt, ids, server, digest: maker.digest })),
  ];
}

/**
 * What went wrong, in a word of few.
 * @returns code of core/errors, `incomplete`, `cancelled`, the status; null: nothing
 */
export function errorTypeOf(record: CallRecord): string | null {
  if (record.errorCode !== null) return record.errorCode;
  if (record.outcome === "ok") return null;
  return record.outcome === "error" && record.status > 0 ? String(record.status) : record.outcome;
}

// --- helpers ---

/**
 * The ids of a call. They follow from its own id, so that whoever has `x-gproxy-request-id` finds the trace: the trace id
 * is the first 32 hex digits of the SHA-256 of the id, the span's the 16 after it.
 */
function traceIds(digest: Digest, callId: string): { traceId: string; spanId: string } {
  const hex = digest.sha256(callId);
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) };
}

/** What others wrote is redacted at every sink. */
function clean(text: string | null): string | null {
  return text === null ? null : redact(text);
}

type Ids = ReturnType<typeof traceIds>;

function toCallSpan(record: CallRecord, ids: Ids, costNanoUsd: number | null): OtlpSpan {
  const operation = genAiOperation(record.operation);
  const model = clean(record.modelAsked);
  const list = createAttributes();
  if (isGenAi(record.operation)) addGenAi(list, record, { operation, model });
  list.text(names.httpMethod, record.method);
  list.count(names.httpStatus, record.status > 0 ? record.status : null);
  list.text(names.errorType, errorTypeOf(record));
  list.text("gemini_proxy.call.id", record.id);
  list.text("gemini_proxy.call.operation", record.operation);
  list.text("gemini_proxy.call.outcome", record.outcome);
  list.count("gemini_proxy.call.attempts", record.attempts.length);
  list.number("gemini_proxy.call.overhead", record.overheadMicros / 1e6);
  list.number("gemini_proxy.call.cost_usd", costNanoUsd === null ? null : costNanoUsd / 1e9);
  list.text("gemini_proxy.client.id", record.clientId);
  list.text("gemini_proxy.dialect", record.dialect);
  list.text("gemini_proxy.backend", record.backend);
  return {
    traceId: ids.traceId,
    spanId: ids.spanId,
    name: model === null ? operation : `${operation} ${model}`,
    kind: 2,
    startTimeUnixNano: toUnixNano(record.startedAt),
    endTimeUnixNano: toUnixNano(record.startedAt, record.totalMicros),
    attributes: list.attributes,
    // A client's own mistake is no error of the server (HTTP conventions, SERVER spans).
    status: { code: isFailure(record) ? 2 : 0 },
  };
}

function addGenAi(
  list: AttributeList,
  record: CallRecord,
  { operation, model }: { operation: string; model: string | null },
): void {
  const { usage, firstByteMicros } = record;
  list.text(names.genAiOperation, operation);
  list.text(names.genAiProvider, provider);
  list.text(names.genAiRequestModel, model);
  list.flag(names.genAiRequestStream, record.stream);
  list.text(names.genAiResponseModel, clean(record.modelServed));
  if (record.finishReason !== null) list.texts(names.genAiFinishReasons, [record.finishReason]);
  if (record.stream && firstByteMicros !== null) list.number(names.genAiFirstChunk, firstByteMicros / 1e6);
  if (usage === null) return;
  // The conventions count thinking as output, and cached tokens as input.
  list.count(names.genAiInputTokens, usage.promptTokens + usage.toolUseTokens);
  list.count(names.genAiOutputTokens, usage.outputTokens + usage.thoughtsTokens);
  list.count(names.genAiCachedTokens, usage.cachedTokens);
  list.count(names.genAiReasoningTokens, usage.thoughtsTokens);
}

function toAttemptSpan(parts: {
  record: CallRecord;
  attempt: AttemptRecord;
  ids: Ids;
  server: ServerAddress | null;
  digest: Digest;
}): OtlpSpan {
  const { record, attempt, ids, server } = parts;
  const failed = attempt.fault !== "none";
  const words = failed ? clean(attempt.words) : null;
  const list = createAttributes();
  list.text(names.httpMethod, record.method);
  list.count(names.httpStatus, attempt.status);
  list.text(names.serverAddress, server === null ? null : server.address);
  list.count(names.serverPort, server === null ? null : server.port);
  list.text(names.errorType, failed ? attempt.rule : null);
  list.count("gemini_proxy.attempt.number", attempt.number);
  list.text("gemini_proxy.attempt.rule", attempt.rule);
  list.text("gemini_proxy.attempt.fault", attempt.fault);
  list.number(
    "gemini_proxy.attempt.first_byte",
    attempt.firstByteMicros === null ? null : attempt.firstByteMicros / 1e6,
  );
  list.text("gemini_proxy.attempt.model", clean(attempt.modelServed));
  list.text("gemini_proxy.credential.id", attempt.credentialId);
  list.text("gemini_proxy.project.id", attempt.projectId);
  return {
    traceId: ids.traceId,
    spanId: parts.digest.sha256(`${record.id}/${attempt.number}`).slice(0, 16),
    parentSpanId: ids.spanId,
    name: `attempt ${attempt.number}`,
    kind: 3,
    startTimeUnixNano: toUnixNano(record.startedAt, attempt.offsetMicros),
    endTimeUnixNano: toUnixNano(record.startedAt, attempt.offsetMicros + attempt.durationMicros),
    attributes: list.attributes,
    status: { code: failed ? 2 : 0, ...(words === null ? {} : { message: words }) },
  };
}
