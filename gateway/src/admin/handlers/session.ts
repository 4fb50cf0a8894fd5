/**
 * Logging in and out, and one's own password.
 * @module
 */
import type * as z from "zod";
import { createSession, deleteSession, getSession, setPassword } from "../contract/session.ts";
import { AdminError } from "../admin-errors.ts";
import { adminTokenName, nobody, type Actor } from "../auth/actor.ts";
import { cookieKindOf, toSetCookie } from "../auth/cookies.ts";
import { wayOf } from "../auth/origin.ts";
import { createIdMaker } from "../../core/ids.ts";
import { implement, type HandlerInput, type Implementation } from "../implement.ts";
import type { loginBody, sessionSchema } from "../schemas/session.ts";
import { checkActorName } from "./name-rules.ts";
import type { Operator, Session } from "../../storage/types-administration.ts";

/** Who is logged in; log in; log out; set one's own password. */
export const sessionHandlers: readonly Implementation[] = [
  implement(getSession, (input) => toView(input, input.actor)),
  implement(createSession, async (input) => {
    // The audit log must not have the body, whatever this ends with: people type passwords into the wrong field.
    input.note({ detail: {} });
    // Before anything is looked at: a log-in that the browser would forget helps nobody.
    const kind = cookieKind(input);
    const owner = await logIn(input);
    await endOwn(input);
    const actor = await startSession(input, owner, kind);
    if (actor === null) throw new AdminError("login_refused");
    return toView(input, actor);
  }),
  implement(deleteSession, async (input) => {
    await endOwn(input);
    for (const kind of ["secure", "insecure"] as const)
      input.responseHeaders.append("set-cookie", toSetCookie(kind, "", 0));
  }),
  implement(setPassword, async (input) => {
    const { actor, state, services } = input;
    if (actor.kind === "token")
      throw new AdminError("operator_required", {
        message: "A token has no password.",
        next: "Log in as an operator.",
      });
    if (actor.kind === "session" && actor.id !== null) {
      const kind = cookieKind(input);
      const operator = await changeOwn(input, actor.id);
      // All of them, also this one: whoever has the old password's cookie is out.
      await state.sessions.endOf(operator.id);
      return toView(input, (await startSession(input, toOwner(operator), kind)) ?? nobody);
    }
    const kind = actor.kind === "session" ? cookieKind(input) : null;
    const operator = await addFirst(input);
    input.note({ target: operator.id, detail: { name: operator.name } });
    if (kind === null) return toView(input, actor);
    await endOwn(input);
    await services.administration.operators.update(operator.id, { lastLoginAt: services.clock.now() });
    return toView(input, (await startSession(input, toOwner(operator), kind)) ?? nobody);
  }),
];

// --- helpers ---

type Input<Body = unknown> = HandlerInput<unknown, unknown, Body>;
type Owner = Pick<Session, "operatorId" | "name" | "role"> & { operator: Operator | null };

function toOwner(operator: Operator): Owner {
  return { operatorId: operator.id, name: operator.name, role: operator.role, operator };
}

function cookieKind({ request, info, services }: Input): "secure" | "insecure" {
  const { insecureCookies, publicUrl } = services.settings.current;
  const kind = cookieKindOf(wayOf(request, info, publicUrl), insecureCookies);
  if (kind === null) throw new AdminError("https_required");
  return kind;
}

/** @throws AdminError `login_refused`, `login_limited` */
async function logIn(input: Input<z.output<typeof loginBody>>): Promise<Owner> {
  const { body, state, services, info } = input;
  const name = "name" in body ? body.name : null;
  // What the audit log says of the try; the body itself stays out of it, and so does a name that nobody has: people type
  // their password there.
  const isKnown = name === null || (await services.administration.operators.list()).some((each) => each.name === name);
  input.note({ detail: { as: isKnown ? (name ?? adminTokenName) : null } });
  const attempt = state.loginLimits.begin({ address: info.address, name });
  if ("token" in body && services.isAdminToken(body.token)) {
    // Also after too many failures: the way back in cannot be shut by guessing. A bearer token may be tried as often, too.
    if (attempt.ok) attempt.succeeded();
    return { operatorId: null, name: adminTokenName, role: "admin", operator: null };
  }
  if (!attempt.ok) throw new AdminError("login_limited", { retryAfterSeconds: attempt.retryAfterSeconds });
  if ("token" in body) throw new AdminError("login_refused");
  const operator = await state.passwords.check(body.name, body.password).catch((error: unknown) => {
    // Nobody's password was looked at: whoever comes while others guess must not be counted among them.
    attempt.withdraw();
    throw error;
  });
  if (operator === null) throw new AdminError("login_refused");
  attempt.succeeded();
  await services.administration.operators.update(operator.id, { lastLoginAt: services.clock.now() });
  input.note({ target: operator.id });
  return toOwner(operator);
}

