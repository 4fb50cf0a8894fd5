/**
 * From what a call left behind to what may be stored: only headers that are known to be harmless, no credential in the
 * path, secrets taken out of bodies, and bytes as text where they are text.
 * @module
 */
import type { CapturedMessage } from "../admin/services.ts";
import { redact } from "../vault/redact.ts";

/** The bytes that were kept of a body. */
export interface KeptBody {
  bytes: Uint8Array;
  /** Of the whole body. */
  total: number;
}

/** Headers of requests that are kept, beside `x-gproxy-…`. Everything else may hold a secret or tell about a person. */
const requestNames: ReadonlySet<string> = new Set([
  "accept",
  "content-length",
  "content-type",
  "user-agent",
  "x-goog-api-client",
  "x-goog-upload-command",
  "x-goog-upload-offset",
  "x-goog-upload-protocol",
]);
const responseNames: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "retry-after",
  "server-timing",
  "x-gemini-service-tier",
  "x-goog-upload-status",
]);
const prefixes = ["x-gproxy-", "x-ratelimit-"];
/** Parameters of queries that are kept: those that change what an answer looks like. */
const queryNames: ReadonlySet<string> = new Set([
  "$alt",
  "$fields",
  "$prettyPrint",
  "after",
  "alt",
  "fields",
  "limit",
  "order",
  "pageSize",
  "prettyPrint",
  "purpose",
  "updateMask",
]);
const mostHeaders = 40;
const longestHeader = 500;
const longestPath = 500;
/** A secret that the cut went through still shows its beginning: from this many characters on it is taken out. */
const shortestPart = 4;

/**
 * A message as it may be stored.
 * @param message flat headers as they came, and what was kept of the body
 * @param options `side`: whose headers they are; `secrets`: to be taken out whatever they look like
 */
export function toCapturedMessage(
  message: { headers: readonly string[]; body: KeptBody },
  options: { side: "request" | "response"; secrets: readonly string[] },
): CapturedMessage {
  const { secrets } = options;
  const { bytes, total } = message.body;
  const cut = total > bytes.length;
  const names = options.side === "request" ? requestNames : responseNames;
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < message.headers.length && headers.length < mostHeaders; index += 2) {
    const name = (message.headers[index] as string).toLowerCase();
    if (!names.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    headers.push([name.slice(0, longestHeader), clean(message.headers[index + 1] as string, secrets)]);
  }
  const text = decode(cut ? withoutHalfCharacter(bytes) : bytes);
  if (text !== null) {
    const whole = cut ? withoutHalfSecret(text, secrets) : text;
    return { headers, body: cleanBody(whole, secrets), bytes: total, cut, base64: false };
  }
  // Not text, but there may be text in it.
  const binary = toBinary(bytes);
  const body = btoa(redact(cut ? withoutHalfSecret(binary, secrets) : binary, secrets).replace(/[^\0-\xff]/g, "?"));
  return { headers, body, bytes: total, cut, base64: true };
}

/**
 * Path and query as they may be stored: of the query only what is known to be harmless.
 * @param target path and query
 */
export function toCapturedPath(target: string, secrets: readonly string[]): string {
  const mark = target.indexOf("?");
  if (mark < 0) return clean(target, secrets);
  const pairs = target
    .slice(mark + 1)
    .split("&")
    .filter((pair) => queryNames.has(pair.split("=", 1)[0] as string));
  return clean(target.slice(0, mark) + (pairs.length === 0 ? "" : `?${pairs.join("&")}`), secrets);
}

// --- helpers ---

function clean(text: string, secrets: readonly string[]): string {
  // Cut last: a half of a secret would not be known as one.
  return redact(text, secrets).slice(0, Math.max(longestHeader, longestPath));
}

/**
 * JSON may write any character as `\u002d`, and some write each slash as `\/`: a secret in such words looks like none.
 * Where there is one the body is kept without these escapes, which means the same.
 */
function cleanBody(text: string, secrets: readonly string[]): string {
  if (/\\(?:u00|\/)/i.test(text)) {
    // Pair by pair, so that the second half of an escaped backslash begins nothing.
    const plain = text.replace(/\\(?:u00([2-7][\da-f])|[^])/gi, (pair, code: string | undefined) => {
      const character = code === undefined ? pair.slice(1) : String.fromCharCode(Number.parseInt(code, 16));
      return (code !== undefined || character === "/") && /[\w./~+=:@-]/.test(character) ? character : pair;
    });
    const cleaned = redact(plain, secrets);
    if (cleaned !== plain) return cleaned;
  }
  return redact(text, secrets);
}

/** Null: not UTF-8, or with characters that no text has. */
function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** Without the last character when the cut went through it. */
function withoutHalfCharacter(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** Without the beginning of a known secret at the cut. */
function withoutHalfSecret(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let length = Math.min(secret.length - 1, text.length); length >= shortestPart; length--)
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, text.length - length);
  return text;
}

function toBinary(bytes: Uint8Array): string {
  let binary = "";
  // In steps: String.fromCharCode takes its bytes as arguments, and their number is limited.
  for (let start = 0; start < bytes.length; start += 8192)
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return binary;
}
