/** @module `:countTokens`: tokens of a prompt by the token rule. */

import { findModel, isRefusal } from "../answer/admit-call.ts";
import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import type { TokensByModality } from "../answer/count-tokens.ts";
import type { GenerateRequest } from "../answer/gemini-types.ts";
import { resolvePrompt } from "../answer/resolve-prompt.ts";
import { apiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import type { Call } from "../http/call.ts";
import { parseMessage } from "./parse-message.ts";

/** Counts by the token rule; free of charge and of quota. */
export function serveCountTokens(call: Call): Result {
  const model = findModel(call, call.route.model ?? "", "countTokens");
  if (isRefusal(model)) return refusal(model, { wrap: false });
  const message = parseMessage(call.body, "CountTokensRequest");
  if (isRefusal(message)) return refusal(message, { wrap: false });
  const request = (message["generateContentRequest"] ?? message) as GenerateRequest;
  if (!request.contents?.length) {
    const error = apiError("INVALID_ARGUMENT", "* CountTokensRequest.contents: contents is not specified\n");
    return refusal(error, { wrap: false });
  }
  const resolved = resolvePrompt(request, { world: call.world, projectId: call.project.id, model });
  if (isRefusal(resolved)) return refusal(resolved, { wrap: false });
  const byModality = countPromptTokens(resolved.request);
  return whole({
    totalTokens: sumTokens(byModality),
    ...(resolved.cached ? { cachedContentTokenCount: sumTokens(resolved.cached) } : {}),
    promptTokensDetails: detailsOf(byModality),
    ...(resolved.cached ? { cacheTokensDetails: detailsOf(resolved.cached) } : {}),
  });
}

// --- helpers ---

function detailsOf(tokens: TokensByModality): { modality: string; tokenCount: number }[] {
  return Object.entries(tokens).map(([modality, tokenCount]) => ({ modality, tokenCount }));
}
