/** @module Which operation a path names. The version segment is opaque, `%3A` is a colon (fact sheet upstream 1.1). */

import { codeAssistRoute } from "../code-assist/route.ts";
import { oauthRoute } from "../oauth/route.ts";
import { modelId } from "../state/models.ts";
import type { Route } from "./call.ts";
import { FAMILIES } from "./families.ts";

/** The operations that `answer-request.ts` serves itself. */
export type ModelOperation =
  | "listModels"
  | "getModel"
  | "generateContent"
  | "streamGenerateContent"
  | "countTokens"
  | "embedContent"
  | "batchEmbedContents"
  | "chat"
  | "embeddings"
  | "images"
  | "openaiListModels"
  | "openaiGetModel";

/**
 * Routes a path.
 * @param path Decoded once, without the query.
 * @returns null for what nobody serves.
 */
export function parseRoute(method: string, path: string, query: URLSearchParams = new URLSearchParams()): Route | null {
  const apart = codeAssistRoute(method, path) ?? oauthRoute(method, path);
  if (apart) return apart;
  const match = /^(\/upload)?\/(v[\w.]+)\/(.+)$/s.exec(path);
  if (!match) return null;
  const [, upload, version = "", rest = ""] = match;
  const own = upload === undefined ? modelRoute(method, version, rest) : null;
  if (own) return own;
  for (const family of FAMILIES) {
    const route = family({ method, version, rest, upload: upload !== undefined, query });
    if (route) return route;
  }
  return null;
}

// --- helpers ---

const NATIVE_METHODS = new Map<string, ModelOperation>(
  (["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"] as const).map(
    (name) => [name, name],
  ),
);

const OPENAI_POSTS = new Map<string, ModelOperation>([
  ["chat/completions", "chat"],
  ["embeddings", "embeddings"],
  ["images/generations", "images"],
]);

function modelRoute(method: string, version: string, rest: string): Route | null {
  if (rest.startsWith("openai/")) return openaiRoute(method, version, rest.slice("openai/".length));
  if (method === "POST") {
    const call = /^(models\/[^/:]+|tunedModels\/[^/:]+):(\w+)$/.exec(rest);
    const operation = NATIVE_METHODS.get(call?.[2] ?? "");
    return call && operation ? { surface: "native", operation, version, model: modelId(call[1] ?? "") } : null;
  }
  if (method !== "GET") return null;
  if (rest === "models") return { surface: "native", operation: "listModels", version, model: null };
  const named = /^models\/([^/:]+)$/.exec(rest);
  return named ? { surface: "native", operation: "getModel", version, model: named[1] ?? "" } : null;
}

function openaiRoute(method: string, version: string, rest: string): Route | null {
  const posted = method === "POST" ? OPENAI_POSTS.get(rest) : undefined;
  if (posted) return { surface: "openai", operation: posted, version, model: null };
  if (method !== "GET") return null;
  if (rest === "models") return { surface: "openai", operation: "openaiListModels", version, model: null };
  const named = /^models\/(.+)$/.exec(rest);
  return named ? { surface: "openai", operation: "openaiGetModel", version, model: modelId(named[1] ?? "") } : null;
}
