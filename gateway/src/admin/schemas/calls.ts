/**
 * Calls with their attempts, filters, histogram, captured bodies.
 * @module
 */
import * as z from "zod";
import { countSchema, cursorQuery, timeQuery, timeSchema } from "./common.ts";

export const usageSchema = z.object({
  promptTokens: countSchema,
  cachedTokens: countSchema,
  outputTokens: countSchema,
  thoughtsTokens: countSchema,
  toolUseTokens: countSchema,
  totalTokens: countSchema,
  modalities: z.record(z.string(), z.record(z.string(), countSchema)).nullable(),
  serviceTier: z.string().nullable(),
});

export const attemptSchema = z.object({
  number: countSchema,
  credentialId: z.string(),
  projectId: z.string(),
  offsetMicros: z.number(),
  durationMicros: z.number(),
  firstByteMicros: z.number().nullable(),
  status: z.number().int().nullable(),
  rule: z.string(),
  fault: z.string(),
  words: z.string().nullable(),
  finishReason: z.string().nullable(),
  modelServed: z.string().nullable(),
  usage: usageSchema.nullable(),
  costUsd: z.number().nullable(),
});

export const outcomeSchema = z.enum(["ok", "error", "refused", "incomplete", "cancelled", "interrupted"]);

export const callSchema = z.object({
  id: z.string(),
  startedAt: timeSchema,
  clientId: z.string().nullable(),
  dialect: z.string(),
  backend: z.string().nullable(),
  operation: z.string(),
  method: z.string(),
  path: z.string(),
  modelAsked: z.string().nullable(),
  modelServed: z.string().nullable(),
  stream: z.boolean(),
  status: z.number().int(),
  outcome: outcomeSchema,
  errorCode: z.string().nullable(),
  finishReason: z.string().nullable(),
  usage: usageSchema.nullable(),
  firstByteMicros: z.number().nullable(),
  totalMicros: z.number(),
  overheadMicros: z.number(),
  requestBytes: countSchema,
  responseBytes: countSchema,
  costUsd: z.number().nullable(),
  attempts: z.array(attemptSchema),
});

/** Combined with AND. */
export const callFilterFields = {
  /** Begun at or after. */
  sinceMs: timeQuery.optional(),
  /** Begun before. */
  untilMs: timeQuery.optional(),
  /** Asked for or served. */
  model: z.string().max(200).optional(),
  clientId: z.string().max(200).optional(),
  /** At least one attempt was made with it. */
  credentialId: z.string().max(200).optional(),
  outcome: outcomeSchema.optional(),
  /** `429`, or a class: `4xx`. */
  status: z
    .string()
    .regex(/^([1-5]xx|\d{3})$/)
    .optional(),
  dialect: z.string().max(40).optional(),
  operation: z.string().max(40).optional(),
  /** Verdict rule of any attempt, or the gateway's own error code. */
  rule: z.string().max(100).optional(),
  /** Whole duration, milliseconds. */
  minMs: z.coerce.number().nonnegative().optional(),
  maxMs: z.coerce.number().nonnegative().optional(),
  minCostUsd: z.coerce.number().nonnegative().optional(),
  maxCostUsd: z.coerce.number().nonnegative().optional(),
  /** More than one attempt. */
  retried: z.enum(["true", "false"]).optional(),
};
export const callFilterQuery = z.strictObject(callFilterFields);
export const callListQuery = z.strictObject({
  ...callFilterFields,
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  /** `next` of the page before. */
  cursor: cursorQuery.optional(),
  /** Only ids smaller (older) than this. */
  before: z.string().max(100).optional(),
  /** Only ids greater (newer) than this, oldest first. */
  after: z.string().max(100).optional(),
});

export const callPageSchema = z.object({
  calls: z.array(callSchema),
  /** Null: there are no more. */
  next: z.string().nullable(),
  /**
   * A page ends when it is full or when enough was read: rare matches come page by page. Everything at or after this time
   * has been looked at; null: all of the range.
   */
  searchedToMs: timeSchema.nullable(),
});

export const histogramQuery = z.strictObject({
  ...callFilterFields,
  sinceMs: timeQuery,
  untilMs: timeQuery,
  /** About so many bars. @default 60 */
  bars: z.coerce.number().int().min(1).max(400).default(60),
});
export const histogramSchema = z.object({
  /** Width of a bar, milliseconds. */
  widthMs: z.number(),
  bars: z.array(z.object({ fromMs: timeSchema, calls: countSchema, errors: countSchema })),
  /** False: only the newest part of the range was counted (`countedFromMs`), since the filter needs single calls. */
  whole: z.boolean(),
  countedFromMs: timeSchema,
});

export const exportQuery = z.strictObject({
  ...callFilterFields,
  format: z.enum(["csv", "json", "ndjson"]).default("csv"),
  /** IANA zone of the times in CSV. @default UTC */
  zone: z.string().max(64).default("UTC"),
});

/** A captured message: text cut to CAPTURE_MAX_BYTES, known secrets taken out. */
export const capturedSchema = z.object({
  /** Header names and values, secrets left out. */
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
  /** Bytes that were there. */
  bytes: countSchema,
  cut: z.boolean(),
  /** Body is base64: it was not text. */
  base64: z.boolean(),
});
export const captureSchema = z.object({
  callId: z.string(),
  method: z.string(),
  path: z.string(),
  request: capturedSchema,
  response: capturedSchema,
  expiresAt: timeSchema,
});
