/** @module What a prompt refers to, looked up: files, a cache, file search stores. All of it belongs to the caller's project. */

import { expandCache } from "../caches/cache.ts";
import type { ApiError } from "../errors/api-error.ts";
import { resolveFiles } from "../files/references.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";
import { checkStores } from "../stores/references.ts";
import { isRefusal } from "./admit-call.ts";
import type { TokensByModality } from "./count-tokens.ts";
import type { GenerateRequest } from "./gemini-types.ts";

/** A prompt with everything in it. */
export interface ResolvedPrompt {
  /** With the cache's contents in front. */
  request: GenerateRequest;
  /** Tokens that an explicit cache holds; null without one. */
  cached: TokensByModality | null;
}

/** Looks up what a request names, or gives the refusal. */
export function resolvePrompt(
  request: GenerateRequest,
  options: { world: World; projectId: string; model: Model },
): ResolvedPrompt | ApiError {
  const expanded = expandCache(request, options);
  if (isRefusal(expanded)) return expanded;
  return resolveFiles(request, options) ?? checkStores(expanded.request, options) ?? expanded;
}
