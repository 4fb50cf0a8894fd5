/**
 * Bases of upstreams: checked and brought to one form.
 * @module
 */

/** A base in its one form, or what is wrong with it. */
export type UpstreamUrl = { ok: true; url: string; dropped: string | null } | { ok: false; expected: string };

/**
 * Checks a base and drops what the gateway adds itself.
 * @param text as given
 * @param options `native`: a trailing `/v1beta` or `/v1alpha` is dropped (an earlier proxy wanted it there);
 *   `allowInsecure`: plain http to other machines is let through
 * @returns the base without trailing slash, and what was dropped
 */
export function parseUpstreamUrl(text: string, options: { native: boolean; allowInsecure: boolean }): UpstreamUrl {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return { ok: false, expected: "a whole URL such as https://generativelanguage.googleapis.com" };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return { ok: false, expected: "a URL that starts with https://" };
  if (url.protocol === "http:" && !options.allowInsecure && !isLoopback(url.hostname))
    return {
      ok: false,
      expected:
        "https:// (plain http only on this machine, or with ALLOW_INSECURE_UPSTREAM=on: keys would travel readable)",
    };
  if (url.username !== "" || url.password !== "")
    return { ok: false, expected: "a URL without user name and password" };
  if (url.search !== "" || url.hash !== "") return { ok: false, expected: "a URL without '?' and '#'" };
  let path = url.pathname.replace(/\/+$/, "");
  let dropped: string | null = null;
  const version = options.native ? /\/v1(?:beta|alpha)$/.exec(path) : null;
  if (version !== null) {
    dropped = version[0];
    path = path.slice(0, -dropped.length).replace(/\/+$/, "");
  }
  return { ok: true, url: url.origin + path, dropped };
}

// --- helpers ---

/** This machine's own names. `URL.hostname` gives IPv6 in brackets. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
