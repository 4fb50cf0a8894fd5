/**
 * Moves the messages of one Live session on Workers. It decides nothing: call/live/live-call.ts does.
 *
 * The platform cannot stop reading from a WebSocket, so a side that reads too slowly cannot slow the other one down: what
 * waits for it is bounded where the runtime counts it, and beyond that the session ends with 1013.
 * @module
 */
import type { CallEnvironment } from "../../../call/environment.ts";
import { LiveCall } from "../../../call/live/live-call.ts";
import type { LiveHost, LiveMessage, LiveSide, LiveUpstream } from "../../../call/live/live-host.ts";
import type { LiveSessions } from "../../../call/live/live-sessions.ts";
import type { RawHeaders } from "../../../core/headers.ts";
import { splitUrl, toHeaders } from "../../fetch/web-messages.ts";
import { closeSocket, createPair, openSocket, sendMessage, type WorkerSocket } from "./worker-socket.ts";

/** What the platform brings. */
export interface LivePlatform {
  /** The way to Google. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Keeps work alive after the response was returned. */
  keepAlive(work: Promise<unknown>): void;
  /** The client's address; null: not known. */
  address: string | null;
}

/** Bytes that may wait for a slow side beside one message of the largest size: an isolate has 128 MB for all of them. */
const waitingLimit = 8 * 1024 * 1024;
/** An error body is judged by its first part. */
const bodyLimit = 256 * 1024;

/** One session's host. */
export class WorkerLiveHost implements LiveHost {
  readonly call: LiveCall;
  /** 101 with the client's end, or the refusal. */
  readonly response: Promise<Response>;
  readonly #environment: CallEnvironment;
  readonly #platform: LivePlatform;
  readonly #sides: Record<LiveSide, WorkerSocket | null> = { client: null, upstream: null };
  #resolve!: (response: Response) => void;
  #abort: AbortController | null = null;
  #generation = 0;

  constructor(
    environment: CallEnvironment,
    parts: { platform: LivePlatform; sessions: LiveSessions; request: Request },
  ) {
    const { platform, sessions, request } = parts;
    this.#environment = environment;
    this.#platform = platform;
    this.response = new Promise((resolve) => (this.#resolve = resolve));
    const headers: string[] = [];
    request.headers.forEach((value, name) => headers.push(name, value));
    const { pathname, search } = splitUrl(request.url);
    const { method } = request;
    this.call = new LiveCall(environment, {
      sessions,
      host: this,
      head: {
        method,
        url: pathname + search,
        headers,
        address: platform.address,
        tls: request.url.startsWith("https:"),
      },
    });
  }

  refuse(status: number, headers: RawHeaders, body: Uint8Array): void {
    this.#resolve(new Response(body as Uint8Array<ArrayBuffer>, { status, headers: toHeaders(headers, true) }));
  }

  accept(protocol: string | null, headers: RawHeaders): void {
    const [client, server] = createPair();
    this.#sides.client = server;
    openSocket(server, this.#environment.bytes, {
      message: (message) => this.call.clientMessage(message),
      closed: (code, reason) => this.call.clientClosed(code, reason),
    });
    const sent = toHeaders(headers, false);
    if (protocol !== null) sent.set("sec-websocket-protocol", protocol);
    this.#resolve(new Response(null, { status: 101, headers: sent, webSocket: client } as ResponseInit));
  }

  connect(upstream: LiveUpstream): void {
    this.#platform.keepAlive(this.#connect(upstream, ++this.#generation));
  }

  cut(side: LiveSide): void {
    if (side === "upstream") {
      this.#generation += 1;
      this.#abort?.abort();
      this.#abort = null;
    }
    const socket = this.#sides[side];
    this.#sides[side] = null;
    if (socket !== null) closeSocket(socket, 1001, "");
  }

  send(side: LiveSide, message: LiveMessage): boolean {
    const socket = this.#sides[side];
    if (socket === null) return true;
    sendMessage(socket, message, this.#environment.bytes);
    const waiting = socket.bufferedAmount ?? 0;
    if (waiting > waitingLimit + this.#environment.settings.liveMaxMessageBytes)
      // Not within the step of the core that sends.
      queueMicrotask(() => this.call.overfull(side));
    return true;
  }

  close(side: LiveSide, code: number, reason: string): void {
    const socket = this.#sides[side];
    if (socket !== null) closeSocket(socket, code, reason);
  }

  pause(): void {}

  resume(): void {}

  later(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  // --- helpers ---

  async #connect(upstream: LiveUpstream, generation: number): Promise<void> {
    const number = upstream.attempt;
    const abort = new AbortController();
    this.#abort = abort;
    const headers = toHeaders(upstream.headers, true);
    headers.set("upgrade", "websocket");
    let response: Response;
    try {
      const init: RequestInit = { headers, redirect: "manual", signal: abort.signal };
      response = await this.#platform.fetch(upstream.origin + upstream.path, init);
    } catch (error) {
      if (generation !== this.#generation) return;
      const words = error instanceof Error ? error.message : String(error);
      return this.call.upstreamFailed(number, { kind: "connect", code: "ERR_LIVE_CONNECT", words });
    }
    const { webSocket } = response as Response & { webSocket?: WorkerSocket | null };
    if (webSocket == null) {
      const body = await bodyOf(response);
      if (generation === this.#generation)
        this.call.upstreamRefused(number, { status: response.status, headers: [...response.headers].flat(), body });
      return;
    }
    if (generation !== this.#generation) {
      webSocket.accept();
      return closeSocket(webSocket, 1000, "");
    }
    this.#sides.upstream = webSocket;
    openSocket(webSocket, this.#environment.bytes, {
      message: (message) => this.call.upstreamMessage(number, message),
      closed: (code, reason) => this.call.upstreamClosed(number, code, reason),
    });
    this.call.upstreamOpen(number);
  }
}

// --- helpers ---

/** What came until it broke counts. */
async function bodyOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > bodyLimit) break;
    }
  } catch {
    // Broken off.
  }
  return text;
}
