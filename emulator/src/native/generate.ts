/** @module `:generateContent` and `:streamGenerateContent`. */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { answerCall } from "../answer/answer-call.ts";
import type { Answer } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { JSON_TYPE, refusal, whole } from "../http/result.ts";
import type { Call } from "../http/call.ts";
import { encodeChunk, encodeWhole } from "./encode.ts";
import { parseMessage } from "./parse-message.ts";

/** Serves one generate call. */
export function serveGenerate(call: Call): Result {
  const stream = call.route.operation === "streamGenerateContent";
  const refuse = refuseWith(call);
  const model = findModel(call, call.route.model ?? "", "generateContent");
  if (isRefusal(model)) return refuse(model);
  const message = parseMessage(call.body, "GenerateContentRequest");
  if (isRefusal(message)) return refuse(admitCall(call, model, 0) ?? message);
  const answer = answerCall(call, { request: message, model, stream });
  if (isRefusal(answer)) return refuse(answer);
  if (!stream) {
    const delayMs = answer.chunks.reduce((sum, chunk) => sum + chunk.delayMs, 0);
    return whole(encodeWhole(answer), answer.chunks.at(-1)?.usage ?? null, delayMs);
  }
  return { kind: "frames", framing: isSse(call) ? "sse" : "array", frames: toFrames(answer), ends: true };
}

/** How refusals of this call look: in a list for array streams, typed as an event stream for SSE. */
export function refuseWith(call: Pick<Call, "route" | "query">): (error: ApiError) => Result & { kind: "whole" } {
  const { surface, operation } = call.route;
  const stream = operation === "streamGenerateContent";
  const sse = stream && isSse(call);
  const wrap = surface === "openai" || (stream && !sse);
  return (error) => refusal(error, { wrap, contentType: sse ? "text/event-stream" : JSON_TYPE });
}

// --- helpers ---

function isSse({ query }: Pick<Call, "query">): boolean {
  return query.get("alt") === "sse" || query.get("$alt") === "sse";
}

function toFrames(answer: Answer): (Result & { kind: "frames" })["frames"] {
  return answer.chunks.map((chunk) => ({
    value: encodeChunk(answer, chunk),
    usage: chunk.usage,
    delayMs: chunk.delayMs,
  }));
}
