/** @module Which operation a path names. The version segment is opaque, `%3A` is a colon (fact sheet upstream 1.1). */

/** What a request asks for. */
export interface Route {
  surface: "native" | "openai";
  operation: Operation;
  /** The version segment, e.g. `v1beta`. */
  version: string;
  /** From the path, without `models/`; the OpenAI surface names its model in the body. */
  model: string | null;
}

/** Names of operations, as the record and faults use them. */
export type Operation =
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
export function parseRoute(method: string, path: string): Route | null {
  const match = /^\/(v[\w.]+)\/(.+)$/.exec(path);
  if (!match) return null;
  const [, version = "", rest = ""] = match;
  if (rest.startsWith("openai/")) return openaiRoute(method, version, rest.slice("openai/".length));
  if (method === "POST") {
    const call = /^(models\/[^/:]+|tunedModels\/[^/:]+):(\w+)$/.exec(rest);
    const operation = NATIVE_METHODS.get(call?.[2] ?? "");
    return call && operation ? { surface: "native", operation, version, model: modelId(call[1] ?? "") } : null;
  }
  if (method !== "GET") return null;
  if (rest === "models") return { surface: "native", operation: "listModels", version, model: null };
  const named = /^(models\/[^/:]+|tunedModels\/[^/:]+)$/.exec(rest);
  return named ? { surface: "native", operation: "getModel", version, model: modelId(named[1] ?? "") } : null;
}

/** A model's id from its name: `models/x` is `x`. */
export function modelId(name: string): string {
  return name.replace(/^models\//, "");
}

// --- helpers ---

const NATIVE_METHODS = new Map<string, Operation>(
  (["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"] as const).map(
    (name) => [name, name],
  ),
);

const OPENAI_POSTS = new Map<string, Operation>([
  ["chat/completions", "chat"],
  ["embeddings", "embeddings"],
  ["images/generations", "images"],
]);

function openaiRoute(method: string, version: string, rest: string): Route | null {
  const posted = method === "POST" ? OPENAI_POSTS.get(rest) : undefined;
  if (posted) return { surface: "openai", operation: posted, version, model: null };
  if (method !== "GET") return null;
  if (rest === "models") return { surface: "openai", operation: "openaiListModels", version, model: null };
  const named = /^models\/(.+)$/.exec(rest);
  return named ? { surface: "openai", operation: "openaiGetModel", version, model: modelId(named[1] ?? "") } : null;
}
