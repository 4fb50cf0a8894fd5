/**
 * One pass over the client's headers: what goes upstream, and what the gateway needs to know.
 * Exactly one credential goes up, so every header that could be one is dropped here (fact sheet upstream 2.1), as are
 * hop-by-hop headers (RFC 9110 7.6.1) with those that `Connection` names, and headers that tell about the client.
 * @module
 */
import type { RawHeaders } from "../core/headers.ts";

/** The outcome of the pass. */
export interface ScannedHeaders {
  /** Flat list to send on; credential, host and content-length are added later. */
  forward: string[];
  /** Secret of `Authorization: Bearer`, or null. */
  bearer: string | null;
  googleKey: string | null;
  apiKey: string | null;
  /** `x-goog-api-key` or `x-goog-api-client` was there, even empty. */
  google: boolean;
  /** `anthropic-version` was there. */
  anthropic: boolean;
  origin: string | null;
  /** For the gateway's own address as the client sees it. */
  host: string | null;
  forwardedProto: string | null;
  /** For the client's address; believed from trusted proxies only. */
  forwardedFor: string | null;
  contentLength: number | null;
  /** A body is announced: by its length or as chunked. */
  hasBody: boolean;
  contentType: string | null;
  /** The body is compressed. */
  encoded: boolean;
  /** `x-gproxy-*` request headers, lower-case name without the prefix; null when none was sent. */
  overrides: Record<string, string> | null;
  /** For preflights. */
  requestMethod: string | null;
  requestHeaders: string | null;
}

const dropped = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "api-key",
  "cookie",
  "x-goog-user-project",
  "openai-organization",
  "openai-project",
  "x-real-ip",
  "forwarded",
  "via",
  "true-client-ip",
  // Would make another request of it than the one that was judged here.
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
  "referer",
  // Answers are read on their way (usage, errors): compressed ones could not be. See docs/decisions/0005.
  "accept-encoding",
]);

/**
 * Scans request headers.
 * @param headers flat list as received
 * @returns what goes up and what was found
 */
export function scanRequestHeaders(headers: RawHeaders): ScannedHeaders {
  const found: ScannedHeaders = {
    forward: [],
    bearer: null,
    googleKey: null,
    apiKey: null,
    google: false,
    anthropic: false,
    origin: null,
    host: null,
    forwardedProto: null,
    forwardedFor: null,
    contentLength: null,
    hasBody: false,
    contentType: null,
    encoded: false,
    overrides: null,
    requestMethod: null,
    requestHeaders: null,
  };
  let named: Set<string> | null = null;
  for (let index = 0; index < headers.length; index += 2) {
    const rawName = headers[index] as string;
    const name = rawName.toLowerCase();
    const value = headers[index + 1] as string;
    switch (name) {
      case "authorization":
        found.bearer ??= bearerOf(value);
        continue;
      case "x-goog-api-key":
        found.google = true;
        found.googleKey ??= value === "" ? null : value;
        continue;
      case "x-api-key":
        found.apiKey ??= value === "" ? null : value;
        continue;
      case "anthropic-version":
        found.anthropic = true;
        break;
      case "origin":
        found.origin = value;
        continue;
      case "host":
        found.host = value;
        continue;
      case "x-forwarded-proto":
        found.forwardedProto = value;
        continue;
      case "x-forwarded-for":
        // Several are one list (RFC 9110 5.3); the rightmost entries are the nearest proxies'.
        found.forwardedFor = found.forwardedFor === null ? value : `${found.forwardedFor},${value}`;
        continue;
      case "content-length":
        found.contentLength = /^\d+$/.test(value) ? Number(value) : null;
        found.hasBody = true;
        continue;
      case "transfer-encoding":
        found.hasBody = true;
        continue;
      case "content-encoding":
        found.encoded = value.trim().toLowerCase() !== "identity" && value.trim() !== "";
        break;
      case "content-type":
        found.contentType = value;
        break;
      case "x-goog-api-client":
        found.google = true;
        break;
      case "access-control-request-method":
        found.requestMethod = value;
        continue;
      case "access-control-request-headers":
        found.requestHeaders = value;
        continue;
      case "connection":
        if (value.length > 10 || (value.toLowerCase() !== "keep-alive" && value.toLowerCase() !== "close"))
          named = namesOf(value);
        continue;
    }
    if (dropped.has(name)) continue;
    if (name.charCodeAt(0) === 120 /* x */) {
      if (name.startsWith("x-gproxy-")) {
        // No prototype: names come from outside.
        (found.overrides ??= Object.create(null) as Record<string, string>)[name.slice(9)] = value;
        continue;
      }
      if (name.startsWith("x-forwarded-")) continue;
    } else if (name.startsWith("sec-") || (name.startsWith("cf-") && !name.startsWith("cf-aig-"))) continue;
    found.forward.push(rawName, value);
  }
  if (named !== null) found.forward = without(found.forward, named);
  return found;
}

// --- helpers ---

function bearerOf(value: string): string | null {
  const match = /^\s*bearer\s+(\S+)\s*$/i.exec(value);
  return match === null ? null : (match[1] as string);
}

/** No pattern with `\s*` here: over a header full of blanks it takes quadratic time, before anybody was admitted. */
function namesOf(value: string): Set<string> {
  const names = new Set<string>();
  for (const name of value.toLowerCase().split(",")) names.add(name.trim());
  return names;
}

function without(headers: string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2)
    if (!names.has((headers[index] as string).toLowerCase()))
      kept.push(headers[index] as string, headers[index + 1] as string);
  return kept;
}
