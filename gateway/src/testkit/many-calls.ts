/**
 * Ledgers of any size, the same each time: calls as a gateway with many clients and keys would write them.
 * @module
 */
import type { AttemptRecord, CallOutcome, CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import type { PricedCall } from "../storage/types.ts";
import { createSeededRandom } from "./simulated.ts";

/** What is made. */
export interface ManyCalls {
  count: number;
  /** They begin evenly over so many days … */
  days: number;
  /** … the last of them before this, epoch milliseconds. @default 2026-11-21T12:00:00Z */
  endMs?: number;
  /** @default 1 */
  seed?: number;
  /** How many there are of each; a few have most of the calls. @default 50 */
  clients?: number;
  /** @default 200 */
  credentials?: number;
  /** @default 20 */
  models?: number;
}

/**
 * Makes calls, the oldest first, about 2 µs each. 94 % go well at once, the others are retried, fail, are refused, left
 * or cut. Every twentieth asks for an alias.
 */
export function* makeCalls(options: ManyCalls): Generator<PricedCall, void, undefined> {
  const { count, days, seed = 1, clients = 50, credentials = 200, models = 20 } = options;
  const { endMs = Date.UTC(2026, 10, 21, 12) } = options;
  const { next } = createSeededRandom(seed);
  const startMs = endMs - days * 86_400_000;
  const step = (endMs - startMs) / Math.max(1, count);
  /** Small numbers are more frequent than great ones. */
  const skewed = (below: number): number => Math.floor(next() ** 2 * below);
  let lastMs = -1;
  let counter = 0;
  for (let index = 0; index < count; index += 1) {
    const startedAt = Math.floor(startMs + index * step);
    counter = startedAt === lastMs ? counter + 1 : 0;
    lastMs = startedAt;
    const model = modelName(skewed(models));
    const call = makeCall({
      id: `${startedAt.toString(36).padStart(9, "0")}${counter.toString(36).padStart(4, "0")}manycal`,
      startedAt,
      clientId: `client_${String(skewed(clients)).padStart(6, "0")}`,
      model,
      credential: Math.floor(next() * credentials),
      credentials,
      kind: next(),
      size: next(),
      speed: next(),
    });
    yield call;
  }
}

// --- helpers ---

interface Draw {
  id: string;
  startedAt: number;
  clientId: string;
  model: string;
  credential: number;
  credentials: number;
  /** Each from 0 to 1. */
  kind: number;
  size: number;
  speed: number;
}

const families = ["flash", "flash-lite", "pro"] as const;

function modelName(index: number): string {
  return `gemini-${(index / 10 + 2).toFixed(1)}-${families[index % families.length]}`;
}

function credentialName(index: number): string {
  return `cred_${String(index).padStart(6, "0")}`;
}

/** 0.2 to 60 seconds, most of them short. */
function durationOf(speed: number): number {
  return Math.floor(200_000 * 300 ** (speed * speed));
}

function makeCall(draw: Draw): PricedCall {
  const { kind, size, speed, model } = draw;
  const totalMicros = durationOf(speed);
  const prompt = 100 + Math.floor(size * 4_000);
  const output = 20 + Math.floor(speed * 900);
  const usage: Usage = {
    promptTokens: prompt,
    cachedTokens: size > 0.7 ? prompt >> 1 : 0,
    outputTokens: output,
    thoughtsTokens: output >> 1,
    toolUseTokens: 0,
    totalTokens: prompt + output + (output >> 1),
    modalities: null,
    serviceTier: "standard",
  };
  const first: AttemptRecord = {
    number: 1,
    credentialId: credentialName(draw.credential),
    projectId: `project-${draw.credential}`,
    offsetMicros: 60,
    durationMicros: totalMicros - 100,
    firstByteMicros: totalMicros >> 1,
    status: 200,
    rule: "ok",
    fault: "none",
    words: null,
    finishReason: "STOP",
    modelServed: model,
    usage,
  };
  const record: CallRecord = {
    id: draw.id,
    startedAt: draw.startedAt,
    clientId: draw.clientId,
    dialect: size < 0.6 ? "gemini" : "openai-chat",
    backend: size < 0.6 ? "gemini-api" : "gemini-openai",
    operation: speed < 0.5 ? "generate" : "stream-generate",
    method: "POST",
    path: `/v1beta/models/${model}:generateContent`,
    modelAsked: size < 0.05 ? "fast" : model,
    modelServed: model,
    stream: speed >= 0.5,
    status: 200,
    outcome: "ok",
    errorCode: null,
    finishReason: "STOP",
    usage,
    firstByteMicros: totalMicros >> 1,
    totalMicros,
    overheadMicros: 90,
    requestBytes: prompt * 4,
    responseBytes: output * 40,
    attempts: [first],
  };
  const cost = prompt * 750 + output * 5_600;
  if (kind < 0.94) return { record, costNanoUsd: cost, attemptCosts: [cost] };
  return makeUnusual(draw, { record, first, cost });
}

function makeUnusual(
  draw: Draw,
  { record, first, cost }: { record: CallRecord; first: AttemptRecord; cost: number },
): PricedCall {
  const nothing = { finishReason: null, modelServed: null, usage: null } as const;
  const failed = { ...first, ...nothing, firstByteMicros: null, status: 429, rule: "quota.minute" } as const;
  const fails: AttemptRecord = { ...failed, fault: "project", words: "Please retry in 34s." };
  const ends = (outcome: CallOutcome, status: number, change: Partial<CallRecord>): CallRecord => ({
    ...record,
    ...nothing,
    outcome,
    status,
    ...change,
  });
  if (draw.kind < 0.97) {
    const credentialId = credentialName((draw.credential + 1) % draw.credentials);
    const attempts = [fails, { ...first, number: 2, credentialId }];
    return { record: { ...record, attempts }, costNanoUsd: cost, attemptCosts: [0, cost] };
  }
  if (draw.kind < 0.98) {
    const attempts: AttemptRecord[] = [{ ...fails, status: 503, rule: "upstream.unavailable", fault: "upstream" }];
    return { record: ends("error", 503, { attempts }), costNanoUsd: 0, attemptCosts: [0] };
  }
  if (draw.kind < 0.99) {
    const refusal = { attempts: [], errorCode: "client_rate_limited", backend: null, firstByteMicros: null };
    return { record: ends("refused", 429, refusal), costNanoUsd: 0, attemptCosts: [] };
  }
  if (draw.kind < 0.995) {
    const attempts: AttemptRecord[] = [{ ...first, ...nothing }];
    return { record: ends("cancelled", 499, { attempts }), costNanoUsd: null, attemptCosts: [null] };
  }
  const attempts: AttemptRecord[] = [{ ...first, finishReason: null }];
  const cut = { attempts, usage: record.usage, modelServed: record.modelServed, errorCode: "upstream_broken" };
  return { record: ends("incomplete", 200, cut), costNanoUsd: cost, attemptCosts: [cost] };
}
