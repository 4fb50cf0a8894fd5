/** @module Generating and counting over Code Assist: the envelope off, the same answers as everywhere, the envelope on (fact sheet upstream 7.3). */

import { hash } from "node:crypto";

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { answerCall } from "../answer/answer-call.ts";
import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import type { Answer, GenerateRequest } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { CODE_ASSIST_BODIES } from "../errors/code-assist-errors.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import { encodeChunk, encodeWhole } from "../native/encode.ts";
import { parseMessage } from "../native/parse-message.ts";
import type { Model } from "../state/models.ts";
import { accountOf, checkEntitled } from "./caller.ts";

/** Serves `:generateContent` and `:streamGenerateContent`. */
export function serveCodeAssistGenerate(call: Call): Result {
  const stream = call.route.operation === "codeAssistStream";
  const refuse = (error: ApiError): Result => refusal(error, { wrap: stream });
  const envelope = parseMessage(call.body, "CodeAssistGenerateRequest");
  const named = isRefusal(envelope) ? null : envelope["project"];
  const barred = checkEntitled(accountOf(call), typeof named === "string" ? named : "");
  // What the envelope says wrong comes first; its project can only be judged when it can be read.
  if (isRefusal(envelope)) return refuse(envelope);
  if (barred) return refuse(barred);
  const model = findServed(call, envelope["model"]);
  if (isRefusal(model)) return refuse(model);
  const request = envelope["request"] as GenerateRequest | undefined;
  if (!request) return refuse(admitCall(call, model, 0) ?? apiError("INVALID_ARGUMENT", NO_ARGUMENT));
  const answer = answerCall(call, { request, model, stream });
  if (isRefusal(answer)) return refuse(answer);
  const wrap = toEnvelope(answer);
  const plain: Answer = { ...answer, serviceTier: null };
  if (!stream) {
    const delayMs = answer.chunks.reduce((sum, chunk) => sum + chunk.delayMs, 0);
    return whole(wrap(encodeWhole(plain)), answer.chunks.at(-1)?.usage ?? null, delayMs);
  }
  const frames = answer.chunks.map((chunk) => ({
    value: wrap(encodeChunk(plain, chunk)),
    usage: chunk.usage,
    delayMs: chunk.delayMs,
  }));
  const sse = call.query.get("alt") === "sse" || call.query.get("$alt") === "sse";
  return { kind: "frames", framing: sse ? "sse" : "array", frames, ends: true };
}

/** Serves `:countTokens`, which wants `models/` before the name and knows nothing but contents. */
export function serveCodeAssistCount(call: Call): Result {
  const refuse = (error: ApiError): Result => refusal(error, { wrap: false });
  const envelope = parseMessage(call.body, "CodeAssistCountTokensRequest");
  if (isRefusal(envelope)) return refuse(envelope);
  const barred = checkEntitled(accountOf(call), null);
  if (barred) return refuse(barred);
  const request = (envelope["request"] ?? {}) as GenerateRequest;
  const name = request.model ?? "";
  if (!name.startsWith("models/") || !request.contents?.length)
    return refuse(apiError("INVALID_ARGUMENT", NO_ARGUMENT));
  const model = findServed(call, name.slice("models/".length));
  if (isRefusal(model)) return refuse(model);
  return whole({ totalTokens: sumTokens(countPromptTokens(request)) });
}

/** What the command line program calls `gemini-3.5-flash` here (fact sheet upstream 7.8). */
const CODE_ASSIST_ALIASES: ReadonlyMap<string, string> = new Map([
  ["gemini-3-flash", "gemini-3-flash-preview"],
  ["gemini-3-pro-preview", "gemini-3.1-pro-preview"],
]);

// --- helpers ---

const NO_ARGUMENT = "Request contains an invalid argument.";

// A name with `models/` is nobody's here, as one that does not exist.
function findServed(call: Call, name: unknown): Model | ApiError {
  const id = typeof name === "string" ? name : "";
  const model = id.includes("/") ? null : findModel(call, CODE_ASSIST_ALIASES.get(id) ?? id, "generateContent");
  return model === null || isRefusal(model) ? CODE_ASSIST_BODIES["code-assist-model-not-found"]() : model;
}

function toEnvelope({ responseId }: Answer): (response: Record<string, unknown>) => Record<string, unknown> {
  const traceId = hash("sha256", responseId, "hex").slice(0, 16);
  return (response) => ({ response: { ...response, responseId: undefined }, traceId });
}
