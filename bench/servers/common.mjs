/**
 * The small job that every bare server here does, so that they differ in their plumbing only: take the request,
 * drop hop-by-hop and client-credential headers, add the upstream key, forward, stream the answer back.
 * @module
 */
export const PORT = Number(process.env.PORT ?? 8080);
export const UPSTREAM = process.env.UPSTREAM ?? "http://127.0.0.1:9000";
export const KEY = "AIzaSyMockMockMockMockMockMockMockMockM";

const DROPPED_UP = new Set(
  `host connection keep-alive transfer-encoding upgrade te trailer proxy-authorization proxy-connection authorization
   x-goog-api-key x-api-key expect content-length`.split(/\s+/),
);
const DROPPED_DOWN = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** `rawHeaders` of an IncomingMessage to flat [name, value, …] for the upstream; content-length is the caller's. */
export function upHeaders(raw) {
  const flat = ["x-goog-api-key", KEY];
  for (let i = 0; i < raw.length; i += 2) if (!DROPPED_UP.has(raw[i].toLowerCase())) flat.push(raw[i], raw[i + 1]);
  return flat;
}

/** The same for web `Headers`. */
export function upHeadersWeb(headers) {
  const kept = new Headers(headers);
  for (const name of DROPPED_UP) kept.delete(name);
  kept.set("x-goog-api-key", KEY);
  return kept;
}

/** Raw answer headers (Buffer[] or string[]) to flat strings for `writeHead`. */
export function downHeadersRaw(raw) {
  const flat = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toString("latin1");
    if (!DROPPED_DOWN.has(name.toLowerCase())) flat.push(name, raw[i + 1].toString("latin1"));
  }
  return flat;
}

/** Answer headers as undici 8 has parsed them already (lower-case names) to flat strings for `writeHead`. */
export function downHeadersParsed(parsed) {
  const flat = [];
  for (const name in parsed) {
    if (DROPPED_DOWN.has(name)) continue;
    const value = parsed[name];
    if (typeof value === "string") flat.push(name, value);
    else for (const one of value) flat.push(name, one);
  }
  return flat;
}

/** The same for web `Headers`. */
export function downHeadersWeb(headers) {
  const kept = new Headers(headers);
  for (const name of DROPPED_DOWN) kept.delete(name);
  return kept;
}

process.on("SIGTERM", () => process.exit(0));
