/**
 * Tells who asks. A request with an `authorization` header is judged by that alone: a page cannot make a browser send
 * one, so it needs no CSRF token, and a cookie beside it must not lend it anything.
 * @module
 */
import { equalDigests } from "../../clients/digests.ts";
import { AdminError } from "../admin-errors.ts";
import type { RequestInfo } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { adminTokenName, nobody, type Actor } from "./actor.ts";
import { readSessionCookie } from "./cookies.ts";
import { checkOrigin } from "./origin.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

/** What it needs. */
export interface AuthenticateParts {
  services: Pick<AdminServices, "isAdminToken" | "settings" | "digest">;
  sessions: Sessions;
  tokens: Tokens;
}

/**
 * Who sent this.
 * @throws AdminError `token_invalid` when there is an `authorization` header that is no good
 */
export async function authenticate(parts: AuthenticateParts, request: Request, info: RequestInfo): Promise<Actor> {
  const { services, sessions, tokens } = parts;
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const presented = /^bearer +([\x21-\x7e]{1,512})$/i.exec(authorization.trim())?.[1];
    if (presented === undefined) throw new AdminError("token_invalid");
    if (services.isAdminToken(presented)) return { kind: "admin-token", id: null, name: adminTokenName, role: "admin" };
    const token = await tokens.find(presented);
    if (token === null) throw new AdminError("token_invalid");
    return { kind: "token", id: token.id, name: token.name, role: token.role };
  }
  const insecure = services.settings.current.insecureCookies && !info.secure;
  const value = readSessionCookie(request.headers.get("cookie"), { insecure });
  const session = value === null ? null : await sessions.find(value);
  if (session === null) return nobody;
  return { kind: "session", id: session.operatorId, name: session.name, role: session.role, session };
}

/**
 * Whether who was let in would be let in again: for answers that go on for long. Does not count as use of a session.
 * @returns true too when the store cannot tell now
 */
export async function isStillIn(parts: Pick<AuthenticateParts, "sessions" | "tokens">, actor: Actor): Promise<boolean> {
  try {
    if (actor.kind === "session") return await parts.sessions.holds(actor.session.digest);
    return actor.kind === "token" ? await parts.tokens.holds(actor.id) : true;
  } catch {
    return true;
  }
}

/**
 * Refuses what another page may have made a browser send. Reading requests need no CSRF token: they change nothing, and no
 * page of another origin can read the answer. With a cookie they must not come from a sibling's page all the same: how long
 * they take, or how much they load, would tell it something, and tails and exports hold places.
 * @throws AdminError `origin_invalid`, `csrf_invalid`
 */
export function checkSameSite(parts: AuthenticateParts, request: Request, info: RequestInfo, actor: Actor): void {
  if (request.headers.has("authorization")) return;
  if (request.method === "GET" || request.method === "HEAD") {
    // `none`: opened by hand.
    const site = request.headers.get("sec-fetch-site");
    if (actor.kind === "session" && (site === "same-site" || site === "cross-site"))
      throw new AdminError("origin_invalid");
    return;
  }
  const { services } = parts;
  checkOrigin(request, info, services.settings.current.publicUrl);
  if (actor.kind !== "session") return;
  const given = request.headers.get("x-csrf-token") ?? "";
  // Digests, so that neither length nor content of what was given shows in the time.
  if (!equalDigests(services.digest.sha256(given), services.digest.sha256(actor.session.csrfToken)))
    throw new AdminError("csrf_invalid");
}
