/**
 * The gateway's own answers, and upstream errors on their way to the client, in the caller's dialect.
 * @module
 */
import { errorTable, type ErrorCode } from "../core/errors.ts";
import type { Reserved } from "../clients/types.ts";
import { headerOf } from "../core/headers.ts";
import type { Bytes } from "../core/ports.ts";
import type { Dialect } from "../core/records.ts";
import type { ErrorFacts } from "../core/scan/error-words.ts";
import type { Verdict } from "../core/verdict.ts";
import { writeStreamError as writeGeminiStreamError } from "../dialects/gemini/write-error.ts";
import { writeStreamError as writeChatStreamError } from "../dialects/openai-chat/write-error.ts";
import type { RequestProblem, StreamFault } from "../translation/types.ts";
import { convertError, dialectOfUrl, toFault, writeDialectError } from "./dialect-errors.ts";
import type { Pick } from "../pool/types.ts";
import type { Attempt } from "./attempt.ts";
import type { CallFacts } from "./facts.ts";
import type { CallEnvironment } from "./environment.ts";
import type { Outcome } from "./outcome.ts";
import { parseGoogleError } from "./verdict/google-error.ts";
import { upstreamLimitHeaders } from "./limits/headers.ts";
import { toLimitRefusal } from "./limits/refusal.ts";
import { redactBody } from "./redact-body.ts";
import { relayedHeaders } from "./response-headers.ts";
import type { TapResult } from "./tap-types.ts";

/** A whole answer. */
export interface Answer {
  status: number;
  headers: string[];
  body: Uint8Array;
  /** Null when it is the upstream's own error. */
  code: ErrorCode | null;
  /** The same, for a translated stream whose head is out already. */
  fault: StreamFault;
}

/** The last judged attempt of a call. */
export interface LastOutcome {
  verdict: Verdict;
  outcome: Outcome;
  attempt: Attempt;
  /** The body as it came, for errors and empty answers. */
  held: readonly Uint8Array[];
  tapped: TapResult | null;
}

/**
 * One of the gateway's own errors.
 * @param pick why no credential could be had, or null
 * @param verdict the verdict that ended the call, or null
 */
export function errorAnswer(
  call: CallFacts,
  environment: CallEnvironment,
  code: ErrorCode,
  pick: Pick | null,
  verdict: Verdict | null = null,
): Answer {
  const now = environment.clock.now();
  let soonestMs: number | null = null;
  if (pick !== null && !pick.ok) soonestMs = pick.soonestMs;
  else if (verdict !== null)
    for (const effect of verdict.effects) if (effect.kind === "cooldown") soonestMs = effect.untilMs;
  const retryAfterSeconds =
    soonestMs !== null && errorTable[code].status === 429 ? Math.max(1, Math.ceil((soonestMs - now) / 1000)) : null;
  const options = {
    code,
    requestId: call.id,
    retryAfterSeconds,
    causes: pick !== null && !pick.ok ? pick.causes : null,
    soonestMs,
  };
  return written(call, environment, options);
}

