/**
 * Binds a route's definition to the code that answers it.
 * @module
 */
import type * as z from "zod";
import type { AdminState } from "./admin-state.ts";
import type { Actor } from "./auth/actor.ts";
import type { RouteDefinition } from "./define-route.ts";
import type { AdminServices } from "./services.ts";

/** What the host knows about a request beside the request itself. */
export interface RequestInfo {
  /** Address of the client as the host sees it (trusted proxies considered); null: not known. */
  address: string | null;
  /** Whether it came over TLS, as far as the host knows for sure. */
  secure: boolean;
}

/** What the audit log is to say; a handler may tell more than the request does. */
export interface AuditNote {
  /** Id of what was changed. @default `params.id`, else `id` of the answer */
  target?: string;
  /** Taken into the detail beside the body; redacted like it. */
  detail?: Record<string, unknown>;
}

/** What a handler is given: everything validated. */
export interface HandlerInput<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  services: AdminServices;
  /** Who asks. Of a `public` route it may be nobody. */
  actor: Actor;
  request: Request;
  info: RequestInfo;
  /** Of the admin API itself: sessions, limits on log-ins, the re-pricing job. */
  state: AdminState;
  /** Names the request in the log; the answer has it as `x-request-id`. */
  requestId: string;
  /** Added to a JSON answer: `set-cookie`, `location`. */
  responseHeaders: Headers;
  /** Says more to the audit log. */
  note(note: AuditNote): void;
}

/** Answers a route: with the response schema's value, or with a Response when the route has media other than JSON. */
export type Handler<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> = (
  input: HandlerInput<z.output<Params>, z.output<Query>, z.output<Body>>,
) => Promise<HandlerResult<Answer>> | HandlerResult<Answer>;

/** Without a response schema: nothing, or a Response. */
export type HandlerResult<Answer extends z.ZodType> =
  z.input<Answer> extends undefined ? Response | void | undefined : z.input<Answer> | Response;

/** A route with its code, types erased. */
export interface Implementation {
  readonly route: RouteDefinition;
  handle(input: HandlerInput<unknown, unknown, unknown>): unknown;
}

/**
 * Binds them.
 * @param route its definition out of contract/
 * @param handler its code; throws AdminError to refuse
 */
export function implement<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(route: RouteDefinition<Params, Query, Body, Answer>, handler: Handler<Params, Query, Body, Answer>): Implementation {
  // The application validates by the same definition before it calls: what comes in is of these types.
  return { route, handle: handler };
}
