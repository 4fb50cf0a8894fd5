/**
 * What of the upstream's headers reaches the client, and what the gateway adds.
 * @module
 */
import type { RawHeaders } from "../core/headers.ts";
import { limitHeaderNames } from "./limits/headers.ts";

const dropped = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // Would send the client past the gateway.
  "alt-svc",
  "set-cookie",
]);

/** What happens to a header; `length`: dropped when the body is rewritten; `type`: decides what a browser may do with it. */
export type HeaderKind = "relayed" | "dropped" | "length" | "type";
/** By name: upstreams send the same few again and again, and looking one up costs a third of judging it. Bounded. */
export type HeaderKinds = Map<string, HeaderKind>;

/**
 * Filters an upstream's response headers.
 * @param headers flat list as received
 * @param options `kinds`: what is known of names, kept by the caller; `dropLength`: the body is rewritten, so its length is not known any more
 * @returns a new flat list
 */
export function relayedHeaders(headers: RawHeaders, options: { dropLength: boolean; kinds: HeaderKinds }): string[] {
  const kept: string[] = [];
  let isHarmless = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const kind = options.kinds.get(name) ?? kindOf(name, options.kinds);
    if (kind === "type") {
      const value = headers[index + 1] as string;
      kept.push(name, value);
      isHarmless = harmless.test(value);
    } else if (kind === "relayed" || (kind === "length" && !options.dropLength))
      kept.push(name, headers[index + 1] as string);
  }
  if (!isHarmless) kept.push(...sandboxed);
  return kept;
}

// --- helpers ---

const kindsLimit = 500;

/** No browser makes a page of these; nearly every answer is one. */
const harmless = /^(?:application\/json|text\/event-stream)\b/i;
/**
 * The dashboard has the same origin, and its log-in: whatever else an upstream sends (a file that a client uploaded, say)
 * must not run there as a page (https://www.w3.org/TR/CSP3/#directive-sandbox).
 */
const sandboxed = ["content-security-policy", "sandbox", "x-content-type-options", "nosniff"];

function kindOf(name: string, kinds: HeaderKinds): HeaderKind {
  const lower = name.toLowerCase();
  const kind =
    dropped.has(lower) || lower.startsWith("access-control-") || lower.startsWith("x-gproxy-")
      ? "dropped"
      : lower === "content-length" || lower === "content-md5" || lower === "digest"
        ? "length"
        : lower === "content-type"
          ? "type"
          : "relayed";
  if (kinds.size < kindsLimit) kinds.set(name, kind);
  return kind;
}

const exposed = `x-gproxy-request-id, x-gproxy-attempts, x-gproxy-overhead-ms, x-gproxy-model, x-gproxy-cache, x-gproxy-list-skipped, x-gproxy-reuploaded, ${limitHeaderNames.join(", ")}, retry-after, x-goog-upload-url, x-goog-upload-control-url, x-goog-upload-status, x-goog-upload-chunk-granularity, x-goog-upload-size-received, x-gemini-service-tier`;

/**
 * CORS headers of an answer.
 * @param headers list to add to
 * @param origin the request's Origin, or null
 * @param allowed configured origins (`*` for any)
 */
export function addCorsHeaders(headers: string[], origin: string | null, allowed: readonly string[]): void {
  if (allowed.length === 0) return;
  if (allowed.includes("*")) {
    if (origin === null) return;
    headers.push("access-control-allow-origin", "*");
  } else {
    // Also on answers to others: a cache must not hand them to an origin that is allowed, nor the other way round.
    headers.push("vary", "Origin");
    if (origin === null || !allowed.includes(origin)) return;
    headers.push("access-control-allow-origin", origin);
  }
  headers.push("access-control-expose-headers", exposed);
}

/**
 * The answer to a CORS preflight: before authentication, since browsers send no credentials with it.
 * @returns flat headers for a 204
 */
export function preflightHeaders(origin: string, requestHeaders: string | null, allowed: readonly string[]): string[] {
  const headers: string[] = [];
  addCorsHeaders(headers, origin, allowed);
  if (headers.includes("access-control-allow-origin"))
    headers.push(
      "access-control-allow-methods",
      "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
      "access-control-allow-headers",
      requestHeaders ?? "authorization, content-type, x-goog-api-key, x-api-key, x-goog-api-client",
      "access-control-max-age",
      "86400",
    );
  return headers;
}
