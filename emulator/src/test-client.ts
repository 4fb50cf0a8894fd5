/** @module What the tests talk to the emulator with: fetch for answers, a bare socket where the bytes matter. */

import { connect } from "node:net";

import type { Emulator } from "./emulator.ts";
import { DEFAULT_KEY } from "./emulator.ts";

/** What came back over a bare socket. */
export interface RawAnswer {
  /** Everything received, head included. */
  bytes: Buffer;
  /** The pieces as they came in. */
  reads: Buffer[];
  /** `end` after a FIN, `reset` after a RST. */
  ending: "end" | "reset";
}

/** A call of a test. */
export interface TestCall {
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** @default "POST" with a body, else "GET" */
  method?: string;
  /** False sends no key; a string sends that one. @default DEFAULT_KEY */
  key?: string | false;
  signal?: AbortSignal;
}

/** Calls with fetch; the key goes where the surface wants it. */
export function call(
  emulator: Emulator,
  { path, body, headers, method, key = DEFAULT_KEY, signal }: TestCall,
): Promise<Response> {
  const credential: Record<string, string> =
    key === false ? {} : path.includes("/openai/") ? { authorization: `Bearer ${key}` } : { "x-goog-api-key": key };
  return fetch(emulator.url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...credential, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
}

/** A user's turn as a request body, with more fields beside it. */
export function prompt(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { contents: [{ role: "user", parts: [{ text }] }], ...more };
}

/** The path of a call to a model. */
export function to(model: string, method = "generateContent", query = ""): string {
  return `/v1beta/models/${model}:${method}${query}`;
}

/** Sends one POST over a bare socket and reads until the connection ends; asks for no keep-alive. */
export function rawPost(emulator: Emulator, { path, body, headers = {} }: TestCall): Promise<RawAnswer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: emulator",
    `x-goog-api-key: ${DEFAULT_KEY}`,
    "Connection: close",
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n");
  return new Promise((resolve) => {
    const reads: Buffer[] = [];
    const socket = connect(emulator.port, "127.0.0.1", () => socket.write(head + text));
    let ending: RawAnswer["ending"] = "end";
    socket.on("data", (chunk: Buffer) => reads.push(chunk));
    socket.on("error", () => {
      ending = "reset";
    });
    socket.on("close", () => resolve({ bytes: Buffer.concat(reads), reads, ending }));
  });
}

/** Undoes the chunked coding of a raw answer; `whole` is false when the last chunk is missing. */
export function dechunk(bytes: Buffer): { head: string; body: Buffer; whole: boolean } {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, headEnd).toString("latin1");
  const pieces: Buffer[] = [];
  let at = headEnd + 4;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (headEnd < 0 || lineEnd < 0) return { head, body: Buffer.concat(pieces), whole: false };
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    if (size === 0) return { head, body: Buffer.concat(pieces), whole: true };
    const piece = bytes.subarray(lineEnd + 2, lineEnd + 2 + size);
    pieces.push(piece);
    if (piece.length < size) return { head, body: Buffer.concat(pieces), whole: false };
    at = lineEnd + 2 + size + 2;
  }
}

/** The events of a native SSE body. */
export function sseEvents(text: string): Record<string, unknown>[] {
  return text
    .split("\r\n\r\n")
    .filter((event) => event !== "")
    .map((event) => JSON.parse(event.replace(/^data: /, "")) as Record<string, unknown>);
}

/** A member deep inside parsed JSON, by a path as `candidates.0.content`; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const step of path.split(".")) {
    found = typeof found === "object" && found !== null ? (found as Record<string, unknown>)[step] : undefined;
  }
  return found;
}
