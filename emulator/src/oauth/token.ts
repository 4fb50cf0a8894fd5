/** @module `POST /token`: access tokens for refresh tokens and authorization codes (fact sheet upstream 7.5). */

import { hash } from "node:crypto";

import type { Account } from "../accounts/accounts.ts";
import type { AuthorizationCode } from "../accounts/grants.ts";
import type { ApiError } from "../errors/api-error.ts";
import { oauthError } from "../errors/api-error.ts";
import { OAUTH_BODIES } from "../errors/oauth-errors.ts";
import type { Call, Caller } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { reply } from "../resources/answers.ts";
import type { World } from "../state/world.ts";
import { checkClient, missing, parameter, readForm } from "./form.ts";
import { toIdToken } from "./id-token.ts";
import { DEFAULT_SCOPE } from "./scopes.ts";

/** Serves both grants. */
export function serveToken({ world, headers, body }: Call): Result {
  const form = readForm(headers, body);
  const refused = checkClient({ headers, form }, world.accounts.client);
  if (refused) return reply(refused);
  const type = parameter(form, "grant_type");
  if (type === "refresh_token") return reply(refresh(world, form));
  if (type === "authorization_code") return reply(exchange(world, form));
  return reply(oauthError(400, "unsupported_grant_type", `Invalid grant_type: ${type ?? ""}`));
}

/** Whose token is asked for. */
export function emailOfGrant({ world, headers, body }: Caller): string | null {
  const form = readForm(headers, body);
  const { grants } = world.accounts;
  const grant = grants.refresh.get(form.get("refresh_token") ?? "") ?? grants.peekCode(form.get("code") ?? "");
  return grant?.email ?? null;
}

// --- helpers ---

function refresh(world: World, form: URLSearchParams): object | ApiError {
  const { grants, client } = world.accounts;
  const token = parameter(form, "refresh_token");
  if (token === null) return missing("refresh_token");
  const grant = grants.refresh.get(token);
  const account = grant && world.accounts.get(grant.email);
  if (!grant || !account) return oauthError(400, "invalid_grant", "Bad Request");
  if (account.state === "revoked") return OAUTH_BODIES["oauth-invalid-grant"]();
  if (account.state === "reauth") return OAUTH_BODIES["oauth-invalid-rapt"]();
  if (grant.clientId !== client.id) return OAUTH_BODIES["oauth-unauthorized-client"]();
  if (account.rotatesRefreshToken) grants.refresh.delete(token);
  const rotated = account.rotatesRefreshToken ? grants.addRefresh(grant) : null;
  return toTokens(world, { account, scope: DEFAULT_SCOPE, refreshToken: rotated ?? token, told: rotated });
}

function exchange(world: World, form: URLSearchParams): object | ApiError {
  const { grants, client } = world.accounts;
  const text = parameter(form, "code");
  if (text === null) return missing("code");
  // A code is good once, whatever comes of it.
  const code = grants.takeCode(text);
  const account = code && world.accounts.get(code.email);
  if (!code || !account || code.expires <= world.now()) {
    return oauthError(400, "invalid_grant", code ? "Bad Request" : "Malformed auth code.");
  }
  if (code.clientId !== client.id) return OAUTH_BODIES["oauth-unauthorized-client"]();
  if (form.get("redirect_uri") !== code.redirectUri) return oauthError(400, "redirect_uri_mismatch", "Bad Request");
  const unproved = checkVerifier(code, parameter(form, "code_verifier"));
  if (unproved) return unproved;
  // Logging in again mends a grant that was revoked.
  if (account.state === "revoked" || account.state === "reauth") world.accounts.enter(account, "active");
  const refreshToken = code.offline ? grants.addRefresh(code) : null;
  return toTokens(world, { account, scope: code.scope, refreshToken, told: refreshToken });
}

// RFC 7636 4.6.
function checkVerifier({ challenge }: AuthorizationCode, verifier: string | null): ApiError | null {
  if (!challenge)
    return verifier === null ? null : oauthError(400, "invalid_grant", "code_verifier or verifier is not needed.");
  if (verifier === null) return oauthError(400, "invalid_grant", "Missing code verifier.");
  const made = challenge.method === "plain" ? verifier : hash("sha256", verifier, "base64url");
  return made === challenge.value ? null : oauthError(400, "invalid_grant", "Invalid code verifier.");
}

function toTokens(
  world: World,
  grant: { account: Account; scope: string; refreshToken: string | null; told: string | null },
): object {
  const { account, scope, refreshToken, told } = grant;
  const { accounts } = world;
  const now = world.now();
  const clientId = accounts.client.id;
  const expires = now + account.tokenLifeMs;
  const access = accounts.grants.addAccess({ email: account.email, clientId, refreshToken, scope, expires });
  return {
    access_token: access.token,
    expires_in: Math.floor(account.tokenLifeMs / 1_000),
    ...(told === null ? {} : { refresh_token: told }),
    scope,
    token_type: "Bearer",
    id_token: toIdToken(account, { clientId, now }),
  };
}
