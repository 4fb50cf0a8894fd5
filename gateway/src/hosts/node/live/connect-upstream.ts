/**
 * The upstream's WebSocket: connecting, and why it could not be.
 * @module
 */
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { WebSocket } from "ws";
import type { LiveUpstream } from "../../../call/live/live-host.ts";
import type { AttemptFailure } from "../../../call/host.ts";
import type { RawHeaders } from "../../../core/headers.ts";
import { createTunnelAgent } from "../tunnel.ts";

/** What comes of it; one of them, once. */
export interface ConnectEvents {
  open(socket: WebSocket): void;
  refused(answer: { status: number; headers: RawHeaders; body: string }): void;
  failed(failure: AttemptFailure): void;
}

/** What a connection is made with. */
export interface ConnectOptions {
  maxPayload: number;
  connectTimeoutMs: number;
  /** The proxy's URL; null: none. */
  proxy: string | null;
}

/** An error body is judged by its first part. */
const bodyLimit = 256 * 1024;
/** A refusal whose body does not end is judged by what came. */
const bodyWaitMs = 5_000;
/** An upstream that does not answer a close is left. */
const closeTimeoutMs = 5_000;

/**
 * Starts connecting.
 * @returns gives up; nothing more is told then
 */
export function connectUpstream(upstream: LiveUpstream, options: ConnectOptions, events: ConnectEvents): () => void {
  let over = false;
  const once = (tell: () => void): void => {
    if (over) return;
    over = true;
    tell();
  };
  const { proxy, maxPayload, connectTimeoutMs } = options;
  const secure = upstream.origin.startsWith("https:");
  let socket: WebSocket;
  try {
    socket = new WebSocket(upstream.origin.replace(/^http/, "ws") + upstream.path, {
      headers: toHeaderObject(upstream.headers),
      // Audio is base64 of compressed bytes: deflating it again costs CPU and memory and wins little.
      perMessageDeflate: false,
      maxPayload,
      followRedirects: false,
      closeTimeout: closeTimeoutMs,
      ...(proxy === null ? {} : { agent: createTunnelAgent({ proxy, secure, timeoutMs: connectTimeoutMs }) }),
    } as WebSocket.ClientOptions);
  } catch (error) {
    // Told later, as all events are.
    queueMicrotask(() => once(() => events.failed(toFailure(error))));
    return () => (over = true);
  }
  const ended = (error: unknown): void => once(() => events.failed(toFailure(error)));
  socket.once("open", () => {
    socket.removeListener("error", ended);
    once(() => events.open(socket));
  });
  socket.on("error", ended);
  socket.once("unexpected-response", (request, response: IncomingMessage) => {
    void readBody(response).then((body) => {
      request.destroy();
      once(() => events.refused({ status: response.statusCode ?? 502, headers: response.rawHeaders, body }));
    });
  });
  return () => {
    over = true;
    // It errs when it is still being connected.
    socket.on("error", () => undefined);
    socket.terminate();
  };
}

// --- helpers ---

/** Never rejects: what came until it broke counts. */
function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (): void => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString("utf8"));
    };
    const timer = setTimeout(end, bodyWaitMs);
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > bodyLimit) end();
    });
    response.on("end", end);
    response.on("error", end);
    response.on("close", end);
  });
}

/** Names repeat as lists; what HTTP does not allow (RFC 9110 5.1, 5.5) is left out, since node:http throws on it. */
function toHeaderObject(headers: RawHeaders): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const value = headers[index + 1] as string;
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) continue;
    const before = object[name];
    object[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [String(before)]), value];
  }
  return object;
}

/** Nothing of a session was sent, whatever happened: the setup goes out after the upgrade only. */
function toFailure(error: unknown): AttemptFailure {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code, message } = Object(first) as { code?: unknown; message?: unknown };
  const name = typeof code === "string" ? code : "ERR_LIVE_CONNECT";
  return {
    kind: name === "UND_ERR_CONNECT_TIMEOUT" ? "connect-timeout" : "connect",
    code: name,
    words: typeof message === "string" && message !== "" ? message : name,
  };
}