/**
 * Makes the session. An operator who was switched off, demoted, removed or given another password since the password was
 * looked at has none: whoever changes operators ends their sessions first, and would not see this one.
 * @returns null: that was so
 */
async function startSession(input: Input, owner: Owner, kind: "secure" | "insecure"): Promise<Actor | null> {
  const { state, services, responseHeaders } = input;
  const { session, value } = await state.sessions.create(owner);
  if (owner.operator !== null && !(await isAsBefore(input, owner.operator))) {
    await state.sessions.end(session.digest);
    return null;
  }
  // The browser keeps it as long as a session can last; the store says when it ends.
  responseHeaders.append("set-cookie", toSetCookie(kind, value, cookieSeconds(services.settings.current.sessionMs)));
  return { kind: "session", id: owner.operatorId, name: owner.name, role: owner.role, session };
}

async function isAsBefore({ services }: Pick<Input, "services">, before: Operator): Promise<boolean> {
  const now = (await services.administration.operators.list()).find(({ id }) => id === before.id);
  return now !== undefined && now.enabled && now.role === before.role && now.passwordHash === before.passwordHash;
}

/** The end moves on with each use, the cookie's does not: it only must not be the first to go. */
function cookieSeconds(sessionMs: number): number {
  return Math.max(sessionMs / 1000, 30 * 86_400);
}

async function endOwn({ actor, state }: Input): Promise<void> {
  if (actor.kind === "session") await state.sessions.end(actor.session.digest);
}

/** @throws AdminError `password_wrong`, `login_limited` */
async function changeOwn(
  input: Input<{ name?: string | undefined; password: string; current?: string | undefined }>,
  id: string,
): Promise<Operator> {
  const { body, state, services, info, actor } = input;
  if (body.name !== undefined && body.name !== actor.name)
    throw new AdminError("body_invalid", { message: "A name cannot be changed.", field: "body.name" });
  const operator = (await services.administration.operators.list()).find((each) => each.id === id);
  if (operator === undefined) throw new AdminError("session_required");
  const attempt = state.loginLimits.begin({ address: info.address, name: operator.name });
  if (!attempt.ok) throw new AdminError("login_limited", { retryAfterSeconds: attempt.retryAfterSeconds });
  const fits = await state.passwords.verify(body.current ?? "", operator.passwordHash).catch((error: unknown) => {
    attempt.withdraw();
    throw error;
  });
  if (!fits) throw new AdminError("password_wrong", { field: "body.current" });
  attempt.succeeded();
  const passwordHash = await state.passwords.hash(body.password);
  // Hashing takes a while. Who was given another password meanwhile, or was switched off, must not take it back.
  if (!(await isAsBefore(input, operator))) throw new AdminError("session_required");
  await services.administration.operators.update(id, { passwordHash });
  input.note({ target: id });
  return { ...operator, passwordHash };
}

/** @throws AdminError `operator_required` when there is one already */
async function addFirst(input: Input<{ name?: string | undefined; password: string }>): Promise<Operator> {
  const { body, state, services } = input;
  const { operators } = services.administration;
  if ((await operators.list()).length > 0) throw new AdminError("operator_required");
  const name = body.name ?? "admin";
  await checkActorName(name, "operator", services);
  const passwordHash = await state.passwords.hash(body.password);
  const now = services.clock.now();
  const operator: Operator = {
    id: `operator_${createIdMaker(services.random)(now)}`,
    name,
    role: "admin",
    passwordHash,
    enabled: true,
    createdAt: now,
    lastLoginAt: null,
  };
  // Hashing takes a while: another may have been faster.
  if ((await operators.list()).length > 0 || !(await operators.add(operator)))
    throw new AdminError("operator_required");
  return operator;
}

async function toView({ services }: Input, actor: Actor): Promise<z.output<typeof sessionSchema>> {
  const session: Session | null = actor.kind === "session" ? actor.session : null;
  return {
    authenticated: actor.role !== null,
    operator: actor.role === null ? null : { id: actor.id, name: actor.name, role: actor.role },
    csrfToken: session?.csrfToken ?? null,
    expiresAt: session?.expiresAt ?? null,
    passwordSet: (await services.administration.operators.list()).length > 0,
    version: services.version,
  };
}
