/**
 * Step one of a Live session's way: which URL is one, and which credentials it carries.
 * @module
 */

/** The methods behind a WebSocket (fact sheet upstream 9). */
export type LiveMethod = "BidiGenerateContent" | "BidiGenerateContentConstrained" | "BidiGenerateMusic";

/** What a Live URL says. */
export interface LiveIdentity {
  /** Opaque: `v1`, `v1beta`, `v1alpha`, … */
  version: string;
  method: LiveMethod;
  /** Path and query to append to the upstream's base; credentials removed. */
  target: string;
  /** The path without query, for the ledger. */
  path: string;
  /** Value of `key`, or null. */
  queryKey: string | null;
  /** Value of `access_token`, or null. */
  accessToken: string | null;
}

const mountPrefix = /^(?:\/api\/gproxy\/gemini|\/gemini)(?=\/)/;
const livePath =
  /^\/ws\/google\.ai\.generativelanguage\.(v\d+[a-z0-9]*)\.GenerativeService\.(BidiGenerateContent|BidiGenerateContentConstrained|BidiGenerateMusic)\/?$/;
/** Every name under which Google takes a credential in a query (fact sheet upstream 2.1). */
const credentialNames = new Set(["key", "access_token", "oauth_token", "bearer_token"]);

/**
 * Reads a URL.
 * @param url the request target as received: path and query
 * @returns null when no Live session is served there
 */
export function identifyLive(url: string): LiveIdentity | null {
  // A fragment is no part of a request (RFC 9112 3.2), and upstream URLs may have none.
  const hash = url.indexOf("#");
  if (hash >= 0) url = url.slice(0, hash);
  const mark = url.indexOf("?");
  const raw = (mark < 0 ? url : url.slice(0, mark)).replace(/\/{2,}/g, "/");
  const path = raw.replace(mountPrefix, "");
  const match = livePath.exec(path);
  if (match === null) return null;
  const [, version, method] = match as unknown as [string, string, LiveMethod];
  const clean = `/ws/google.ai.generativelanguage.${version}.GenerativeService.${method}`;
  const query = parseQuery(mark < 0 ? "" : url.slice(mark + 1));
  return { version, method, target: clean + query.text, path: clean, queryKey: query.key, accessToken: query.token };
}

// --- helpers ---

/** Credentials are taken out, everything else stays as it came. */
function parseQuery(text: string): { text: string; key: string | null; token: string | null } {
  const kept: string[] = [];
  let key: string | null = null;
  let token: string | null = null;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (!credentialNames.has(name)) {
      kept.push(pair);
      continue;
    }
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    if (name === "key") key ??= value || null;
    else if (name === "access_token") token ??= value || null;
  }
  return { text: kept.length === 0 ? "" : `?${kept.join("&")}`, key, token };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
