/**
 * Refusals before the upgrade: plain HTTP answers in Google's shape.
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import type { Bytes } from "../../core/ports.ts";
import { writeError } from "../../dialects/gemini/write-error.ts";
import type { LimitRefusal } from "../limits/refusal.ts";
import { addCorsHeaders } from "../response-headers.ts";

/** A whole answer. */
export interface Refusal {
  status: number;
  /** Flat list, with content-length. */
  headers: string[];
  body: Uint8Array;
}

/**
 * Writes one.
 * @param facts `limit`: of the client's own limits, which one refused; null: another reason
 */
export function refusalOf(
  code: ErrorCode,
  facts: {
    requestId: string;
    origin: string | null;
    corsOrigins: readonly string[];
    limit: LimitRefusal | null;
    bytes: Bytes;
  },
): Refusal {
  const { limit, requestId } = facts;
  const written = writeError({
    code,
    requestId,
    message: limit === null ? null : limit.message,
    retryAfterSeconds: limit === null ? null : limit.retryAfterSeconds,
  });
  const body = facts.bytes.encode(written.body);
  const headers = [...written.headers, "content-length", String(body.length), "x-gproxy-request-id", requestId];
  addCorsHeaders(headers, facts.origin, facts.corsOrigins);
  return { status: written.status, headers, body };
}

/**
 * Whether a page of this origin may open a session. Browsers ask no leave for WebSockets, so the setting that answers
 * their preflights elsewhere (CORS_ORIGINS) is held to here. Clients outside of browsers send no Origin.
 */
export function isOriginAllowed(origin: string | null, allowed: readonly string[]): boolean {
  return origin === null || allowed.includes("*") || allowed.includes(origin);
}
