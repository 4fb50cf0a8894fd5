/** @module An explicit cache: a beginning of a prompt that a project keeps for a while (fact sheet upstream 1.4). */

import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import type { TokensByModality } from "../answer/count-tokens.ts";
import type { Content, GenerateRequest } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { resolveFiles } from "../files/references.ts";
import { storeFull } from "../resources/answers.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { parseDuration, parseTimestamp, toTimestamp } from "../resources/times.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";

/** What a cache holds. */
export interface CacheValue {
  /** `models/x`. */
  model: string;
  displayName: string;
  prompt: Pick<GenerateRequest, "contents" | "systemInstruction" | "tools" | "toolConfig">;
  tokens: TokensByModality;
}

/** The caches of all projects. */
export const CACHES: ResourceKind<CacheValue> = defineKind<CacheValue>("cachedContents", { limit: 1_000 });

/** Makes a cache, or says why not. @param options.message A checked `CachedContent`. */
export function createCache(
  world: World,
  options: { projectId: string; model: Model; message: Record<string, unknown> },
): Resource<CacheValue> | ApiError {
  const { projectId, model, message } = options;
  const { contents, systemInstruction, tools, toolConfig, displayName } = message as GenerateRequest;
  const prompt = {
    ...(contents ? { contents } : {}),
    ...(systemInstruction ? { systemInstruction } : {}),
    ...(tools ? { tools } : {}),
    ...(toolConfig ? { toolConfig } : {}),
  };
  const refused = resolveFiles(prompt, { world, projectId });
  if (refused) return refused;
  const tokens = countPromptTokens(prompt);
  const total = sumTokens(tokens);
  const least = world.options.minCachedTokens ?? (model.modelVersion.includes("-pro") ? 4_096 : 1_024);
  if (total < least) {
    return apiError(
      "INVALID_ARGUMENT",
      `Cached content is too small. total_token_count=${total}, min_total_token_count=${least}`,
    );
  }
  if (total > model.inputTokenLimit) {
    return apiError(
      "INVALID_ARGUMENT",
      `The input token count exceeds the maximum number of tokens allowed (${model.inputTokenLimit}).`,
    );
  }
  const expireTime = readExpiry(world, message);
  if (typeof expireTime !== "number") return expireTime;
  const created = world.resources.of(CACHES).create({
    name: `cachedContents/${world.ids.resource()}`,
    projectId,
    expireTime,
    value: {
      model: model.name,
      displayName: typeof displayName === "string" ? displayName : "",
      prompt,
      tokens,
    },
  });
  return created ?? storeFull();
}

/** When a cache is to end, by `ttl` or `expireTime`; one hour unless told. */
export function readExpiry(world: World, { ttl, expireTime }: Record<string, unknown>): number | ApiError {
  const now = world.now();
  if (ttl !== undefined && expireTime !== undefined) {
    return apiError("INVALID_ARGUMENT", "* CachedContent.expiration: only one of ttl and expire_time can be set\n");
  }
  const lasts = ttl === undefined ? HOUR_MS : parseDuration(ttl as string);
  const ends = expireTime === undefined ? lasts !== null && now + lasts : parseTimestamp(expireTime as string);
  if (typeof ends !== "number") {
    const [field, value] = ttl === undefined ? ["expire_time", expireTime] : ["ttl", ttl];
    return apiError("INVALID_ARGUMENT", `Invalid value at 'cached_content.${field}', ${JSON.stringify(value)}`);
  }
  return ends > now ? ends : apiError("INVALID_ARGUMENT", "* CachedContent.expire_time: must be in the future\n");
}

/** The CachedContent resource: what was put in is not given back. */
export function toCacheResource(cache: Resource<CacheValue>): object {
  const { model, displayName, tokens } = cache.value;
  return {
    name: cache.name,
    model,
    createTime: toTimestamp(cache.createTime),
    updateTime: toTimestamp(cache.updateTime),
    expireTime: toTimestamp(cache.expireTime ?? 0),
    displayName,
    usageMetadata: { totalTokenCount: sumTokens(tokens) },
  };
}

/** 403 of a cache, whether it is missing, expired or of somebody else. */
export function cacheForbidden(): ApiError {
  return apiError("PERMISSION_DENIED", "CachedContent not found (or permission denied)");
}

/** A prompt with its cache in front. */
export interface ExpandedPrompt {
  request: GenerateRequest;
  /** Tokens of the cache; null for a request that names none. */
  cached: TokensByModality | null;
}

/** Puts the cache that a request names in front of it, or refuses: not the project's, another model, settings of its own. */
export function expandCache(
  request: GenerateRequest,
  options: { world: World; projectId: string; model: Model },
): ExpandedPrompt | ApiError {
  const { cachedContent } = request;
  if (!cachedContent) return { request, cached: null };
  const cache = options.world.resources.of(CACHES).own(cachedContent, options.projectId);
  if (!cache) return cacheForbidden();
  const { model, prompt, tokens } = cache.value;
  if (model !== options.model.name) {
    return apiError(
      "INVALID_ARGUMENT",
      `Model used by GenerateContent request (${options.model.name}) and CachedContent (${model}) has to be the same.`,
    );
  }
  if (request.systemInstruction || request.tools || request.toolConfig)
    return apiError("INVALID_ARGUMENT", OWN_SETTINGS);
  const own: Content[] = request.contents ?? [];
  // Without contents of its own the request is refused like any other.
  if (own.length === 0) return { request, cached: null };
  return { request: { ...request, ...prompt, contents: [...(prompt.contents ?? []), ...own] }, cached: tokens };
}

// --- helpers ---

const HOUR_MS = 3_600_000;
const OWN_SETTINGS =
  "CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request.";
