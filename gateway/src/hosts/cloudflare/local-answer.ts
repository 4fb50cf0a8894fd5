/**
 * The local paths of the Workers host: /health and /ready ask the state object first, as what they tell is there.
 * @module
 */
import type { CallEnvironment } from "../../call/environment.ts";
import { equalDigests } from "../../clients/digests.ts";
import { localResponse } from "../fetch/local-response.ts";
import { isLocal, type LocalRoutes } from "../local-routes.ts";
import type { StateLink } from "./state-link.ts";
import type { StateView, StateViewer } from "./state-view.ts";

/** What answers need. */
export interface LocalParts {
  request: Request;
  link: StateLink;
  viewer: StateViewer;
  environment: Pick<CallEnvironment, "settings" | "clock" | "digest">;
}

/** @returns null when the path is not local; rejects when the state object cannot answer an operator's question */
export function localAnswer(parts: LocalParts): Promise<Response> | null {
  const { url } = parts.request;
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const path = start < 0 ? "/" : url.slice(start);
  return isLocal(path) ? answer(parts, path) : null;
}

// --- helpers ---

async function answer(parts: LocalParts, path: string): Promise<Response> {
  const { request, link, viewer } = parts;
  const view: StateView =
    path === "/health" || path === "/ready" ? await viewer.look(link) : { status: "healthy", ready: true };
  return localResponse(routesOf(parts, view), request) as Promise<Response>;
}

function routesOf({ link, environment }: LocalParts, view: StateView): LocalRoutes {
  const { settings, clock, digest } = environment;
  const { ready, ...health } = view;
  return {
    health: () => ({ ...health, timestamp: new Date(clock.now()).toISOString() }),
    ready: () => ready,
    // Digests of equal length are compared, in constant time: nothing of the token shows in how long it takes.
    isAdmin: (token) =>
      settings.adminToken !== null && equalDigests(digest.sha256(token), digest.sha256(settings.adminToken)),
    admin: async (path, query) => {
      const text = await link.ask((state) => state.admin(path, query.toString()));
      return text === null ? undefined : (JSON.parse(text) as unknown);
    },
  };
}
