/**
 * The gateway's own paths on node:http. The dashboard's files and health are answered by hand; requests to the admin API
 * become a Request, and its Response is piped out with the client's pace, which costs ten times as much and is rare.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Logger } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import { toResponse } from "../fetch/front-response.ts";
import type { AdminGate } from "../front/admin-gate.ts";
import { errorAnswer, type FrontAnswer } from "../front/answer.ts";
import type { Front } from "../front/front.ts";
import { isAdminPath } from "../front/local-path.ts";
import { toRequestInfo } from "../front/request-info.ts";

/** Answers own paths. */
export interface OwnPaths {
  respond(request: IncomingMessage, response: ServerResponse): void;
  /** Answers under way, but for those that go on for ever. */
  readonly open: number;
  /** Ends those. */
  endStreams(): void;
}

/** Makes them. */
export function createOwnPaths(parts: {
  front: Front;
  admin: AdminGate;
  settings: Pick<Settings, "trustedProxies">;
  logger: Logger;
}): OwnPaths {
  const { front, admin, settings, logger } = parts;
  let open = 0;
  let listening: Promise<Listener> | null = null;

  async function listen(): Promise<Listener> {
    const { getRequestListener } = await import("@hono/node-server");
    return getRequestListener(
      (request, { incoming }) =>
        admin.fetch(request, toRequestInfo(connectionOf(incoming as IncomingMessage), settings)),
      {
        // Its own Request and Response would be everybody's, also those of the packages' users.
        overrideGlobalObjects: false,
        // A request that cannot be one: no Host, a path that is no URL.
        errorHandler: () => badRequest(),
      },
    );
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (isAdminPath(request.url as string)) return await (await (listening ??= listen()))(request, response);
      const header = headerReader(request);
      send(response, await front.answer({ method: request.method as string, url: request.url as string, header }));
    } catch (error) {
      listening = null;
      logger.log("error", "local.failed", { cause: error instanceof Error ? error.message : String(error) });
      if (response.headersSent) response.destroy();
      else send(response, errorAnswer("internal"));
    }
  }

  return {
    respond(request, response) {
      open += 1;
      response.on("close", () => (open -= 1));
      void answer(request, response);
    },
    get open() {
      return open - admin.openStreams;
    },
    endStreams: () => admin.endStreams(),
  };
}

// --- helpers ---

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function send(response: ServerResponse, answer: FrontAnswer): void {
  const { status, headers, body } = answer;
  // A 304 has no length of its own (RFC 9110 8.6).
  const length = status === 304 ? [] : ["content-length", String(Buffer.byteLength(body))];
  response.writeHead(status, [...headers, ...length]);
  response.end(body);
}

function headerReader({ headers }: IncomingMessage): (name: string) => string | null {
  return (name) => {
    const value = headers[name];
    return value === undefined ? null : String(value);
  };
}

function connectionOf(request: IncomingMessage): Parameters<typeof toRequestInfo>[0] {
  const { socket } = request;
  const encrypted = (socket as Partial<TLSSocket>).encrypted === true;
  return { peer: socket.remoteAddress ?? null, encrypted, header: headerReader(request) };
}

function badRequest(): Response {
  return toResponse(errorAnswer("params_invalid", { message: "The request is not valid HTTP." }), "GET");
}
