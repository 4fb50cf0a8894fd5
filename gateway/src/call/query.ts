/**
 * A request's query: what it says, and what of it goes upstream.
 * @module
 */

/** A query, read. */
export interface Query {
  /** With leading `?`, or empty; credentials removed, everything else as it came. */
  text: string;
  key: string | null;
  sse: boolean;
}

/** None. */
export const noQuery: Query = { text: "", key: null, sse: false };

/** Every name under which Google takes a credential in a query: a bad one of the client's would look like a dead key. */
const credentialNames = new Set(["access_token", "oauth_token", "bearer_token"]);
/** System parameters that change nothing but the answer's shape (https://cloud.google.com/apis/docs/system-parameters). */
const systemNames = new Set(["$alt", "$fields", "$prettyPrint"]);

/**
 * Reads a query. Credentials are taken out, and what would make another request of it than the one that is judged here.
 * @param text without the question mark
 */
export function parseQuery(text: string): Query {
  const sse = /(^|&)(\$|%24)?alt=sse(&|$)/.test(text);
  if (!/key|token|alt|[%$]/.test(text)) return { text: text === "" ? "" : `?${text}`, key: null, sse };
  let key: string | null = null;
  const kept: string[] = [];
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    const name = safeDecode(equals < 0 ? pair : pair.slice(0, equals));
    if (name === "key") key ??= safeDecode(equals < 0 ? "" : pair.slice(equals + 1)) || null;
    else if (credentialNames.has(name)) continue;
    // `$httpHeaders` and its like would make another request of it than the one that is judged here.
    else if (name.startsWith("$") && !systemNames.has(name)) continue;
    // Others than these are shapes that nothing here can read.
    else if (/^\$?alt$/.test(name) && !/^(json|sse|media)$/i.test(safeDecode(pair.slice(equals + 1)))) continue;
    else kept.push(pair);
  }
  return { text: kept.length === 0 ? "" : `?${kept.join("&")}`, key, sse };
}

// --- helpers ---

function safeDecode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
