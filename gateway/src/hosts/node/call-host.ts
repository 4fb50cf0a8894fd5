/**
 * Moves the bytes of one call between node:http and undici. It decides nothing: call/call.ts does.
 * No web streams and no fetch on this path: they cost 10 to 20 times the work of moving the bytes with callbacks
 * (fact sheet performance, "What follows").
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import { Call } from "../../call/call.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import type { BodyNeed, CallHost, UpstreamRequest } from "../../call/host.ts";
import { AttemptHandler } from "./attempt-handler.ts";
import { collectBody } from "./collect-body.ts";
import type { DispatchTarget } from "./dispatchers.ts";
import { teeBody } from "./kept-files/tee-body.ts";

/** What all calls of a server share. */
export interface NodeHostShared {
  environment: CallEnvironment;
  /** One connection pool an origin and proxy. */
  dispatcherFor(target: DispatchTarget): Dispatcher;
  /** Bytes of request bodies held at this moment, all calls together. */
  buffered: { bytes: number };
  /**
   * Answers that have not ended, for draining. A number, not a Set: a Set that grows and shrinks with each call leaves its
   * old tables in the old generation, where they keep every call alive until the next full collection (measured: a
   * quarter of a call's CPU).
   */
  open: { calls: number };
}

/** Bytes of an ended answer from which on a client that does not read them is watched. */
const unreadLimit = 32_768;

/** One call's host. A class, since it is made for every call and its methods are shared by the prototype. */
export class NodeCallHost implements CallHost {
  readonly bodyUnannounced = false;
  readonly call: Call;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly shared: NodeHostShared;
  #handler: AttemptHandler | null = null;
  #first: Uint8Array | null = null;
  #more: Uint8Array[] | null = null;
  #ended = false;
  #flushing = false;
  #blocked = false;
  #stall: NodeJS.Timeout | null = null;
  #held = 0;

  constructor(shared: NodeHostShared, request: IncomingMessage, response: ServerResponse) {
    this.shared = shared;
    this.request = request;
    this.response = response;
    this.call = new Call(shared.environment, this, {
      method: request.method as string,
      url: request.url as string,
      headers: request.rawHeaders,
      address: request.socket.remoteAddress ?? null,
    });
    response.on("close", () => this.#closed());
    shared.open.calls += 1;
  }

  want(need: BodyNeed): void {
    if (need === "pass") return this.call.body("pass");
    collectBody(this, this.shared.environment.settings.maxBodyBytes);
  }

  /** Counts bytes of the body that this call holds; false when the gateway holds too many already. */
  hold(bytes: number): boolean {
    this.#held += bytes;
    this.shared.buffered.bytes += bytes;
    return this.shared.buffered.bytes <= this.shared.environment.settings.maxBufferedBytes;
  }

  send(request: UpstreamRequest): void {
    const handler = new AttemptHandler(this.call, request.attempt);
    this.#handler = handler;
    const { settings } = this.shared.environment;
    const options: Dispatcher.DispatchOptions = {
      path: request.path,
      method: request.method,
      headers: request.headers,
      body: toDispatchBody(request.body, this.request),
      headersTimeout: settings.firstByteTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
    };
    // A body of many chunks goes as an iterable, which needs its length told.
    if (request.body !== null && request.body !== "pass" && request.body.chunks.length > 1)
      request.headers.push("content-length", String(request.body.length));
    if (request.tee != null) teeBody(this.request, request.tee);
    this.shared.dispatcherFor(request).dispatch(options, handler);
  }

  abort(): void {
    this.#handler?.abort();
    this.#handler = null;
  }

  head(status: number, headers: string[]): void {
    if (this.response.headersSent || this.response.destroyed) return;
    try {
      this.response.writeHead(status, headers);
    } catch {
      // A header that HTTP does not allow must not cost the answer its status.
      this.response.writeHead(status, sendable(headers));
    }
  }

  /** Chunks of one packet are gathered and written once: SSE costs 40 % less CPU so (fact sheet performance, 6). */
  data(chunk: Uint8Array): void {
    if (this.#first === null) {
      this.#first = chunk;
      this.#schedule();
    } else (this.#more ??= [this.#first]).push(chunk);
  }

  end(): void {
    this.#ended = true;
    if (this.#first === null) this.#finish(null);
  }

  cut(): void {
    // Written before `#ended` is set: ended with these bytes, the answer would look whole.
    if (this.#first !== null) this.flush();
    this.#ended = true;
    this.response.destroy();
  }

  later(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  /** Writes what was gathered in this turn. */
  flush(): void {
    this.#flushing = false;
    const chunk = this.#more === null ? this.#first : Buffer.concat(this.#more);
    this.#first = null;
    this.#more = null;
    if (chunk === null || this.response.destroyed) return;
    if (this.#ended) this.#finish(chunk);
    else if (!this.response.write(chunk)) this.#block();
  }

  // --- helpers ---

  /** After the end nothing drains, so the socket's own time-out takes over: it knows whether the client still reads. */
  #finish(chunk: Uint8Array | null): void {
    const { response } = this;
    if (chunk === null) response.end();
    else response.end(chunk);
    if (this.#stall !== null) clearTimeout(this.#stall);
    if (response.writableLength > unreadLimit)
      response.socket?.setTimeout(this.shared.environment.settings.clientStallTimeoutMs);
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(flushHost, this);
  }

  /** The client is slower than the upstream: the upstream waits, so that no more than a few chunks are held. */
  #block(): void {
    if (this.#blocked) return;
    this.#blocked = true;
    this.#handler?.pause();
    this.#stall = setTimeout(() => {
      this.call.clientGone("client_stalled");
      this.response.destroy();
    }, this.shared.environment.settings.clientStallTimeoutMs);
    this.response.once("drain", () => {
      this.#blocked = false;
      if (this.#stall !== null) clearTimeout(this.#stall);
      this.#handler?.resume();
    });
  }

  #closed(): void {
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.shared.open.calls -= 1;
    this.shared.buffered.bytes -= this.#held;
    this.#held = 0;
    if (!this.response.writableFinished) this.call.clientGone();
  }
}

// --- helpers ---

function sendable(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    // RFC 9110 5.1, 5.5: a name is a token, a value is visible characters, blanks and obs-text.
    if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value)) kept.push(name, value);
  }
  return kept;
}

type DispatchBody = Exclude<Dispatcher.DispatchOptions["body"], undefined>;

function flushHost(host: NodeCallHost): void {
  host.flush();
}

function toDispatchBody(body: UpstreamRequest["body"], request: IncomingMessage): DispatchBody {
  if (body === null) return null;
  if (body === "pass") return request;
  if (body.length === 0) return null;
  if (body.chunks.length === 1) return body.chunks[0] as Uint8Array;
  // Iterated, not joined: a 20 MB body exists once.
  return body.chunks as unknown as DispatchBody;
}
