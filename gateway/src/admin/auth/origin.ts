/**
 * Which page a request comes from, and how it came. What proxies claim (`x-forwarded-*`) is not listened to: whoever
 * reaches the port can claim it.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import type { RequestInfo } from "../implement.ts";
import type { RequestWay } from "./cookies.ts";

/**
 * How a request came. A browser's `origin` says whether its page was loaded over https, also when the TLS ends at a
 * proxy: scripts cannot forge it, and whoever is no browser gains nothing by it, since only the cookie's name depends on it.
 * @param publicUrl PUBLIC_URL
 */
export function wayOf(request: Request, info: RequestInfo, publicUrl: string | null): RequestWay {
  const host = hostOf(request);
  const origin = parseOrigin(request.headers.get("origin"));
  const secure =
    info.secure ||
    (publicUrl !== null && publicUrl.startsWith("https:")) ||
    (origin !== null && origin.protocol === "https:" && origin.host === normalHost(host, "https:"));
  return { secure, loopback: isLoopback(host) };
}

/**
 * Refuses what a page of another origin sends. Programs send neither header and pass.
 * @throws AdminError `origin_invalid`
 */
export function checkOrigin(request: Request, info: RequestInfo, publicUrl: string | null): void {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") throw new AdminError("origin_invalid");
  const given = request.headers.get("origin");
  if (given === null) return;
  const origin = parseOrigin(given);
  if (origin === null) throw new AdminError("origin_invalid");
  if (publicUrl !== null && new URL(publicUrl).origin === origin.origin) return;
  if (origin.host !== normalHost(hostOf(request), origin.protocol)) throw new AdminError("origin_invalid");
  // A page that came over plain http may have been written by anyone on the way.
  if (info.secure && origin.protocol !== "https:") throw new AdminError("origin_invalid");
}

// --- helpers ---

function hostOf(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}

/** `null` (sandboxed pages, files) is no origin. */
function parseOrigin(text: string | null): URL | null {
  if (text === null || !/^https?:\/\/[^/?#@\s]+$/i.test(text)) return null;
  return URL.parse(text);
}

/** Lower case, without the scheme's own port. */
function normalHost(host: string, protocol: string): string | null {
  if (/[/?#@\s\\]/.test(host)) return null;
  return URL.parse(`${protocol}//${host}`)?.host ?? null;
}

function isLoopback(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}
