/**
 * One definition a route of the admin API: from it come validation, the handler's types, the dashboard's types and the
 * OpenAPI document (docs/openapi.json). A definition has no code of a server in it, so that the dashboard may import it
 * for its types.
 * @module
 */
import type * as z from "zod";

/** Who may call a route. `public`: whoever asks; `viewer`: any session or token; `admin`: only those of that role. */
export type RouteRole = "public" | "viewer" | "admin";

/** What the answer's body is. `json`: the response schema; others are streams or text that no schema describes. */
export type RouteMedia = "json" | "text/event-stream" | "text/csv" | "application/x-ndjson" | "text/plain";

/** A route as it is declared. */
export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** `operationId` of the document, camel case. */
  id: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/admin/api/v1`, parameters as `:name`. */
  path: string;
  role: RouteRole;
  /** Group in the document. */
  tag: string;
  /** One line. */
  summary: string;
  params?: Params;
  /** Values are text; schemas coerce. Unknown names are refused. */
  query?: Query;
  /** JSON, 1 MB at most unless `mostBodyBytes` says otherwise. Unknown fields are refused. */
  body?: Body;
  /** @default 1 MB */
  mostBodyBytes?: number;
  /** @default json */
  media?: readonly RouteMedia[];
  response?: Response;
  /** Status of a success. @default 200, or 204 without a response schema and media */
  status?: number;
  /** Written to the audit log when it succeeds: `credentials.import`. Must be there for every method but GET. */
  audit?: string;
}

/**
 * Declares a route. Gives it back as it is, with its types.
 * @param definition the route
 */
export function defineRoute<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Response extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<Params, Query, Body, Response>): RouteDefinition<Params, Query, Body, Response> {
  return definition;
}

/** What a client of the route gets. */
export type RouteOutput<Route> =
  Route extends RouteDefinition<z.ZodType, z.ZodType, z.ZodType, infer Response> ? z.output<Response> : never;
/** What a client of the route sends as its body. */
export type RouteBody<Route> =
  Route extends RouteDefinition<z.ZodType, z.ZodType, infer Body, z.ZodType> ? z.input<Body> : never;
/** What a client of the route may ask for in the query. */
export type RouteQuery<Route> =
  Route extends RouteDefinition<z.ZodType, infer Query, z.ZodType, z.ZodType> ? z.input<Query> : never;
/** Names in the route's path. */
export type RouteParams<Route> =
  Route extends RouteDefinition<infer Params, z.ZodType, z.ZodType, z.ZodType> ? z.input<Params> : never;
