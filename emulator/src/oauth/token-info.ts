/** @module What a token is good for, whose it is, and its end: `/tokeninfo`, `/oauth2/v2/userinfo`, `/revoke` (fact sheet upstream 7.5, RFC 7009). */

import type { Account } from "../accounts/accounts.ts";
import type { AccessToken } from "../accounts/grants.ts";
import { bearerOf } from "../code-assist/caller.ts";
import { apiError, oauthError, UNAUTHENTICATED } from "../errors/api-error.ts";
import type { Call, Caller } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { reply } from "../resources/answers.ts";
import { readForm } from "./form.ts";

/** Serves `/tokeninfo`. */
export function serveTokenInfo(call: Call): Result {
  const valid = findValid(call);
  if (!valid) return reply(oauthError(400, "invalid_token", "Invalid Value"));
  const { account, access } = valid;
  return reply({
    azp: access.clientId,
    aud: access.clientId,
    sub: account.userId,
    scope: access.scope,
    exp: String(Math.floor(access.expires / 1_000)),
    expires_in: String(Math.floor((access.expires - call.world.now()) / 1_000)),
    email: account.email,
    email_verified: "true",
    access_type: access.refreshToken === null ? "online" : "offline",
  });
}

/** Serves `/oauth2/v2/userinfo`. */
export function serveUserInfo(call: Call): Result {
  const valid = findValid(call);
  if (!valid) return reply(apiError("UNAUTHENTICATED", UNAUTHENTICATED));
  const { email, userId } = valid.account;
  return reply({
    id: userId,
    email,
    verified_email: true,
    name: email.replace(/@.*/, ""),
    hd: email.replace(/.*@/, ""),
  });
}

/** Serves `/revoke`: a refresh token with all access tokens that came of it, or an access token with its refresh token. */
export function serveRevoke({ world, headers, body, query }: Call): Result {
  const { grants } = world.accounts;
  const token = query.get("token") ?? readForm(headers, body).get("token") ?? "";
  const refreshToken = grants.refresh.has(token) ? token : grants.access(token)?.refreshToken;
  if (refreshToken === undefined) return reply(oauthError(400, "invalid_token", "Token expired or revoked"));
  if (refreshToken !== null) grants.refresh.delete(refreshToken);
  grants.dropAccess(
    (access) => access.token === token || (refreshToken !== null && access.refreshToken === refreshToken),
  );
  return reply({});
}

/** Whose token is presented. */
export function emailOfPresented(caller: Caller): string | null {
  const { grants } = caller.world.accounts;
  const revoked = caller.query.get("token") ?? readForm(caller.headers, caller.body).get("token") ?? "";
  return (grants.refresh.get(revoked) ?? grants.access(revoked) ?? grants.access(presented(caller)))?.email ?? null;
}

// --- helpers ---

function presented({ headers, body, query }: Pick<Call, "headers" | "body" | "query">): string {
  const form = readForm(headers, body);
  return form.get("access_token") ?? query.get("access_token") ?? bearerOf(headers.authorization) ?? "";
}

function findValid(call: Call): { account: Account; access: AccessToken } | null {
  const owner = call.world.accounts.ownerOf(presented(call));
  const isGood = owner && owner.access.expires > call.world.now() && owner.account.state !== "revoked";
  return isGood ? owner : null;
}
