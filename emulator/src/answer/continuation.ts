/** @module Long decode: an answer that is longer than one call may be goes on in the next, by a token (fact sheet upstream 1.10). */

import { hash } from "node:crypto";

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Model } from "../state/models.ts";
import type { Answer, AnswerChunk, GenerateRequest } from "./gemini-types.ts";

/** How far an answer has come before this call. */
export interface Progress {
  /** Chunks that earlier calls gave. */
  chunks: number;
  /** Their visible tokens: this call reads them as a part of its prompt. */
  tokens: number;
}

/** What a token is bound to. */
export interface TokenScope {
  project: string;
  model: string;
  request: GenerateRequest;
}

/** The beginning of an answer. */
const NO_PROGRESS: Progress = { chunks: 0, tokens: 0 };

/** Reads the request's token: no progress without one, a 400 for one of another project, model or request. */
export function readContinuation(scope: TokenScope): Progress | ApiError {
  const token = scope.request["continuationToken"];
  if (typeof token !== "string" || token === "") return NO_PROGRESS;
  const text = Buffer.from(token, "base64").toString("latin1");
  const match = /^continue:(\d{1,9}) (\d{1,9}) (\w+)$/.exec(text);
  if (!match) return apiError("INVALID_ARGUMENT", "Invalid continuation token.");
  const progress = { chunks: Number(match[1]), tokens: Number(match[2]) };
  // Google is not known to say which of its conditions failed.
  if (match[3] !== seal(progress, scope)) {
    return apiError("INVALID_ARGUMENT", "The continuation token does not belong to this request.");
  }
  return progress;
}

/**
 * Cuts an answer to what one call gives: skips what earlier calls gave, ends with `CONTINUATION` at the model's limit, and
 * puts a checkpoint beside each chunk of a stream. A script that ends with `CONTINUATION` gets a token too.
 */
export function continueAnswer(
  answer: Answer,
  options: { progress: Progress; model: Model; stream: boolean; scripted: boolean; scope: TokenScope },
): Answer {
  const { progress, stream, scripted, scope } = options;
  const room = options.model.outputTokensPerCall ?? defaultRoom(options.model, stream);
  const skipped = scripted ? 0 : Math.min(progress.chunks, Math.max(0, answer.chunks.length - 1));
  const before = answer.chunks[skipped - 1];
  const rest = answer.chunks.slice(skipped).map((chunk) => since(chunk, before));
  const over = scripted ? -1 : rest.findIndex(({ usage }) => usage.candidates + usage.thoughts > room);
  const end = over < 0 ? rest.length : Math.max(1, over);
  const chunks = rest.slice(0, end);
  const goesOn = end < rest.length || chunks.at(-1)?.finishReason === "CONTINUATION";
  const checkpoints = stream && (goesOn || options.model.outputTokensPerCall !== null);
  for (const [index, chunk] of chunks.entries()) {
    const last = index === chunks.length - 1;
    if (last && goesOn) chunk.finishReason = "CONTINUATION";
    if (last ? goesOn : checkpoints) {
      const made = { chunks: skipped + index + 1, tokens: progress.tokens + chunk.usage.candidates };
      chunk.candidate = { continuationToken: writeToken(made, scope), ...chunk.candidate };
    }
  }
  return { ...answer, chunks };
}

// --- helpers ---

// Gemini 4: 65,536 streamed, 32,768 unary; older models know no continuation.
function defaultRoom({ generation }: Model, stream: boolean): number {
  if (generation < 4) return Number.POSITIVE_INFINITY;
  return stream ? 65_536 : 32_768;
}

// Counts of one call begin with it; the prompt is the same for all chunks.
function since(chunk: AnswerChunk, before: AnswerChunk | undefined): AnswerChunk {
  if (!before) return { ...chunk };
  const { usage } = chunk;
  const candidates = usage.candidates - before.usage.candidates;
  const thoughts = usage.thoughts - before.usage.thoughts;
  const total = usage.total - before.usage.candidates - before.usage.thoughts;
  return { ...chunk, usage: { ...usage, candidates, thoughts, total } };
}

function writeToken(progress: Progress, scope: TokenScope): string {
  return Buffer.from(`continue:${progress.chunks} ${progress.tokens} ${seal(progress, scope)}`).toString("base64");
}

// The same request again, but for the token; the budget may have been raised meanwhile.
function seal({ chunks, tokens }: Progress, { project, model, request }: TokenScope): string {
  const { continuationToken: _, generationConfig, ...rest } = request;
  const { maxOutputTokens: __, ...config } = generationConfig ?? {};
  const body = JSON.stringify([rest, config]);
  return hash("sha256", `${chunks} ${tokens} ${project} ${model} ${body}`, "hex").slice(0, 32);
}
