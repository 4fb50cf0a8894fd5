/**
 * Live sessions of the Node host: the upgrade requests of its HTTP server.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { CallEnvironment } from "../../../call/environment.ts";
import { identifyLive } from "../../../call/live/live-identity.ts";
import { createLiveSessions, type LiveSessions } from "../../../call/live/live-sessions.ts";
import { NodeLiveHost, type LiveShared } from "./live-call-host.ts";

/** Live sessions. */
export interface LiveServer {
  /** Takes an upgrade request over. @returns false when it asks for no Live session: it is the caller's to refuse */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  readonly sessions: LiveSessions;
  /** Ends all sessions with 1001, and their connections a moment later. */
  end(): void;
}

/** How long a client may take to answer the close of a gateway that ends. */
const farewellMs = 1_000;

/** Makes the part of a server that relays Live sessions. */
export function createLiveServer(environment: CallEnvironment): LiveServer {
  const { settings } = environment;
  const shared: LiveShared = {
    environment,
    sessions: createLiveSessions(settings),
    handshakes: new WeakMap(),
    hosts: new Set(),
    server: new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Audio is base64 of compressed bytes: deflating it again costs CPU and memory and wins little.
      perMessageDeflate: false,
      // Text of a client is checked, as RFC 6455 8.1 demands of whoever ends a hop; the server's messages are binary.
      skipUTF8Validation: false,
      maxPayload: settings.liveMaxMessageBytes,
      handleProtocols: (_offered, request) => shared.handshakes.get(request)?.protocol ?? false,
    }),
  };
  shared.server.on("headers", (lines: string[], request: IncomingMessage) => {
    const { headers = [] } = shared.handshakes.get(request) ?? {};
    for (let index = 0; index < headers.length; index += 2)
      lines.push(`${headers[index] as string}: ${headers[index + 1] as string}`);
  });
  return {
    sessions: shared.sessions,
    upgrade(request, socket, head) {
      if (identifyLive(request.url as string) === null) return false;
      new NodeLiveHost(shared, { request, socket, head }).call.begin();
      return true;
    },
    end() {
      shared.sessions.drain();
      setTimeout(() => {
        for (const host of shared.hosts) host.terminate();
      }, farewellMs).unref();
    },
  };
}
