/** @module `:embedContent` and `:batchEmbedContents`. */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import { embedText } from "../answer/embed-text.ts";
import type { Content, TokenUsage } from "../answer/gemini-types.ts";
import { zeroUsage } from "../answer/gemini-types.ts";
import { apiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import { modelId } from "../state/models.ts";
import type { Call } from "../http/call.ts";
import { parseMessage } from "./parse-message.ts";

/** Serves both; a batch holds at most 100 requests. */
export function serveEmbed(call: Call): Result {
  const batch = call.route.operation === "batchEmbedContents";
  const model = findModel(call, call.route.model ?? "", "embedContent");
  if (isRefusal(model)) return refusal(model, { wrap: false });
  const message = parseMessage(call.body, batch ? "BatchEmbedContentsRequest" : "EmbedContentRequest");
  const requests = isRefusal(message)
    ? []
    : (((batch ? message["requests"] : [message]) as EmbedRequest[] | undefined) ?? []);
  const tokens = requests.map(({ content }) => sumTokens(countPromptTokens(content ? { contents: [content] } : {})));
  const prompt = tokens.reduce((sum, count) => sum + count, 0);
  const refused = admitCall(call, model, prompt) ?? (isRefusal(message) ? message : null);
  if (refused) return refusal(refused, { wrap: false });
  const words = complaint(requests, { batch, model: model.id });
  if (words !== null) return refusal(apiError("INVALID_ARGUMENT", words), { wrap: false });
  const embeddings = requests.map(({ content, outputDimensionality }) => ({
    values: embedText((content?.parts ?? []).map((part) => part.text ?? "").join("\n"), outputDimensionality),
  }));
  const usage: TokenUsage = { ...zeroUsage(), prompt, total: prompt };
  const usageMetadata = { promptTokenCount: prompt, promptTokensDetails: [{ modality: "TEXT", tokenCount: prompt }] };
  return whole(batch ? { embeddings, usageMetadata } : { embedding: embeddings[0], usageMetadata }, usage);
}

// --- helpers ---

interface EmbedRequest {
  model?: string;
  content?: Content;
  outputDimensionality?: number;
}

function complaint(requests: EmbedRequest[], { batch, model }: { batch: boolean; model: string }): string | null {
  if (requests.length > 100) {
    return "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n";
  }
  if (requests.length === 0) return "* BatchEmbedContentsRequest.requests: requests is not specified\n";
  for (const [index, request] of requests.entries()) {
    const at = batch ? `BatchEmbedContentsRequest.requests[${index}]` : "EmbedContentRequest";
    if (!request.content?.parts?.length) return `* ${at}.content: content is not specified\n`;
    if (batch && request.model !== undefined && modelId(request.model) !== model) {
      return `* ${at}.model: all requests in a batch must have the same model as the batch.\n`;
    }
  }
  return null;
}
