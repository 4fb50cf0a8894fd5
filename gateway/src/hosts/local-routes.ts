/**
 * The few paths that are answered without the pool: liveness, readiness, the probe of Claude Code, and what an operator
 * may read. One definition for all hosts.
 * @module
 */

/** What the local paths tell. */
export interface LocalRoutes {
  /** Cheap; no writes. */
  health(): { status: "healthy" | "degraded"; [field: string]: unknown };
  ready(): boolean;
  /** Whether a bearer token is the admin token; constant-time. */
  isAdmin(token: string): boolean;
  /** Value of a path under `/admin/api/v1/`; undefined: there is none. */
  admin(path: string, query: URLSearchParams): Promise<unknown>;
}

/** A request's part that local paths need. */
export interface LocalRequest {
  method: string;
  url: string;
  authorization: string | null;
}

/** A local answer. */
export interface LocalAnswer {
  status: number;
  headers: string[];
  body: string;
}

const adminPrefix = "/admin/api/v1/";

/** One comparison for nearly every call: local paths are short or start with /admin. */
export function isLocal(url: string): boolean {
  return url.length <= 12 ? localPaths.has(url) : url.startsWith("/admin/");
}

/** Answers a path for which `isLocal` holds. */
export async function answerLocally(routes: LocalRoutes, request: LocalRequest): Promise<LocalAnswer> {
  const { url, method } = request;
  if (method !== "GET" && method !== "HEAD") return failed(405, "method_not_allowed", "GET and HEAD only.");
  switch (url) {
    case "/":
    case "/api/hello":
      return answer(200, { name: "gemini-proxy" });
    case "/health":
      return answer(200, routes.health());
    case "/ready": {
      const ready = routes.ready();
      return answer(ready ? 200 : 503, { ready });
    }
  }
  const token = /^bearer\s+(\S+)\s*$/i.exec(request.authorization ?? "");
  if (token === null || !routes.isAdmin(token[1] as string))
    return failed(401, "admin_token_invalid", "Send the admin token as 'Authorization: Bearer'.");
  if (!url.startsWith(adminPrefix)) return failed(404, "path_unknown", "The admin API is under /admin/api/v1/.");
  const mark = url.indexOf("?");
  const path = url.slice(adminPrefix.length, mark < 0 ? undefined : mark);
  const value = await routes.admin(path, new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)));
  if (value === undefined) return failed(404, "path_unknown", "There are: status, calls, stats.");
  return answer(200, value);
}

// --- helpers ---

const localPaths = new Set(["/", "/api/hello", "/health", "/ready"]);

function failed(status: number, code: string, message: string): LocalAnswer {
  return answer(status, { error: { code, message } });
}

function answer(status: number, value: unknown): LocalAnswer {
  return {
    status,
    headers: [
      "content-type",
      "application/json; charset=utf-8",
      "cache-control",
      "no-store",
      "x-content-type-options",
      "nosniff",
    ],
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}
