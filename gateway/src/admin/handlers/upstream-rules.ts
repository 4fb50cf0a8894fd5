/**
 * Where the admin API lets keys go. Whoever gets at the dashboard must not be able to make the gateway call what only its
 * own network can reach (docs/admin-api.md); the command line, on the machine itself, may name any address.
 *
 * Addresses are judged by their text. A name that leads to an inner address passes, and gets no further than TLS: the
 * other end has no certificate for it.
 * @module
 */
import { createAddressSet } from "../../clients/addresses.ts";
import { parseProxyUrl } from "../../settings/structured-values.ts";
import { parseUpstreamUrl } from "../../settings/upstream-url.ts";
import type { Settings } from "../../settings/types.ts";

/** An address in its one form, or what was expected instead. */
export type AllowedUrl = { ok: true; url: string } | { ok: false; expected: string };

type UpstreamSettings = Pick<Settings, "allowInsecureUpstream" | "geminiBaseUrl">;

/**
 * Checks a base URL: https and a public host, unless it is that of the configured upstream or ALLOW_INSECURE_UPSTREAM is on.
 * @param text hostile
 */
export function allowBaseUrl(text: string, settings: UpstreamSettings): AllowedUrl {
  const { allowInsecureUpstream: allowInsecure, geminiBaseUrl } = settings;
  const parsed = parseUpstreamUrl(text, { native: true, allowInsecure });
  if (!parsed.ok || allowInsecure) return parsed;
  const { protocol, hostname, origin } = new URL(parsed.url);
  if (origin === new URL(geminiBaseUrl).origin) return parsed;
  if (protocol === "https:" && isPublic(hostname)) return parsed;
  return {
    ok: false,
    expected: "https:// and a public host (others by 'gemini-proxy keys update', or with ALLOW_INSECURE_UPSTREAM=on)",
  };
}

/**
 * Checks the URL of an outbound proxy. Those often stand in the own network; what answers at the addresses left out here
 * is no proxy.
 * @param text hostile
 */
export function allowProxy(text: string, settings: Pick<Settings, "allowInsecureUpstream">): AllowedUrl {
  const url = parseProxyUrl(text);
  if (url === null) return { ok: false, expected: "http://, https:// or socks5:// with a host and nothing behind it" };
  // Only of http do URLs have one spelling of an IPv4 address.
  const host = URL.parse(url.replace(/^[a-z0-9]+:/, "http:"))?.hostname ?? "";
  const bare = bareHost(host);
  const isWrong = neverProxies.has(bare) || bare === "metadata.google.internal" || bare === "";
  if (isWrong && !settings.allowInsecureUpstream)
    return { ok: false, expected: "a proxy (this is an address of the machine's own services)" };
  return { ok: true, url };
}

// --- helpers ---

/** IANA special-purpose address registries (RFC 6890): nothing of the internet answers there. */
const innerV4 = createAddressSet([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]);
const publicV6 = createAddressSet(["2000::/3"]);
/** Within 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which holds an IPv4 address. */
const innerV6 = createAddressSet(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);
/** Unspecified, link-local (metadata of clouds among them), multicast. */
const neverProxies = createAddressSet([
  "0.0.0.0/8",
  "100.100.100.200",
  "169.254.0.0/16",
  "224.0.0.0/3",
  "::",
  "64:ff9b::/96",
  "fd00:ec2::/32",
  "fe80::/10",
  "ff00::/8",
]);
/** Names that only an own network knows. */
const innerName = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/;

/** @param hostname of a URL of http or https: in lower case, IPv4 in decimal, IPv6 in brackets */
function isPublic(hostname: string): boolean {
  const host = bareHost(hostname);
  if (/^[\d.]+$/.test(host)) return !innerV4.has(host);
  // IPv4-mapped addresses count as the IPv4 address in them, and are in no network of IPv6.
  if (host.includes(":")) return publicV6.has(host) && !innerV6.has(host);
  return host.includes(".") && !innerName.test(host);
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}
