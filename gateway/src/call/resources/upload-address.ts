/**
 * Addresses of upload sessions. Google's lead to its own host and may hold the API key, so clients get one of the
 * gateway's with a token of its own; most SDKs send no key with the chunks, and the token is what admits them (fact sheet
 * upstream 1.5).
 * @module
 */
import type { Digest, Random } from "../../core/ports.ts";
import type { ResourceName } from "../../core/resources.ts";
import { decodeOnce, uploadName } from "./names.ts";

/** An upload session's two addresses. */
export interface UploadAddress {
  /** For `x-goog-upload-url` and `x-goog-upload-control-url`. */
  clientUrl: string;
  /** Path (from the host's root) and query to send chunks to; no credential in it. */
  upstreamTarget: string;
  /** What the session is bound as: `uploads/<sha256 of the token>`. */
  name: ResourceName;
}

const googleHost = "generativelanguage.googleapis.com";
/** Tells the gateway's tokens from Google's upload ids. */
const tokenPrefix = "up_";
/** 43 letters, digits, `-` and `_` from 32 random bytes. */
const tokenPattern = /^up_[A-Za-z0-9_-]{43}$/;
const credentialNames: ReadonlySet<string> = new Set(["key", "access_token", "oauth_token", "bearer_token"]);

/**
 * Makes a client's address of an upstream's.
 * @param options.upstream the value of the upstream's header
 * @param options.base the gateway's own address, from `externalBase`; null: not known
 * @param options.allowedOrigins `https://host[:port]` of the backend; Google's own is always allowed
 * @returns null when the address leads anywhere else (a chunk must never carry a client's data or a key there), makes no
 * sense, or the base is not known
 */
export function rewriteUploadAddress(options: {
  upstream: string;
  base: string | null;
  allowedOrigins: readonly string[];
  random: Random;
  digest: Digest;
}): UploadAddress | null {
  const { upstream, base, digest } = options;
  const url = base === null || upstream.length > 8192 ? null : parseUrl(upstream);
  if (url === null || url.username !== "" || url.password !== "" || !isAllowed(url, options.allowedOrigins))
    return null;
  const token = tokenPrefix + toBase64Url(options.random.bytes(32));
  const at = url.pathname.indexOf("/upload/");
  const path = at < 0 ? "/upload/v1beta/files" : url.pathname.slice(at);
  return {
    clientUrl: `${base as string}${path}?upload_id=${token}&upload_protocol=resumable`,
    upstreamTarget: url.pathname + withoutCredentials(url.search),
    name: uploadName(token, digest),
  };
}

/**
 * The upload session that a request belongs to.
 * @param target path and query
 * @returns its canonical name; null when the query has no `upload_id` of the gateway's, or several
 */
export function uploadSession(target: string, digest: Digest): ResourceName | null {
  const mark = target.indexOf("?");
  if (mark < 0 || !target.includes("upload_id=", mark)) return null;
  let token: string | null = null;
  for (const pair of target.slice(mark + 1).split("&")) {
    if (!pair.startsWith("upload_id=")) continue;
    if (token !== null) return null;
    token = decodeOnce(pair.slice(10));
  }
  return token !== null && tokenPattern.test(token) ? uploadName(token, digest) : null;
}

/**
 * The gateway's own address as the client sees it.
 * @param options.publicUrl PUBLIC_URL, or null; outranks everything
 * @param options.host the `Host` header
 * @param options.forwardedProto the `X-Forwarded-Proto` header: what the first reverse proxy was asked with
 * @param options.mountPrefix the prefix under which this request came, such as `/gemini`: a reverse proxy may route by it
 * @param options.tls the connection itself is encrypted. @default false
 * @returns without trailing slash; null when there is no host, or one that is none
 */
export function externalBase(options: {
  publicUrl: string | null;
  host: string | null;
  forwardedProto: string | null;
  mountPrefix: string;
  tls?: boolean;
}): string | null {
  if (options.publicUrl !== null) return options.publicUrl;
  const { host } = options;
  if (host === null || !isHost(host)) return null;
  const told = (options.forwardedProto ?? "").split(",", 1)[0]?.trim().toLowerCase();
  const scheme = told === "https" || told === "http" ? told : options.tls === true ? "https" : "http";
  return `${scheme}://${host.toLowerCase()}${options.mountPrefix}`;
}

// --- helpers ---

/** A name, IPv4 or bracketed IPv6, and a port. Names of containers may have underscores. */
function isHost(host: string): boolean {
  const match = /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i.exec(host);
  return match !== null && !host.includes("..") && (match[1] === undefined || Number(match[1]) <= 65_535);
}

function isAllowed(url: URL, origins: readonly string[]): boolean {
  if (url.protocol === "https:" && url.host === googleHost) return true;
  return (url.protocol === "https:" || url.protocol === "http:") && origins.includes(url.origin);
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function withoutCredentials(search: string): string {
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && !credentialNames.has(decodeOnce(pair.split("=", 1)[0] as string)));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

function toBase64Url(random: Uint8Array): string {
  return btoa(String.fromCharCode(...random))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
