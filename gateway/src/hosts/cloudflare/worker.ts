/**
 * The Workers host: calls run at the edge through the fetch adapter; the state is one Durable Object away.
 * @module
 */
import { createCallEnvironment, type CallEnvironment } from "../../call/environment.ts";
import { identifyLive } from "../../call/live/live-identity.ts";
import { createLiveSessions, type LiveSessions } from "../../call/live/live-sessions.ts";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { FetchCallHost } from "../fetch/fetch-call-host.ts";
import { splitUrl } from "../fetch/web-messages.ts";
import { createEgress, type Egress } from "./egress.ts";
import { WorkerLiveHost } from "./live/live-call-host.ts";
import { localAnswer } from "./local-answer.ts";
import { createLogger } from "./logger.ts";
import { workerBytes, workerClock, workerDigest, workerRandom } from "./ports.ts";
import { createRemoteControl, type AdmissionCache } from "./remote-control.ts";
import type { ExecutionContext, WorkerEnvironment } from "./runtime.ts";
import { SettingsError, toSettings } from "./settings.ts";
import type { StateApi } from "./state-api.ts";
import { createStateLink } from "./state-link.ts";
import { createStateViewer, type StateViewer } from "./state-view.ts";

export { EgressRelay } from "./egress-relay.ts";
export { GatewayState } from "./state-object.ts";

/** What an isolate keeps between requests. Settings cannot change without a new deployment, which makes new isolates. */
interface Isolate {
  environment: Omit<CallEnvironment, "control">;
  admissions: AdmissionCache;
  viewer: StateViewer;
  egress: Egress;
  sessions: LiveSessions;
}

let isolate: Isolate | null = null;

export default {
  /** Answers one request. */
  async fetch(request: Request, env: WorkerEnvironment, context: ExecutionContext): Promise<Response> {
    try {
      return await respond((isolate ??= createIsolate(env)), { request, env, context });
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

async function respond(
  { environment: shared, admissions, viewer, egress, sessions }: Isolate,
  { request, env, context }: { request: Request; env: WorkerEnvironment; context: ExecutionContext },
): Promise<Response> {
  const { logger } = shared;
  const link = createStateLink(() => connect(env));
  const local = localAnswer({ request, link, viewer, environment: shared });
  if (local !== null)
    return local.catch((error: unknown) => {
      logger.log("error", "state.unreachable", { cause: error instanceof Error ? error.message : String(error) });
      return failure("state_unavailable", errorTable.state_unavailable.message);
    });
  const keepAlive = (work: Promise<unknown>): void => context.waitUntil(work);
  const environment: CallEnvironment = Object.assign(Object.create(shared) as CallEnvironment, {
    control: createRemoteControl({ link, admissions, keepAlive, logger }),
  });
  // Set by the platform itself; what a client sends under this name does not arrive.
  const address = request.headers.get("cf-connecting-ip");
  if (asksForLive(request)) {
    const platform = { fetch: egress.fetch, keepAlive, address };
    const live = new WorkerLiveHost(environment, { platform, sessions, request });
    live.call.begin();
    return live.response;
  }
  const host = new FetchCallHost(environment, { fetch: egress.fetch, keepAlive, address }, request);
  host.call.begin();
  return host.response;
}

function createIsolate(env: WorkerEnvironment): Isolate {
  const { settings } = toSettings(env);
  const environment = createCallEnvironment({
    settings,
    clock: workerClock,
    random: workerRandom,
    logger: createLogger(settings.logLevel),
    bytes: workerBytes,
    digest: workerDigest,
    control: null as never,
  });
  return {
    environment,
    admissions: new Map(),
    viewer: createStateViewer(() => workerClock.now()),
    egress: createEgress(env, environment.logger),
    sessions: createLiveSessions(settings.maxLiveSessions),
  };
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
