/**
 * Answers of the admin API: what they all carry, and the shape of errors.
 * @module
 */
import type * as z from "zod";
import { adminErrorTable, type AdminError } from "./admin-errors.ts";
import type { errorSchema } from "./schemas/common.ts";

/**
 * Headers of every answer. There are none for CORS: pages of other origins get nothing.
 * `no-store`: answers name people and keys, and must not stay in caches (RFC 9111 5.2.2.5).
 */
export const commonHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  vary: "cookie, authorization",
};

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

/** The answer of an error. */
export function errorAnswer(error: AdminError, requestId: string): Response {
  const { code, message, field, next } = error;
  const body: z.input<typeof errorSchema> = {
    error: { code, message, ...(field === undefined ? {} : { field }), next, requestId },
  };
  const answer = jsonAnswer(adminErrorTable[code].status, body);
  if (answer.status === 401) answer.headers.set("www-authenticate", 'Bearer realm="gemini-proxy admin"');
  if (error.retryAfterSeconds !== undefined) answer.headers.set("retry-after", String(error.retryAfterSeconds));
  return answer;
}

/**
 * Puts the common headers on an answer, over its own.
 * @param isHead the body is not sent, and whatever makes it is told to stop
 */
export function finishAnswer(answer: Response, options: { requestId: string; isHead: boolean }): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(commonHeaders)) headers.set(name, value);
  headers.set("x-request-id", options.requestId);
  // Nobody here sets them; a handler's Response must not either.
  const cors = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
  for (const name of cors) headers.delete(name);
  if (options.isHead) void answer.body?.cancel().catch(() => undefined);
  return new Response(options.isHead ? null : answer.body, { status: answer.status, headers });
}
