/**
 * The HTTP server of the Node host: calls go to the core, a few local paths are answered here.
 * @module
 */
import http from "node:http";
import type { Duplex } from "node:stream";
import type { CallEnvironment } from "../../call/environment.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { writeError } from "../../dialects/gemini/write-error.ts";
import type { AdminGate } from "../front/admin-gate.ts";
import type { Front } from "../front/front.ts";
import { isLocal } from "../front/local-path.ts";
import type { Dispatchers } from "./dispatchers.ts";
import { NodeCallHost, type NodeHostShared } from "./call-host.ts";
import { createLiveServer } from "./live/live-server.ts";
import { answerRaw } from "./live/raw-answer.ts";
import { createOwnPaths } from "./own-paths.ts";

/** A listening server. */
export interface NodeServer {
  server: http.Server;
  shared: NodeHostShared;
  /** Answers to own paths under way, without those that go on until their reader leaves. */
  openOwn(): number;
  /** Ends those. */
  endStreams(): void;
  /** Ends the Live sessions that are open (1001). */
  endLive(): void;
}

/** Makes the server; the caller listens. */
export function createNodeServer(parts: {
  environment: CallEnvironment;
  front: Front;
  admin: AdminGate;
  dispatchers: Dispatchers;
}): NodeServer {
  const { environment, front, admin, dispatchers } = parts;
  const { settings, logger } = environment;
  const own = createOwnPaths({ front, admin, settings, logger });
  const shared: NodeHostShared = {
    environment,
    buffered: environment.buffered,
    open: { calls: 0 },
    dispatcherFor: (target) => dispatchers.for(target),
  };
  const server = http.createServer(
    {
      keepAliveTimeout: 75_000,
      headersTimeout: 60_000,
      requestTimeout: settings.requestTimeoutMs,
      maxHeaderSize: settings.maxHeaderBytes,
      highWaterMark: 65_536,
      // Others (`h2c`, which Java's client offers with each request) may be ignored, and are: RFC 9110 7.8.
      shouldUpgradeCallback: (request) => /^websocket$/i.test(request.headers.upgrade ?? ""),
    } as http.ServerOptions,
    (request, response) => {
      // Absolute form, which servers must take too (RFC 9112 3.2.2).
      if ((request.url as string).charCodeAt(0) !== 47) request.url = toOriginForm(request.url as string);
      if (isLocal(request.url as string)) return own.respond(request, response);
      new NodeCallHost(shared, request, response).call.begin();
    },
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
    refuseRaw(socket, codeOfClientError(error), environment),
  );
  const live = createLiveServer(environment);
  server.on("upgrade", (request, socket, head) => {
    if ((request.url as string).charCodeAt(0) !== 47) request.url = toOriginForm(request.url as string);
    if (!live.upgrade(request, socket, head)) refuseRaw(socket, codeOfUpgrade(request.url as string), environment);
  });
  return {
    server,
    shared,
    openOwn: () => own.open,
    endStreams: () => own.endStreams(),
    endLive: () => live.end(),
  };
}

// --- helpers ---

/** Codex tries a WebSocket first and goes on over HTTP after a 426 (fact sheet translation 0.1). */
function codeOfUpgrade(url: string): ErrorCode {
  return /\/responses(\/|\?|$)/.test(url) ? "websocket_unsupported" : "live_unsupported";
}

function codeOfClientError(error: NodeJS.ErrnoException): ErrorCode {
  if (error.code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_timeout";
  return "request_malformed";
}

function toOriginForm(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, "") || "/";
}

/** Where there is no response object, the answer is written by hand. */
function refuseRaw(socket: Duplex, code: ErrorCode, environment: CallEnvironment): void {
  const { status, headers, body } = writeError({ code, requestId: environment.newId(environment.clock.now()) });
  answerRaw(socket, { status, headers, body: Buffer.from(body) });
}
