/** @module One request of a batch, answered like an online one but outside the quotas, the scripts and the implicit cache. */

import { isRefusal } from "../answer/admit-call.ts";
import { checkGenerate } from "../answer/check-generate.ts";
import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import { embedText } from "../answer/embed-text.ts";
import type { Content, TokenUsage } from "../answer/gemini-types.ts";
import { zeroUsage } from "../answer/gemini-types.ts";
import { makeAnswer } from "../answer/make-answer.ts";
import { resolvePrompt } from "../answer/resolve-prompt.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, badRequest } from "../errors/api-error.ts";
import { resolveFiles } from "../files/references.ts";
import { checkRequest } from "../json/check-request.ts";
import { encodeWhole } from "../native/encode.ts";
import type { Ids } from "../state/ids.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";
import type { BatchWork } from "./batch.ts";

/** Whose batch it is. */
export interface ItemContext {
  world: World;
  projectId: string;
  model: Model;
  work: BatchWork;
  /** The batch's own, so that its answers do not depend on when somebody looks. */
  ids: Ids;
}

/** The answer of one request with what it costs, or its error as `google.rpc.Status`. */
export type ItemOutcome =
  | { ok: true; response: object; usage: TokenUsage }
  | { ok: false; error: { code: number; message: string } };

/** Answers one request; whatever is wrong with it is its own error, not the batch's. */
export function answerItem(request: unknown, context: ItemContext): ItemOutcome {
  const message = context.work === "generate" ? "GenerateContentRequest" : "EmbedContentRequest";
  const checked = checkRequest(request, message);
  if (!checked.ok) return failed(badRequest(checked.violations));
  return context.work === "generate" ? generate(checked.value, context) : embed(checked.value, context);
}

/** A refusal as `google.rpc.Status`. */
export function toStatus(error: ApiError): { code: number; message: string } {
  if (!("error" in error)) return { code: 13, message: "Internal error encountered." };
  return { code: CODES[error.error.status] ?? 2, message: error.error.message };
}

// --- helpers ---

/** Numbers of gRPC's codes. */
const CODES: Record<string, number> = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
};

function failed(error: ApiError): ItemOutcome {
  return { ok: false, error: toStatus(error) };
}

function generate(value: Record<string, unknown>, { world, projectId, model, ids }: ItemContext): ItemOutcome {
  const resolved = resolvePrompt(value, { world, projectId, model });
  if (isRefusal(resolved)) return failed(resolved);
  const { request, cached } = resolved;
  const promptTokens = countPromptTokens(request);
  const total = sumTokens(promptTokens);
  const refused = checkGenerate(request, { model, project: projectId, promptTokens: total });
  if (refused) return failed(refused);
  const answer = makeAnswer({ request, model, project: projectId, promptTokens, cachedTokens: cached ?? {}, ids });
  const usage = answer.chunks.at(-1)?.usage ?? zeroUsage();
  return { ok: true, response: encodeWhole(answer), usage };
}

function embed(value: Record<string, unknown>, { world, projectId }: ItemContext): ItemOutcome {
  const { content, outputDimensionality } = value as { content?: Content; outputDimensionality?: number };
  if (!content?.parts?.length) {
    return failed(apiError("INVALID_ARGUMENT", "* EmbedContentRequest.content: content is not specified\n"));
  }
  const refused = resolveFiles({ contents: [content] }, { world, projectId });
  if (refused) return failed(refused);
  const prompt = sumTokens(countPromptTokens({ contents: [content] }));
  const text = content.parts.map((part) => part.text ?? "").join("\n");
  const embedding = { values: embedText(text, outputDimensionality) };
  return {
    ok: true,
    response: { embedding, tokenCount: String(prompt) },
    usage: { ...zeroUsage(), prompt, total: prompt },
  };
}
