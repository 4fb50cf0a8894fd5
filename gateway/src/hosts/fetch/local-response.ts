/**
 * The local paths for hosts that answer with a Response.
 * @module
 */
import { answerLocally, isLocal, type LocalRoutes } from "../local-routes.ts";

/** @returns null when the path is not local */
export function localResponse(routes: LocalRoutes, request: Request): Promise<Response> | null {
  const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
  const url = start < 0 ? "/" : request.url.slice(start);
  return isLocal(url) ? respond(routes, request, url) : null;
}

// --- helpers ---

async function respond(routes: LocalRoutes, request: Request, url: string): Promise<Response> {
  const { method } = request;
  const answer = await answerLocally(routes, { method, url, authorization: request.headers.get("authorization") });
  const headers = new Headers();
  for (let index = 0; index < answer.headers.length; index += 2)
    headers.append(answer.headers[index] as string, answer.headers[index + 1] as string);
  return new Response(method === "HEAD" ? null : answer.body, { status: answer.status, headers });
}
