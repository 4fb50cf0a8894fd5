/**
 * The gateway's own paths for hosts that answer with a Response.
 * @module
 */
import type { FrontAnswer, FrontRequest } from "../front/answer.ts";

/**
 * Path and query of a request's URL, from the first slash.
 * @param url absolute
 */
export function localUrlOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start);
}

/** A request as the front takes it. */
export function toFrontRequest(request: Request): FrontRequest {
  return {
    method: request.method,
    url: localUrlOf(request.url),
    header: (name) => request.headers.get(name),
  };
}

/** An answer of the front for a request of the method. */
export function toResponse(answer: FrontAnswer, method: string): Response {
  const headers = new Headers();
  for (let index = 0; index < answer.headers.length; index += 2)
    headers.append(answer.headers[index] as string, answer.headers[index + 1] as string);
  const hasBody = method !== "HEAD" && answer.status !== 304;
  return new Response(hasBody ? answer.body : null, { status: answer.status, headers });
}
