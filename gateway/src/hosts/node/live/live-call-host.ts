/**
 * Moves the messages of one Live session between two WebSockets of `ws`. It decides nothing: call/live/live-call.ts does.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { WebSocket, WebSocketServer } from "ws";
import { plainSecret } from "../../../backends/credential-text.ts";
import type { CallEnvironment } from "../../../call/environment.ts";
import { LiveCall } from "../../../call/live/live-call.ts";
import type { LiveHost, LiveMessage, LiveSide, LiveUpstream } from "../../../call/live/live-host.ts";
import type { LiveSessions } from "../../../call/live/live-sessions.ts";
import type { RawHeaders } from "../../../core/headers.ts";
import { connectUpstream } from "./connect-upstream.ts";
import { createLiveSocket, type LiveSocket } from "./live-socket.ts";
import { answerRaw } from "./raw-answer.ts";

/** What the sessions of a server share. */
export interface LiveShared {
  environment: CallEnvironment;
  sessions: LiveSessions;
  server: WebSocketServer;
  /** What the handshake of an upgrade that is being accepted answers with. */
  handshakes: WeakMap<IncomingMessage, { protocol: string | null; headers: RawHeaders }>;
  /** Hosts with a socket that is not closed. */
  hosts: Set<NodeLiveHost>;
}

/** One session's host. */
export class NodeLiveHost implements LiveHost {
  readonly call: LiveCall;
  readonly #shared: LiveShared;
  readonly #request: IncomingMessage;
  readonly #raw: Duplex;
  readonly #head: Buffer;
  readonly #sides: Record<LiveSide, LiveSocket | null> = { client: null, upstream: null };
  #giveUp: (() => void) | null = null;
  #open = 0;

  constructor(shared: LiveShared, upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer }) {
    const { request, socket } = upgrade;
    this.#shared = shared;
    this.#request = request;
    this.#raw = socket;
    this.#head = upgrade.head;
    const { remoteAddress, encrypted } = socket as Partial<TLSSocket>;
    this.call = new LiveCall(shared.environment, {
      sessions: shared.sessions,
      host: this,
      head: {
        method: request.method as string,
        url: request.url as string,
        headers: request.rawHeaders,
        address: remoteAddress ?? null,
        tls: encrypted === true,
      },
    });
    // Nobody else listens to a socket that is being upgraded: its reset would end the process.
    socket.on("error", () => socket.destroy());
    socket.once("close", this.#rawClosed);
  }

  refuse(status: number, headers: RawHeaders, body: Uint8Array): void {
    answerRaw(this.#raw, { status, headers, body });
  }

  accept(protocol: string | null, headers: RawHeaders): void {
    const { server, handshakes } = this.#shared;
    handshakes.set(this.#request, { protocol, headers });
    server.handleUpgrade(this.#request, this.#raw, this.#head, (socket) => {
      this.#raw.removeListener("close", this.#rawClosed);
      this.#sides.client = this.#take(socket, {
        message: (message) => this.call.clientMessage(message),
        closed: (code, reason) => this.call.clientClosed(code, reason),
        drained: () => this.call.drained("client"),
        tooLarge: () => this.call.tooLarge("client"),
      });
    });
  }

  connect(upstream: LiveUpstream): void {
    const { settings } = this.#shared.environment;
    const number = upstream.attempt;
    this.#giveUp = connectUpstream(
      upstream,
      {
        maxPayload: settings.liveMaxMessageBytes,
        connectTimeoutMs: settings.connectTimeoutMs,
        proxy: upstream.proxy === null ? null : plainSecret(upstream.proxy),
      },
      {
        open: (socket) => {
          this.#giveUp = null;
          this.#sides.upstream = this.#take(socket, {
            message: (message) => this.call.upstreamMessage(number, message),
            closed: (code, reason) => this.call.upstreamClosed(number, code, reason),
            drained: () => this.call.drained("upstream"),
            tooLarge: () => this.call.tooLarge("upstream"),
          });
          this.call.upstreamOpen(number);
        },
        refused: (answer) => this.call.upstreamRefused(number, answer),
        failed: (failure) => this.call.upstreamFailed(number, failure),
      },
    );
  }

  cut(side: LiveSide): void {
    if (side === "upstream") {
      this.#giveUp?.();
      this.#giveUp = null;
    }
    this.#sides[side]?.cut();
    this.#sides[side] = null;
  }

  send(side: LiveSide, message: LiveMessage): boolean {
    return this.#sides[side]?.send(message) ?? true;
  }

  close(side: LiveSide, code: number, reason: string): void {
    this.#sides[side]?.close(code, reason);
  }

  pause(side: LiveSide): void {
    this.#sides[side]?.pause();
  }

  resume(side: LiveSide): void {
    this.#sides[side]?.resume();
  }

  later(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  /** For a process that ends: whoever has not answered the close by now is left. */
  terminate(): void {
    this.cut("client");
    this.cut("upstream");
    this.#raw.destroy();
  }

  // --- helpers ---

  readonly #rawClosed = (): void => this.call.clientClosed(1006, "");

  #take(socket: WebSocket, events: Parameters<typeof createLiveSocket>[1]): LiveSocket {
    const { hosts } = this.#shared;
    this.#open += 1;
    hosts.add(this);
    socket.once("close", () => {
      this.#open -= 1;
      if (this.#open === 0) hosts.delete(this);
    });
    return createLiveSocket(socket, events);
  }
}
