/** @module A call that is being served, the route it came by, and what a family of routes is. */

import type { IncomingHttpHeaders } from "node:http";

import type { ApiError } from "../errors/api-error.ts";
import type { KnownKey } from "../state/projects.ts";
import type { World } from "../state/world.ts";
import type { FaultAction, ProjectConfig } from "../types.ts";
import type { Surface } from "../state/surface.ts";
import type { ReceivedBody } from "./read-body.ts";
import type { Result } from "./result.ts";

/** A request whose caller is known and may call. */
export interface Call {
  world: World;
  route: Route;
  sequence: number;
  /** Decoded, without the query. */
  path: string;
  key: KnownKey;
  project: ProjectConfig;
  /** The body as text; empty for a route whose body is bytes. */
  body: string;
  /** The body as it came. */
  payload: ReceivedBody;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  action: FaultAction;
}

/** What a request asks for. */
export interface Route {
  surface: Surface;
  /** As the record and faults name it, e.g. `generateContent`, `files.list`. */
  operation: string;
  /** The version segment, e.g. `v1beta`. */
  version: string;
  /** From the path, without `models/`; the OpenAI surface names its model in the body. */
  model: string | null;
  /** Serves the call; absent for the model methods, which `answer-request.ts` knows. */
  serve?: (call: Call) => Result;
  /** The resource that the path names, e.g. `files/abc`; of its families' own use. */
  resource?: string;
  /** The body is bytes: `call.body` is empty, `call.payload` has them, or only their hash when there were too many. */
  binary?: boolean;
  /** Who cannot pay can still call it. */
  free?: boolean;
  /** Finds model and streaming in the body, for faults and the record. */
  peek?: (body: string) => { model: string | null; stream: boolean };
  /** Says who calls instead of the credential: an upload's address is its own ticket. A refusal answers the call. */
  identify?: (caller: Caller) => KnownKey | ApiError;
  /** Email of the account that calls, or whose token is asked for; null when nobody knows it. */
  accountOf?: (caller: Caller) => string | null;
  /** Shapes a refusal; absent: as the surface does. */
  refuse?: (error: ApiError) => Result & { kind: "whole" };
}

/** What {@link Route.identify} goes by. */
export interface Caller {
  world: World;
  /** The key or token the request presents, wherever it was; null without one. */
  key: string | null;
  headers: IncomingHttpHeaders;
  /** As text, for routes with {@link Route.accountOf}; empty when it was too large. */
  body: string;
  query: URLSearchParams;
}

/** A path, taken apart for families. */
export interface RoutedPath {
  method: string;
  /** The version segment. */
  version: string;
  /** After the version, e.g. `files/abc:download`; decoded, no leading slash. */
  rest: string;
  /** The path began with `/upload/`. */
  upload: boolean;
  query: URLSearchParams;
}

/** A group of routes: null for a path that is not its own. */
export type RouteFamily = (path: RoutedPath) => Route | null;
