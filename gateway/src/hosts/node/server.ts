/**
 * The HTTP server of the Node host: calls go to the core, a few local paths are answered here.
 * @module
 */
import http from "node:http";
import type { Duplex } from "node:stream";
import { Pool as ConnectionPool, type Dispatcher } from "undici";
import type { CallEnvironment } from "../../call/environment.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { writeError } from "../../dialects/gemini/write-error.ts";
import { answerLocally, isLocal, type LocalRoutes } from "../local-routes.ts";
import { NodeCallHost, type NodeHostShared } from "./call-host.ts";

/** A listening server. */
export interface NodeServer {
  server: http.Server;
  shared: NodeHostShared;
  /** Ends upstream connections. */
  closeUpstream(): Promise<void>;
}

/** Makes the server; the caller listens. */
export function createNodeServer(environment: CallEnvironment, routes: LocalRoutes): NodeServer {
  const { settings } = environment;
  const pools = new Map<string, ConnectionPool>();
  const shared: NodeHostShared = {
    environment,
    buffered: environment.buffered,
    open: { calls: 0 },
    dispatcherFor(origin: string): Dispatcher {
      let pool = pools.get(origin);
      if (pool === undefined) {
        pool = new ConnectionPool(origin, {
          connections: null,
          pipelining: 1,
          keepAliveTimeout: 60_000,
          keepAliveMaxTimeout: 600_000,
          connect: { timeout: settings.connectTimeoutMs },
          headersTimeout: settings.firstByteTimeoutMs,
          bodyTimeout: settings.idleTimeoutMs,
        });
        pools.set(origin, pool);
      }
      return pool;
    },
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
  server.on("upgrade", (_request, socket) => refuseRaw(socket, "live_unsupported", environment));
  return {
    server,
    shared,
    closeUpstream: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
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

/** A refused connection that its client does not close is closed for it. */
const lingerMs = 2_000;

/** Where there is no response object, the answer is written by hand. */
function refuseRaw(socket: Duplex, code: ErrorCode, environment: CallEnvironment): void {
  // An upgraded socket has nobody else who listens: its reset would end the process.
  socket.on("error", () => socket.destroy());
  // Into an answer that is under way nothing may be written: the client would take it for a part of that answer.
  const inFlight = (socket as { _httpMessage?: http.ServerResponse | null })._httpMessage;
  if (!socket.writable || inFlight?.headersSent === true) return void socket.destroy();
  const answer = writeError({ code, requestId: environment.newId(environment.clock.now()) });
  const body = Buffer.from(answer.body);
  const lines = [`HTTP/1.1 ${answer.status} ${http.STATUS_CODES[answer.status] ?? "Error"}`];
  for (let index = 0; index < answer.headers.length; index += 2)
    lines.push(`${answer.headers[index] as string}: ${answer.headers[index + 1] as string}`);
  lines.push(`content-length: ${body.length}`, "connection: close", "", "");
  socket.end(Buffer.concat([Buffer.from(lines.join("\r\n")), body]));
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(linger));
  // Read on, or the end of the client's side is never seen.
  socket.resume();
}
