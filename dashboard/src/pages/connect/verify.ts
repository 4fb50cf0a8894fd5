/**
 * Trying a key against the gateway: the list of models, which costs nothing.
 * @module
 */
import { errorOf } from "../playground/answer.ts";
import type { ConnectDialect } from "./apps.ts";

/** What came of it. */
export type Verified =
  | { ok: true; models: string[]; tookMs: number }
  | { ok: false; status: number | null; reason: string; tookMs: number };

/** Most characters of a list of models that are read. */
const mostBody = 8_000_000;

/**
 * Asks for the models in the dialect.
 * @param options `key` goes in a header; `fetch` and `now` (milliseconds) are handed in
 * @returns names without `models/`, or why not; it never rejects but when `signal` ends it
 */
export async function verifyKey(options: {
  dialect: ConnectDialect;
  key: string;
  fetch: typeof fetch;
  now: () => number;
  signal?: AbortSignal;
}): Promise<Verified> {
  const begin = options.now();
  const { path, headers } = questionOf(options.dialect, options.key);
  try {
    const response = await options.fetch(path, {
      headers,
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const text = (await response.text()).slice(0, mostBody);
    const tookMs = options.now() - begin;
    const body = parse(text);
    if (!response.ok)
      return { ok: false, status: response.status, reason: errorOf(body) ?? response.statusText, tookMs };
    return { ok: true, models: modelNames(body), tookMs };
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    return { ok: false, status: null, reason: "The gateway did not answer.", tookMs: options.now() - begin };
  }
}

/** @returns names out of a list of models in any dialect, those that generate first */
export function modelNames(body: unknown): string[] {
  const value = body as { models?: unknown; data?: unknown } | null;
  const list: unknown[] = Array.isArray(value?.models) ? value.models : Array.isArray(value?.data) ? value.data : [];
  const generating: string[] = [];
  const others: string[] = [];
  for (const entry of list) {
    if (typeof entry !== "object" || entry === null) continue;
    const { name, id, supportedGenerationMethods: methods } = entry as Record<string, unknown>;
    const text = typeof name === "string" ? name : typeof id === "string" ? id : null;
    if (text === null || text.length > 200) continue;
    const generates = !Array.isArray(methods) || methods.includes("generateContent");
    (generates ? generating : others).push(text.replace(/^models\//, ""));
  }
  return [...new Set([...generating, ...others])].slice(0, 1000);
}

// --- helpers ---

/** The list of models as clients of the dialect ask for it; both of OpenAI's are one. */
function questionOf(dialect: ConnectDialect, key: string): { path: string; headers: Record<string, string> } {
  switch (dialect) {
    case "gemini":
      return { path: "/v1beta/models?pageSize=1000", headers: { "x-goog-api-key": key } };
    case "anthropic":
      return { path: "/v1/models?limit=1000", headers: { "x-api-key": key, "anthropic-version": "2023-06-01" } };
    default:
      return { path: "/v1/models", headers: { authorization: `Bearer ${key}` } };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