/** The upstream's error, as it came but for secrets; unwrapped for OpenAI clients. */
export function relayedError(call: CallFacts, environment: CallEnvironment, last: LastOutcome): Answer {
  const { outcome } = last;
  if (outcome.kind !== "status") return errorAnswer(call, environment, codeOfLast(last), null, last.verdict);
  // Compressed although nobody asked for it: no secret could be found in it, and no client of OpenAI's could read it.
  const encoding = headerOf(last.attempt.headers, "content-encoding");
  if (encoding !== null && encoding !== "identity")
    return errorAnswer(call, environment, "upstream_invalid", null, last.verdict);
  const retryAfter = retryAfterOf(last, environment.clock.now());
  const headers = relayedHeaders(last.attempt.headers, { dropLength: true, kinds: environment.headerKinds });
  if (outcome.status === 429) headers.push(...upstreamLimitHeaders);
  const status = outcome.status;
  const redactedBody = redactBody(outcome.body, last.attempt.lease.secret);
  const fault: StreamFault = {
    code: null,
    status,
    message: parseGoogleError(redactedBody).message || `The upstream answered with status ${status}.`,
    requestId: call.id,
    retryAfterSeconds: retryAfter,
  };
  const converted = convertError(dialectOf(call), { status, body: redactedBody, requestId: call.id });
  if (converted !== null) {
    const body = environment.bytes.encode(converted.body);
    const kept = headers.filter(
      (_, index) => (headers[index - (index % 2)] as string).toLowerCase() !== "content-type",
    );
    kept.push("content-type", "application/json; charset=utf-8", "content-length", String(body.length));
    // Codex takes a 429 without it for fatal (fact sheet translation 0.2).
    const seconds = converted.retryAfterSeconds ?? retryAfter ?? (converted.status === 429 ? 1 : null);
    if (seconds !== null && !has(kept, "retry-after")) kept.push("retry-after", String(seconds));
    const dialect = dialectOf(call);
    if (dialect !== "gemini") kept.push(dialect === "anthropic" ? "request-id" : "x-request-id", call.id);
    return { status: converted.status, headers: kept, body, code: null, fault };
  }
  // An error found inside a 200 stream before any content becomes a real status with its own body.
  const inStream = last.tapped !== null;
  // Code Assist wraps the errors of streams in a list, whatever was asked for (fact sheet upstream 7.3).
  const isList = call.identity?.framing === "json-array";
  const wrapped = call.identity?.backend === "code-assist" && !inStream;
  const plain = !wrapped ? outcome.body : isList ? inList(outcome.body) : withoutList(outcome.body);
  const original =
    inStream || plain !== outcome.body
      ? environment.bytes.encode(inStream ? inBandBody(call, outcome.body) : plain)
      : environment.bytes.concat(last.held);
  const text = inStream ? inBandBody(call, outcome.body) : plain;
  const redacted = redactBody(text, last.attempt.lease.secret);
  const body = redacted === text ? original : environment.bytes.encode(redacted);
  const kept = inStream
    ? [
        ...headers.filter((_, index) => (headers[index - (index % 2)] as string).toLowerCase() !== "content-type"),
        "content-type",
        "application/json; charset=UTF-8",
      ]
    : headers;
  kept.push("content-length", String(body.length));
  if (retryAfter !== null && !has(kept, "retry-after")) kept.push("retry-after", String(retryAfter));
  return { status, headers: kept, body, code: null, fault };
}

/**
 * An error about something that the client named itself.
 * @param words what it named, added to the code's text
 */
export function namedAnswer(call: CallFacts, environment: CallEnvironment, code: ErrorCode, words: string): Answer {
  return written(call, environment, { code, requestId: call.id, message: `${errorTable[code].message} (${words})` });
}

/** A request that cannot be translated. */
export function problemAnswer(call: CallFacts, environment: CallEnvironment, problem: RequestProblem): Answer {
  const { code, field, message } = problem;
  return written(call, environment, { code, requestId: call.id, field: field === "" ? null : field, message });
}

/** A refusal by the client's own limits. */
export function limitAnswer(
  call: CallFacts,
  environment: CallEnvironment,
  refused: Extract<Reserved, { ok: false }>,
): Answer {
  return written(call, environment, { ...toLimitRefusal(refused), requestId: call.id });
}

/**
 * The error event that ends a stream of which bytes are out already.
 * @returns text to append, or null when the framing has no place for it (the connection is cut instead)
 */
export function streamError(call: CallFacts, code: ErrorCode): string | null {
  const { identity } = call;
  if (identity === null || !identity.stream) return null;
  if (identity.dialect === "openai-chat") return writeChatStreamError({ code, requestId: call.id });
  return writeGeminiStreamError({
    code,
    requestId: call.id,
    framing: identity.framing === "json-array" ? "json-array" : "sse",
    anySent: call.answer.bytes > 0,
    midEvent: call.answer.bytes > 0 && !endsEvent(call.answer.lastChunk),
  });
}

