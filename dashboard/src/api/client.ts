/**
 * Calls of the admin API, typed by its contract. The session is a cookie that scripts cannot read; the CSRF token lives in
 * this module's memory only.
 * @module
 */
import { ApiError, toApiError } from "./error.ts";
import { type RouteId, routes } from "./routes.ts";
import type { Body, Call, CallFilter, Output, Params, Query } from "./types.ts";

/** Where the API lives, same origin. */
const apiBase = "/admin/api/v1";

/** What goes into a call. Parts that the route does not have are left out. */
export type CallOptions<Id extends RouteId> = ([Params<Id>] extends [never]
  ? { params?: never }
  : [Params<Id>] extends [undefined]
    ? { params?: never }
    : { params: Params<Id> }) & {
  query?: Query<Id>;
  body?: Body<Id>;
  signal?: AbortSignal;
};

/** Told about sessions that ended: see `onUnauthenticated`. */
let unauthenticated: (() => void) | null = null;
let csrfToken: string | null = null;

/** Keeps the token that changing calls must send; null after logging out. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Sets what happens when the API says that nobody is logged in (any more). */
export function onUnauthenticated(listener: () => void): void {
  unauthenticated = listener;
}

/**
 * Calls a route.
 * @param id the route's `operationId`: `listCalls`
 * @returns the body as the contract describes it; undefined for routes that answer 204
 * @throws ApiError for every answer that is not a success, and when there is none
 */
export async function call<Id extends RouteId>(id: Id, options: CallOptions<Id>): Promise<Output<Id>> {
  let response = await sendTo(id, options);
  if (!response.ok) {
    let error = await toApiError(response);
    if (error.code === "csrf_invalid" && id !== "createSession") {
      // Another tab logged in again: the cookie is its, and so must be the token.
      setCsrfToken((await call("getSession", {})).csrfToken);
      response = await sendTo(id, options);
      if (!response.ok) error = await toApiError(response);
    }
    // A refused log-in is not the end of a session.
    if (response.status === 401 && id !== "createSession") unauthenticated?.();
    if (!response.ok) throw error;
  }
  if (response.status === 204) return undefined as Output<Id>;
  return (await response.json()) as Output<Id>;
}

/**
 * Address of a route with its parameters and query.
 * @throws Error when a parameter is missing: a mistake in the caller
 */
export function addressOf<Id extends RouteId>(
  id: Id,
  options: { params?: Params<Id> | undefined; query?: Query<Id> | undefined },
): string {
  const given: Record<string, unknown> = { ...(options.params as Record<string, unknown> | undefined) };
  const path = routes[id].path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = given[name];
    if (typeof value !== "string" || value === "") throw new Error(`${id} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries<unknown>(options.query ?? {})) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      search.set(name, String(value));
  }
  const text = search.toString();
  return `${apiBase}${path}${text === "" ? "" : `?${text}`}`;
}

/** What a live tail tells. */
export interface TailListener {
  onCall(call: Call): void;
  /** The reader was too slow: so many calls are missing. */
  onGap(missed: number): void;
  /** @default nothing */
  onState?(state: "connecting" | "open" | "closed"): void;
}

/**
 * Calls as they end, pushed. The browser connects again by itself when the connection breaks.
 * @returns ends it
 */
export function streamCalls(filter: CallFilter, listener: TailListener): () => void {
  const source = new EventSource(addressOf("tailCalls", { query: filter }));
  listener.onState?.("connecting");
  source.addEventListener("open", () => listener.onState?.("open"));
  source.addEventListener("call", ({ data }: MessageEvent<string>) => {
    const call = parsed(data);
    if (call !== null) listener.onCall(call as Call);
  });
  source.addEventListener("gap", ({ data }: MessageEvent<string>) => {
    const gap: { missed?: unknown } | null = parsed(data);
    listener.onGap(typeof gap?.missed === "number" ? gap.missed : 0);
  });
  source.addEventListener("error", () => {
    // CLOSED: the answer was not a stream (401, 503 …), and the browser gives up.
    listener.onState?.(source.readyState === EventSource.CLOSED ? "closed" : "connecting");
  });
  return () => source.close();
}

/** Forms of an export. */
export type ExportFormat = "csv" | "json" | "ndjson";

/** Starts the download of an export. The browser does it, so that nothing of it is held in memory here. */
export function downloadExport(filter: CallFilter, options: { format: ExportFormat; zone: string }): void {
  const anchor = document.createElement("a");
  anchor.href = addressOf("exportCalls", { query: { ...filter, ...options } });
  anchor.download = `calls.${options.format}`;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

// --- helpers ---

function sendTo<Id extends RouteId>(id: Id, options: CallOptions<Id>): Promise<Response> {
  const { method } = routes[id];
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET" && csrfToken !== null) headers["x-csrf-token"] = csrfToken;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  return send(addressOf(id, options), {
    method,
    headers,
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, credentials: "same-origin", redirect: "error", cache: "no-store" });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw new ApiError({
      status: 0,
      code: "unreachable",
      message: "The gateway does not answer.",
      next: "Look whether it runs and whether this browser reaches it. This page tries again by itself.",
    });
  }
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
