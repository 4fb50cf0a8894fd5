/**
 * Which URLs are the gateway's own. Every call is asked, so the answer for calls is one character's comparison.
 * @module
 */

/** `v` of `/v1…`: no path of the gateway's own begins with it, and nearly all of the data path's do. */
const versionLetter = 118;

const ownPaths: ReadonlySet<string> = new Set([
  "/",
  "/health",
  "/health/detailed",
  "/ready",
  "/metrics",
  "/metrics/prometheus",
  "/stat",
  "/model_usage",
  "/api/hello",
  "/favicon.svg",
  "/robots.txt",
  "/ui",
]);

/**
 * Whether the gateway answers itself. What is not its own is the data path's.
 * @param url path and query, from the first slash
 */
export function isLocal(url: string): boolean {
  return url.charCodeAt(1) !== versionLetter && isOwn(url);
}

/** @returns the path without its query */
export function pathOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? url : url.slice(0, mark);
}

/** Whether a local path belongs to the admin API. */
export function isAdminPath(url: string): boolean {
  return url.startsWith("/admin/");
}

// --- helpers ---

function isOwn(url: string): boolean {
  if (url.startsWith("/ui/") || url.startsWith("/admin/")) return true;
  return ownPaths.has(pathOf(url));
}
