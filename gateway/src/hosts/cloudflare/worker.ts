/**
 * The Workers host: calls run at the edge through the fetch adapter; the state is one Durable Object away.
 * @module
 */
import type { CallEnvironment } from "../../call/environment.ts";
import { identifyLive } from "../../call/live/live-identity.ts";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { createCaptureCollector } from "../capture-collector.ts";
import { FetchCallHost } from "../fetch/fetch-call-host.ts";
import { splitUrl } from "../fetch/web-messages.ts";
import { createIsolate, readStoredSettings, type Isolate } from "./isolate.ts";
import { WorkerLiveHost } from "./live/live-call-host.ts";
import { createLogger } from "./logger.ts";
import { ownAnswer } from "./own-paths.ts";
import { workerClock } from "./ports.ts";
import { createRemoteControl } from "./remote-control.ts";
import { createRemoteResponses } from "./remote-responses.ts";
import type { ExecutionContext, WorkerEnvironment } from "./runtime.ts";
import { SettingsError, toSettings } from "./settings.ts";
import type { StateApi } from "./state-api.ts";
import { createStateLink } from "./state-link.ts";

export { EgressRelay } from "./egress-relay.ts";
export { GatewayState } from "./state-object.ts";

let isolate: Isolate | null = null;

export default {
  /** Answers one request. */
  async fetch(request: Request, env: WorkerEnvironment, context: ExecutionContext): Promise<Response> {
    try {
      return await respond(isolate ?? (await firstIsolate(env)), { request, env, context });
    } catch (error) {
      const logger = createLogger("error");
      if (error instanceof SettingsError) {
        logger.log("error", "settings.wrong", { cause: error.details });
        return failure("internal", error.message);
      }
      logger.log("error", "request.failed", { cause: error instanceof Error ? error.message : String(error) });
      return failure("internal", errorTable.internal.message);
    }
  },
};

// --- helpers ---

/** Each request that comes before there is one asks for itself: requests cannot wait for each other's answers. */
async function firstIsolate(env: WorkerEnvironment): Promise<Isolate> {
  // Wrong settings are told before anything is asked.
  toSettings(env);
  const stored = await readStoredSettings(createStateLink(() => connect(env)));
  return (isolate ??= createIsolate(env, stored));
}

async function respond(
  { environment: shared, admissions, viewer, egress, sessions, captured, refresh }: Isolate,
  { request, env, context }: { request: Request; env: WorkerEnvironment; context: ExecutionContext },
): Promise<Response> {
  const { logger } = shared;
  const link = createStateLink(() => connect(env));
  // Set by the platform itself; what a client sends under this name does not arrive.
  const address = request.headers.get("cf-connecting-ip");
  const parts = {
    request,
    link,
    connect: () => connect(env),
    viewer,
    environment: shared,
    assets: env.ASSETS,
    address,
  };
  const local = ownAnswer(parts);
  if (local !== null)
    return local.catch((error: unknown) => {
      logger.log("error", "state.unreachable", { cause: error instanceof Error ? error.message : String(error) });
      return failure("state_unavailable", errorTable.state_unavailable.message);
    });
  const keepAlive = (work: Promise<unknown>): void => context.waitUntil(work);
  const due = refresh(link);
  if (due !== null) keepAlive(due);
  const { settings } = shared;
  const environment: CallEnvironment = Object.assign(Object.create(shared) as CallEnvironment, {
    control: createRemoteControl({ link, admissions, keepAlive, logger }),
    responses: createRemoteResponses({ link, settings, keepAlive, logger }),
    capture:
      settings.capture === "off"
        ? null
        : createCaptureCollector({
            settings,
            keepAlive,
            clock: workerClock,
            schedule: later,
            budget: captured,
            deliver: (batch) => link.ask((state) => state.capture(batch)),
          }),
  });
  if (asksForLive(request)) {
    const platform = { fetch: egress.fetch, keepAlive, address };
    const live = new WorkerLiveHost(environment, { platform, sessions, request });
    live.call.begin();
    return live.response;
  }
  // Codex tries a WebSocket first and goes on over HTTP after a 426 (fact sheet translation 0.1).
  if (/^websocket$/i.test(request.headers.get("upgrade") ?? "") && /\/responses(\?|$)/.test(request.url))
    return failure("websocket_unsupported", errorTable.websocket_unsupported.message);
  const host = new FetchCallHost(environment, { fetch: egress.fetch, keepAlive, address }, request);
  host.call.begin();
  return host.response;
}

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

function asksForLive({ headers, url }: Request): boolean {
  if (!/^websocket$/i.test(headers.get("upgrade") ?? "")) return false;
  const { pathname, search } = splitUrl(url);
  return identifyLive(pathname + search) !== null;
}

function connect(env: WorkerEnvironment): StateApi {
  const namespace = env.GATEWAY_STATE;
  const id = namespace.idFromName("gateway");
  return env.STATE_LOCATION_HINT === undefined
    ? namespace.get(id)
    : namespace.get(id, { locationHint: env.STATE_LOCATION_HINT });
}

function failure(code: ErrorCode, message: string): Response {
  const { status, google } = errorTable[code];
  return Response.json(
    { error: { code: status, message, status: google } },
    { status, headers: { "cache-control": "no-store" } },
  );
}