/** The code for a call that ends on its last attempt's fault. */
export function codeOfLast(last: LastOutcome): ErrorCode {
  const { outcome, verdict } = last;
  switch (outcome.kind) {
    case "network":
      return outcome.phase === "connect" ? "upstream_unreachable" : "upstream_broken";
    case "timeout":
      return outcome.phase === "connect"
        ? "upstream_connect_timeout"
        : outcome.phase === "first-byte"
          ? "upstream_first_byte_timeout"
          : "upstream_idle_timeout";
    case "cut":
    case "empty":
      return "upstream_broken";
    default:
      if (verdict.effects.some((effect) => effect.kind === "cooldown")) return "credentials_exhausted";
      return isCredentialFault(verdict) ? "credentials_unusable" : "upstream_invalid";
  }
}

/** The code for a call for which no credential could be had. */
export function codeOfPick(pick: Pick, last: LastOutcome | null): ErrorCode {
  if (pick.ok) return "internal";
  if (pick.causes["account"] !== undefined) return "operation_unsupported";
  if (pick.reason === "cooling") return "credentials_exhausted";
  if (pick.reason === "tried" && last !== null) return codeOfLast(last);
  return pick.reason === "empty" ? "no_credentials" : "credentials_unusable";
}

/** Whether a verdict blames what the gateway holds, which is never the client's problem. */
export function isCredentialFault(verdict: Verdict): boolean {
  return verdict.fault === "credential" || verdict.fault === "project";
}

/** The held body of an error as text. */
export function collectedText(attempt: Attempt, bytes: Bytes): string {
  return attempt.held.length === 0 ? "" : bytes.decode(bytes.concat(attempt.held));
}

// --- helpers ---

function written(call: CallFacts, environment: CallEnvironment, facts: ErrorFacts): Answer {
  const answer = writeDialectError(dialectOf(call), facts, {
    arrayWrapped: call.identity?.framing === "json-array",
  });
  const body = environment.bytes.encode(answer.body);
  const headers = [...answer.headers, "content-length", String(body.length)];
  if (facts.code === "credentials_exhausted" || facts.code === "owner_exhausted") headers.push(...upstreamLimitHeaders);
  return { status: answer.status, headers, body, code: facts.code, fault: toFault(facts) };
}

function dialectOf(call: CallFacts): Dialect {
  return call.identity === null ? dialectOfUrl(call.head.url) : call.identity.dialect;
}

/** Whether bytes end on a blank line. Too short to tell counts as no: one blank line more does no harm. */
function endsEvent(chunk: Uint8Array | null): boolean {
  if (chunk === null) return false;
  const last = chunk.length - 1;
  if (chunk[last] !== 10) return false;
  return chunk[last - 1] === 10 || (chunk[last - 1] === 13 && chunk[last - 2] === 10);
}

/** The only element of a list; anything else as it is. */
function withoutList(body: string): string {
  if (!/^\s*\[/.test(body)) return body;
  try {
    const list: unknown = JSON.parse(body);
    return Array.isArray(list) && list.length === 1 ? JSON.stringify(list[0], null, 2) : body;
  } catch {
    return body;
  }
}

/** JSON objects in a list of their own; anything else as it is. */
function inList(body: string): string {
  return /^\s*\{/.test(body) ? `[${body.trim()}\n]\n` : body;
}

function inBandBody(call: CallFacts, body: string): string {
  return call.identity?.framing === "json-array" ? `[${body}\n]\n` : body;
}

function retryAfterOf(last: LastOutcome, now: number): number | null {
  if (last.outcome.kind !== "status" || last.outcome.status !== 429) return null;
  let until = 0;
  for (const effect of last.verdict.effects) if (effect.kind === "cooldown") until = Math.max(until, effect.untilMs);
  return until > now ? Math.max(1, Math.ceil((until - now) / 1000)) : null;
}

function has(headers: readonly string[], lowerName: string): boolean {
  for (let index = 0; index < headers.length; index += 2)
    if ((headers[index] as string).toLowerCase() === lowerName) return true;
  return false;
}
