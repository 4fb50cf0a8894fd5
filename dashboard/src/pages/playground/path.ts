/**
 * Where the playground may send: paths of this gateway that serve models, and nothing else. A captured or typed path
 * must never lead to another host or to the admin API.
 * @module
 */

/** Below these the gateway serves models. */
const servedPrefixes = ["/v1beta/", "/v1/", "/v1alpha/"];

/** A path that may be sent to, or why not. */
export type ReadPath = { ok: true; path: string } | { ok: false; reason: string };

/**
 * Reads a path for the raw mode.
 * @param text as typed: path and query
 * @param origin of the page: `https://gw.example`
 * @returns path and query in their normal form
 */
export function readPath(text: string, origin: string): ReadPath {
  const refuse = (reason: string): ReadPath => ({ ok: false, reason });
  const typed = text.trim();
  if (!typed.startsWith("/")) return refuse("Begin with /: a path of this gateway, without a host.");
  // `//host` and `/\host` are other hosts to a browser; control characters are dropped by URL parsers.
  if (/^\/[/\\]/.test(typed) || /[\\\p{Cc}\s]/u.test(typed)) return refuse("Not a plain path.");
  let url: URL;
  try {
    url = new URL(typed, origin);
  } catch {
    return refuse("Not a plain path.");
  }
  if (url.origin !== origin) return refuse("Only this gateway itself is called.");
  if (url.hash !== "") return refuse("Leave out what begins with #.");
  if (/%(2e|2f|5c)/i.test(url.pathname)) return refuse("Encoded dots and slashes are not sent.");
  if (!servedPrefixes.some((prefix) => url.pathname.startsWith(prefix)))
    return refuse(`Only paths below ${servedPrefixes.map((prefix) => prefix.slice(0, -1)).join(", ")} are sent.`);
  // The key goes in a header. One in the address would end up in histories and logs.
  for (const name of ["key", "access_token", "api_key"])
    if (url.searchParams.has(name)) return refuse(`Leave out "${name}": the playground brings its own key.`);
  return { ok: true, path: url.pathname + url.search };
}

/**
 * Prepares a captured path for being sent again: other versions of it are written as the gateway's own.
 * @param path from a capture, perhaps with a key parameter
 * @returns without credentials in the query
 */
export function replayPath(path: string): string {
  const [before, query = ""] = path.split("?", 2) as [string, string?];
  const kept = query
    .split("&")
    .filter((pair) => pair !== "" && !/^(key|access_token|api_key)(=|$)/i.test(pair))
    .join("&");
  // Calls of the OpenAI surface are recorded without what it is mounted under: `/chat/completions`.
  const address = servedPrefixes.some((prefix) => before.startsWith(prefix)) ? before : `/v1${before}`;
  return kept === "" ? address : `${address}?${kept}`;
}
