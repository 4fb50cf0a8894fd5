/**
 * One request of one route: who asks, may they, is it well formed, do it, write down that it was done.
 * @module
 */
import { AdminError, isAdminError, type AdminErrorCode } from "./admin-errors.ts";
import type { AdminState } from "./admin-state.ts";
import { jsonAnswer } from "./answer.ts";
import { authenticate, checkSameSite, type AuthenticateParts } from "./auth/authenticate.ts";
import { nobody, type Actor } from "./auth/actor.ts";
import type { RouteDefinition } from "./define-route.ts";
import type { AuditNote, Implementation, RequestInfo } from "./implement.ts";
import { mostBodyBytes, mostPublicBodyBytes, readJsonBody } from "./read-body.ts";
import type { AdminServices } from "./services.ts";
import { readQuery, validatePart } from "./validate.ts";

/** A request on its way. */
export interface RouteRequest {
  request: Request;
  info: RequestInfo;
  requestId: string;
  /** Names in the path, decoded. */
  params: Readonly<Record<string, string>>;
}

/**
 * Answers it.
 * @throws AdminError when it is refused; anything else is a mistake of ours
 */
export async function runRoute(
  parts: { services: AdminServices; state: AdminState; implementation: Implementation },
  { request, info, requestId, params: pathParams }: RouteRequest,
): Promise<Response> {
  const { services, state, implementation } = parts;
  const { route } = implementation;
  const auth: AuthenticateParts = { services, sessions: state.sessions, tokens: state.tokens };
  let actor: Actor = nobody;
  let params: unknown;
  let body: unknown;
  let answer: unknown;
  let validated = false;
  const notes: AuditNote[] = [];
  const responseHeaders = new Headers();
  const audit = async (outcome: "done" | "refused" | "failed"): Promise<void> => {
    // Asking what would happen changes nothing; asking without the right to is a try all the same.
    if (route.audit === undefined || (outcome !== "refused" && isDryRun(body))) return;
    await state.audit.write({
      actor,
      action: route.audit,
      target: notes.findLast(({ target }) => target !== undefined)?.target ?? targetOf(pathParams, answer),
      detail: [notes.some(({ detail }) => detail !== undefined) ? null : body, ...notes.map(({ detail }) => detail)],
      address: info.address,
      outcome,
    });
  };

  try {
    actor = await authenticate(auth, request, info);
    checkRole(route, actor);
    checkSameSite(auth, request, info, actor);
    params = validatePart("params", route.params, route.params === undefined ? undefined : pathParams);
    const query = validatePart("query", route.query, readQuery(new URL(request.url)));
    if (route.body !== undefined) {
      const usual = route.role === "public" ? mostPublicBodyBytes : mostBodyBytes;
      const given = await readJsonBody(request, route.mostBodyBytes ?? usual);
      body = validatePart("body", route.body, given);
    }
    validated = true;
    const note = (more: AuditNote): void => void notes.push(more);
    const input = { params, query, body, services, actor, request, info, state, requestId, responseHeaders, note };
    answer = await implementation.handle(input);
  } catch (error) {
    // What is malformed did nothing, and is not worth a line.
    if (isAdminError(error) && refusals.has(error.code)) await audit("refused");
    else if (validated) await audit("failed");
    throw error;
  }
  await audit("done");
  return toResponse({ route, answer, responseHeaders, services });
}

// --- helpers ---

function isDryRun(body: unknown): boolean {
  return typeof body === "object" && body !== null && "dryRun" in body && body.dryRun === true;
}

const refusals: ReadonlySet<AdminErrorCode> = new Set<AdminErrorCode>([
  "role_insufficient",
  "csrf_invalid",
  "origin_invalid",
  "https_required",
  "login_refused",
  "login_limited",
  "password_wrong",
]);

function checkRole(route: RouteDefinition, actor: Actor): void {
  if (route.role === "public") return;
  if (actor.role === null) throw new AdminError("session_required");
  if (route.role === "admin" && actor.role !== "admin") throw new AdminError("role_insufficient");
}

/** `id` of the path, of the answer, or of the one thing in the answer. */
function targetOf(params: Readonly<Record<string, string>>, answer: unknown): string | null {
  if (params["id"] !== undefined) return params["id"];
  if (typeof answer !== "object" || answer === null || answer instanceof Response) return null;
  for (const value of [answer, ...Object.values(answer)]) {
    const id = typeof value === "object" && value !== null ? (value as { id?: unknown }).id : undefined;
    if (typeof id === "string") return id;
  }
  return null;
}

function toResponse(parts: {
  route: RouteDefinition;
  answer: unknown;
  responseHeaders: Headers;
  services: Pick<AdminServices, "settings">;
}): Response {
  const { route, answer, responseHeaders, services } = parts;
  let response: Response;
  if (answer instanceof Response) response = new Response(answer.body, answer);
  else if (answer === undefined) response = new Response(null, { status: route.status ?? 204 });
  else {
    const value = services.settings.current.debug ? route.response?.parse(answer) : answer;
    response = jsonAnswer(route.status ?? 200, value);
  }
  for (const [name, value] of responseHeaders) response.headers.append(name, value);
  return response;
}
