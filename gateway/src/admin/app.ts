/**
 * The admin API: everything below `/admin/api/v1`.
 * @module
 */
import { Hono } from "hono/tiny";
import { createIdMaker } from "../core/ids.ts";
import { isStoreTrouble } from "../storage/store-trouble.ts";
import { AdminError, isAdminError } from "./admin-errors.ts";
import { createAdminState } from "./admin-state.ts";
import { errorAnswer, finishAnswer } from "./answer.ts";
import { allImplementations } from "./implementations.ts";
import type { Implementation, RequestInfo } from "./implement.ts";
import { runRoute, type RouteRequest } from "./run-route.ts";
import type { AdminServices } from "./services.ts";

/** Where all its paths begin. */
export const adminBasePath = "/admin/api/v1";

/** The application. */
export interface AdminApp {
  /**
   * Answers a request below `/admin/api/v1`. Never rejects.
   * @param info what the host knows of it for sure; never what an untrusted proxy claims
   */
  fetch(request: Request, info: RequestInfo): Promise<Response>;
}

/**
 * Makes it.
 * @param implementations the routes. @default all of them
 */
export function createAdminApp(
  services: AdminServices,
  implementations: readonly Implementation[] = allImplementations,
): AdminApp {
  const state = createAdminState(services);
  const nextId = createIdMaker(services.random);
  const hono = new Hono<{ Bindings: Omit<RouteRequest, "params"> }>();
  for (const [path, ofPath] of byPath(implementations)) {
    for (const implementation of ofPath) {
      hono.on(implementation.route.method, adminBasePath + path, (context) =>
        runRoute({ services, state, implementation }, { ...context.env, params: context.req.param() }),
      );
    }
    const allow = ofPath.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method])).join(", ");
    hono.all(adminBasePath + path, ({ env }) => {
      const answer = errorAnswer(new AdminError("method_not_allowed"), env.requestId);
      answer.headers.set("allow", allow);
      return answer;
    });
  }
  hono.notFound(({ env }) => errorAnswer(new AdminError("path_unknown"), env.requestId));
  // Hono's own handling would let through what is no Error.
  hono.onError((error) => {
    throw error;
  });

  function toAnswer(error: unknown, { request, requestId }: Pick<RouteRequest, "request" | "requestId">): Response {
    if (isAdminError(error)) return errorAnswer(error, requestId);
    services.logger.log("error", "admin.failed", {
      requestId,
      method: request.method,
      path: new URL(request.url).pathname.slice(0, 200),
      class: error instanceof Error ? error.name : typeof error,
      place: error instanceof Error ? placeOf(error) : null,
    });
    return errorAnswer(isStoreTrouble(error) ? storeTrouble() : new AdminError("internal"), requestId);
  }

  return {
    async fetch(request, info) {
      const requestId = nextId(services.clock.now());
      const isHead = request.method === "HEAD";
      // The router's own way with HEAD would leave a stream that nobody reads.
      const routed = isHead ? new Request(request.url, { headers: request.headers, signal: request.signal }) : request;
      const asked = { request: routed, info, requestId };
      // The small router would take `/clients/` for `/clients`; one path, one spelling.
      if (new URL(request.url).pathname.endsWith("/"))
        return finishAnswer(errorAnswer(new AdminError("path_unknown"), requestId), { requestId, isHead });
      const answer = await Promise.resolve(hono.fetch(routed, asked)).catch((error: unknown) => toAnswer(error, asked));
      return finishAnswer(answer, { requestId, isHead });
    },
  };
}

// --- helpers ---

function storeTrouble(): AdminError {
  return new AdminError("unavailable", {
    message: "The store cannot do this now: another process holds it, or its disk takes nothing.",
    next: "Try again; when it stays so, look at 'ledger' of GET /health and at the disk.",
    retryAfterSeconds: 5,
  });
}

/** By path; those without parameters before those that would take them, too (`/calls/tail`, `/calls/:id`). */
function byPath(implementations: readonly Implementation[]): [string, Implementation[]][] {
  const paths = new Map<string, Implementation[]>();
  for (const implementation of implementations) {
    const { method, path } = implementation.route;
    const known = paths.get(path) ?? [];
    if (known.some(({ route }) => route.method === method)) throw new Error(`${method} ${path} is implemented twice`);
    paths.set(path, [...known, implementation]);
  }
  const parameters = (path: string): number => path.split(":").length;
  return [...paths].sort(([left], [right]) => parameters(left) - parameters(right));
}

/** The first line of the stack that is in a file of ours; never the message, which may hold what was asked. */
function placeOf(error: Error): string | null {
  const line = error.stack?.split("\n").find((each) => /^\s+at .*:\d+:\d+\)?$/.test(each));
  return line === undefined
    ? null
    : line
        .trim()
        .slice(3)
        .replace(/^.*?([^/\\(]+:\d+:\d+)\)?$/, "$1");
}
