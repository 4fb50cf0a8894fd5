/**
 * The log-in's cookie. `__Host-` (RFC 6265bis 4.1.3.2): browsers take it only with Secure, Path=/ and without Domain, so
 * that no other host and no plain-http page can plant one.
 * @module
 */

/** Name over https, and over plain http from this machine, where browsers keep Secure cookies, too. */
const secureCookieName = "__Host-gemini-proxy-session";
/** Name over plain http with INSECURE_COOKIES. */
const insecureCookieName = "gemini-proxy-session";

/** How a log-in's cookie is to be set; null: a browser would not keep it. */
export type CookieKind = "secure" | "insecure" | null;

/** What is known of the way that a request came. */
export interface RequestWay {
  /** Over TLS, or from a page that was loaded over it. */
  secure: boolean;
  /** Host name of this machine: `localhost`, `127.0.0.1`, `[::1]`. */
  loopback: boolean;
}

/** Which cookie a log-in sets. */
export function cookieKindOf(way: RequestWay, insecureCookies: boolean): CookieKind {
  if (way.secure) return "secure";
  if (insecureCookies) return "insecure";
  return way.loopback ? "secure" : null;
}

/**
 * The value of `set-cookie` that logs in.
 * @param value base64url
 * @param seconds until the browser forgets it
 */
export function toSetCookie(kind: "secure" | "insecure", value: string, seconds: number): string {
  const name = kind === "secure" ? secureCookieName : insecureCookieName;
  const secure = kind === "secure" ? "; Secure" : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(seconds)}${secure}`;
}

/**
 * The log-in's cookie of a request. The one that only https can set goes first; the other counts only where it may be
 * set at all.
 * @param header `cookie`; hostile
 * @param options `insecure`: whether INSECURE_COOKIES is on and the request is not known to be secure
 * @returns its value; null: there is none, or it cannot be one of ours
 */
export function readSessionCookie(header: string | null, options: { insecure: boolean }): string | null {
  if (header === null || header.length > mostHeader) return null;
  const secure = valueOf(header, secureCookieName);
  return secure ?? (options.insecure ? valueOf(header, insecureCookieName) : null);
}

// --- helpers ---

/** Browsers send 4 KB a cookie, and all cookies of a host; more is no browser. */
const mostHeader = 65_536;

function valueOf(header: string, name: string): string | null {
  for (const part of header.split(";")) {
    const text = part.trim();
    if (text.startsWith(`${name}=`)) {
      const value = text.slice(name.length + 1);
      // 32 bytes in base64url.
      return /^[\w-]{43}$/.test(value) ? value : null;
    }
  }
  return null;
}
