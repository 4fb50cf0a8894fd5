/**
 * The HTTP server of the Node host: calls go to the core, a few local paths are answered here.
 * @module
 */
import http from "node:http";
import type { Duplex } from "node:stream";
import type { CallEnvironment } from "../../call/environment.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { writeError } from "../../dialects/gemini/write-error.ts";
import { answerLocally, isLocal, type LocalRoutes } from "../local-routes.ts";
import type { Dispatchers } from "./dispatchers.ts";
import { NodeCallHost, type NodeHostShared } from "./call-host.ts";
import { createLiveServer } from "./live/live-server.ts";
import { answerRaw } from "./live/raw-answer.ts";

/** A listening server. */
export interface NodeServer {
  server: http.Server;
  shared: NodeHostShared;
  /** Ends the Live sessions that are open (1001). */
  endLive(): void;
}

/** Makes the server; the caller listens. */
export function createNodeServer(
  environment: CallEnvironment,
  routes: LocalRoutes,
  dispatchers: Dispatchers,
): NodeServer {
  const { settings } = environment;
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
      if (isLocal(request.url as string)) return void respondLocally(routes, request, response, environment);
      new NodeCallHost(shared, request, response).call.begin();
    },
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
    refuseRaw(socket, codeOfClientError(error), environment),
  );
  const live = createLiveServer(environment);
  server.on("upgrade", (request, socket, head) => {
    if ((request.url as string).charCodeAt(0) !== 47) request.url = toOriginForm(request.url as string);
    if (!live.upgrade(request, socket, head)) refuseRaw(socket, "live_unsupported", environment);
  });
  return {
    server,
    shared,
    endLive: () => live.end(),
  };
}

// --- helpers ---

async function respondLocally(
  routes: LocalRoutes,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  environment: CallEnvironment,
): Promise<void> {
  try {
    const answer = await answerLocally(routes, {
      method: request.method as string,
      url: request.url as string,
      authorization: request.headers.authorization ?? null,
    });
    response.writeHead(answer.status, [...answer.headers, "content-length", String(Buffer.byteLength(answer.body))]);
    response.end(answer.body);
  } catch (error) {
    environment.logger.log("error", "local.failed", { cause: error instanceof Error ? error.message : String(error) });
    const answer = writeError({ code: "internal", requestId: environment.newId(environment.clock.now()) });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }
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
