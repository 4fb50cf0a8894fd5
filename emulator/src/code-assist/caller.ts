/** @module Who calls Code Assist: an account by its access token. API keys open nothing here (fact sheet upstream 7.5). */

import type { Account } from "../accounts/accounts.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, UNAUTHENTICATED } from "../errors/api-error.ts";
import { CODE_ASSIST_BODIES, projectDenied } from "../errors/code-assist-errors.ts";
import type { Call, Caller } from "../http/call.ts";
import type { KnownKey } from "../state/projects.ts";

/** The caller, or the 401. */
export function identifyAccount({ world, headers }: Caller): KnownKey | ApiError {
  const token = bearerOf(headers.authorization);
  if (token === null) return apiError("UNAUTHENTICATED", MISSING);
  const owner = world.accounts.ownerOf(token);
  if (!owner || owner.access.expires <= world.now()) return apiError("UNAUTHENTICATED", UNAUTHENTICATED);
  return owner.account.state === "revoked" ? apiError("UNAUTHENTICATED", UNAUTHENTICATED) : owner.account.key;
}

/** The email of whoever has the token, be it expired; null for a stranger. */
export function emailOfToken({ world, headers }: Caller): string | null {
  return world.accounts.ownerOf(bearerOf(headers.authorization) ?? "")?.account.email ?? null;
}

/** The account of a call that was let in. */
export function accountOf({ world, key }: Call): Account {
  const account = world.accounts.get(key.key);
  if (!account) throw new Error("A call of an account that is not there");
  return account;
}

/** Why an account may not generate; null when it may. @param project As the request names it. */
export function checkEntitled(account: Account, project: string | null): ApiError | null {
  if (account.state === "validation-required") return CODE_ASSIST_BODIES["code-assist-validation-required"]();
  if (account.state === "no-licence" || account.state === "unsupported-client") {
    return CODE_ASSIST_BODIES["code-assist-no-licence"]();
  }
  if (project === null) return account.state === "not-onboarded" ? projectDenied("") : null;
  return checkProject(account, project);
}

/** The 403 for a project that is not the account's; null when it is. */
export function checkProject(account: Account, project: string): ApiError | null {
  return account.state !== "not-onboarded" && project === account.project ? null : projectDenied(project);
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1] ?? null;
}

// --- helpers ---

const MISSING =
  "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
