/** @module What Gemini refuses in a request whose names and types are right (fact sheet upstream 4.2, 8, translation 0.3, 4, 5.1). */

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Model } from "../state/models.ts";
import type { Surface } from "../state/surface.ts";
import { checkSettings } from "./check-settings.ts";
import { checkTools } from "./check-tools.ts";
import { checkParts, checkSignatures, checkTurns } from "./check-turns.ts";
import type { GenerateRequest } from "./gemini-types.ts";

/** What a request is checked against. */
export interface CheckOptions {
  model: Model;
  /** Whose signatures are good. */
  project: string;
  promptTokens: number;
  /** @default "native" */
  surface?: Surface;
}

/** The refusal of a request, or null. */
export function checkGenerate(request: GenerateRequest, options: CheckOptions): ApiError | null {
  const { model, promptTokens, surface = "native" } = options;
  const contents = request.contents ?? [];
  const words =
    (contents.length === 0 ? "* GenerateContentRequest.contents: contents is not specified\n" : null) ??
    checkParts(request, surface) ??
    checkTools(request, { model, surface }) ??
    checkSettings(request, { model, surface }) ??
    checkTurns(contents, { model, surface }) ??
    checkSignatures(contents, options);
  if (words !== null) return apiError("INVALID_ARGUMENT", words);
  if (promptTokens <= model.inputTokenLimit) return null;
  return apiError(
    "INVALID_ARGUMENT",
    `The input token count exceeds the maximum number of tokens allowed (${model.inputTokenLimit}).`,
  );
}
