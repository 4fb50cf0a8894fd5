/**
 * The gateway's own paths on Workers. The dashboard's files and cheap health are answered by the isolate; what needs the
 * pool or the ledger (admin API, metrics) is the state object's, which gets the whole request by RPC: address and scheme
 * are arguments, so no header of a client's can claim them.
 * @module
 */
import type { CallEnvironment } from "../../call/environment.ts";
import { localUrlOf, toFrontRequest, toResponse } from "../fetch/front-response.ts";
import { createFront } from "../front/front.ts";
import { isAdminPath, isLocal, pathOf } from "../front/local-path.ts";
import { createAssetPages } from "./asset-pages.ts";
import type { AssetsBinding } from "./runtime.ts";
import type { StateApi } from "./state-api.ts";
import type { StateLink } from "./state-link.ts";
import type { StateViewer } from "./state-view.ts";

/** What answers need. */
export interface OwnPathParts {
  request: Request;
  link: StateLink;
  /** A stub for a question that must not be asked twice. */
  connect(): StateApi;
  viewer: StateViewer;
  environment: Pick<CallEnvironment, "settings" | "clock">;
  assets: AssetsBinding | undefined;
  /** As the platform tells it. */
  address: string | null;
}

/** @returns null when the path is not local; rejects when the state object cannot answer */
export function ownAnswer(parts: OwnPathParts): Promise<Response> | null {
  const url = localUrlOf(parts.request.url);
  if (!isLocal(url)) return null;
  return isAdminPath(url) || ofTheState.has(pathOf(url)) ? askState(parts) : answer(parts);
}

// --- helpers ---

const ofTheState: ReadonlySet<string> = new Set([
  "/metrics",
  "/metrics/prometheus",
  "/model_usage",
  "/health/detailed",
]);

function askState({ request, link, connect, address }: OwnPathParts): Promise<Response> {
  const info = { address, secure: request.url.startsWith("https:") };
  // Only what changes nothing may be asked again after a restart of the object.
  if (request.method === "GET" || request.method === "HEAD") return link.ask((state) => state.own(request, info));
  return connect().own(request, info);
}

async function answer({ request, link, viewer, environment, assets }: OwnPathParts): Promise<Response> {
  const { settings, clock } = environment;
  const unasked = (): never => {
    throw new Error("the state object answers this path");
  };
  const front = createFront({
    settings,
    guard: { allows: () => Promise.resolve(false) },
    pages: createAssetPages(assets),
    async health() {
      const { ready: _, ...health } = await viewer.look(link);
      return { status: 200, body: { ...health, timestamp: new Date(clock.now()).toISOString() } };
    },
    ready: async () => (await viewer.look(link)).ready,
    healthInDetail: unasked,
    prometheus: unasked,
    metrics: unasked,
    modelUsage: unasked,
  });
  return toResponse(await front.answer(toFrontRequest(request)), request.method);
}
