/**
 * Which calls have one right answer, and what names it.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { CollectedBody } from "../host.ts";
import type { Identity } from "../identity.ts";

/** Larger bodies are not looked at: parsing them would cost more than it saves. */
const longestBody = 256 * 1024;

/**
 * The key under which a call's answer may be shared with the same client's identical calls.
 * Deterministic are: counting tokens, embeddings, and generations without streaming that ask for it with temperature 0 or
 * a seed and use no tool that looks at the world (search, code, URLs, files).
 * @returns a digest; null when the call must be made
 */
export function answerKey(parts: {
  clientId: string;
  method: string;
  identity: Identity;
  body: CollectedBody | "pass" | null;
  contentType: string | null;
  bytes: Bytes;
  digest: Digest;
}): string | null {
  const { identity, body } = parts;
  // What is sent for two such calls may be the same, and yet their answers are written in different forms.
  if (identity.translated) return null;
  if (parts.method !== "POST" || identity.stream || body === null || body === "pass" || body.length > longestBody)
    return null;
  const fixed =
    identity.operation === "count-tokens" || identity.operation === "embed" || identity.operation === "embeddings";
  const generation = identity.operation === "generate" || identity.operation === "chat";
  if (!fixed && !generation) return null;
  const text = parts.bytes.decode(parts.bytes.concat(body.chunks));
  if (generation && !asksForOneAnswer(text)) return null;
  return parts.digest.sha256(
    [parts.clientId, identity.backend, identity.target, parts.contentType ?? "", text].join("\n"),
  );
}

// --- helpers ---

function asksForOneAnswer(text: string): boolean {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return false;
  }
  if (!isObject(body)) return false;
  const tools = body["tools"];
  if (Array.isArray(tools) && tools.some((tool) => isObject(tool) && !isFunctionTool(tool))) return false;
  // Remote state: what a continuation or a file stands for may have changed.
  for (const name of ["continuationToken", "continuation_token", "cachedContent", "cached_content"])
    if (body[name] !== undefined) return false;
  const settings = body["generationConfig"] ?? body["generation_config"] ?? body;
  return isObject(settings) && (settings["temperature"] === 0 || typeof settings["seed"] === "number");
}

function isFunctionTool(tool: Record<string, unknown>): boolean {
  if (tool["type"] === "function") return true;
  const names = Object.keys(tool);
  return names.every((name) => name === "functionDeclarations" || name === "function_declarations");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
