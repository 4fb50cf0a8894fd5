/**
 * Records for the storage contract.
 * @module
 */
import type { AttemptRecord, CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import { idFloor } from "./id-range.ts";
import type { PricedCall } from "./types.ts";

/** The first moment of all samples, epoch milliseconds. */
export const sampleStart = 1_763_000_000_000;

/** Usage with every count filled. */
export function sampleUsage(change: Partial<Usage> = {}): Usage {
  return {
    promptTokens: 1_200,
    cachedTokens: 200,
    outputTokens: 150,
    thoughtsTokens: 700,
    toolUseTokens: 5,
    totalTokens: 2_055,
    modalities: { prompt: { TEXT: 1_000, IMAGE: 200 }, cached: { TEXT: 200 }, output: { TEXT: 150 } },
    serviceTier: "standard",
    ...change,
  };
}

/** An attempt that went well. */
export function sampleAttempt(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number: 1,
    credentialId: "cred_1",
    projectId: "project-1",
    offsetMicros: 45,
    durationMicros: 823_000,
    firstByteMicros: 812_000,
    status: 200,
    rule: "ok",
    fault: "none",
    words: null,
    finishReason: "STOP",
    modelServed: "gemini-3.8-flash",
    usage: sampleUsage(),
    ...change,
  };
}

/**
 * A call with one attempt that went well.
 * @param index milliseconds after `sampleStart`; also in the id
 */
export function sampleRecord(index: number, change: Partial<CallRecord> = {}): CallRecord {
  return {
    id: `${idFloor(sampleStart + index)}0000abcdefg`,
    startedAt: sampleStart + index,
    clientId: "client_1",
    dialect: "gemini",
    backend: "gemini-api",
    operation: "generate",
    method: "POST",
    path: "/v1beta/models/gemini-3.8-flash:generateContent",
    modelAsked: "gemini-3.8-flash",
    modelServed: "gemini-3.8-flash",
    stream: false,
    status: 200,
    outcome: "ok",
    errorCode: null,
    finishReason: "STOP",
    usage: sampleUsage(),
    firstByteMicros: 812_345,
    totalMicros: 823_456,
    overheadMicros: 97,
    requestBytes: 2_345,
    responseBytes: 1_834,
    attempts: [sampleAttempt()],
    ...change,
  };
}

/** A call with its cost. */
export function sampleCall(
  index: number,
  change: Partial<CallRecord> = {},
  cost: number | null = 3_456_789,
): PricedCall {
  const record = sampleRecord(index, change);
  return { record, costNanoUsd: cost, attemptCosts: record.attempts.map(() => cost) };
}

/** Two failed tries with other keys, then an answer: attempts stand in rows of their own. */
export function sampleRetriedCall(index: number): PricedCall {
  const busy = {
    status: 429,
    rule: "quota.minute",
    fault: "project",
    words: "slow down \u2713",
    finishReason: null,
  } as const;
  const nothing = { firstByteMicros: null, modelServed: null, usage: null };
  const attempts = [
    sampleAttempt({ ...busy, ...nothing }),
    sampleAttempt({
      number: 2,
      credentialId: "cred_2",
      projectId: "project-2",
      ...nothing,
      status: null,
      rule: "network",
      fault: "network",
    }),
    sampleAttempt({ number: 3, credentialId: "cred_1", usage: sampleUsage({ modalities: null, serviceTier: null }) }),
  ];
  const record = sampleRecord(index, { attempts, usage: sampleUsage({ modalities: null }) });
  return { record, costNanoUsd: null, attemptCosts: [0, null, 3_000_000] };
}
