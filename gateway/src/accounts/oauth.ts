/**
 * OAuth of installed programs as Google's endpoints speak it (fact sheet upstream 7.5): requests and answers only.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "./ask.ts";
import { failed, type AccountResult } from "./failures.ts";
import { redact } from "../vault/redact.ts";
import { isToken, readIdToken, textOf, toEmail, toObject, toScopes, type AccountOwner } from "./tokens.ts";

/** The OAuth client that accounts were logged in with. Never in the source: settings give it. */
export interface OauthClient {
  id: string;
  secret: string;
}

/** Settings that OAuth needs. */
export interface OauthSettings {
  oauthBaseUrl: string;
  oauthClientId: string | null;
  oauthClientSecret: string | null;
}

/** What a token endpoint gave. */
export interface GrantedTokens {
  accessToken: string;
  /** Milliseconds from now. */
  lifeMs: number;
  /** Null: the one in use stays. */
  refreshToken: string | null;
  owner: AccountOwner;
  scopes: readonly string[];
}

/** What is asked for at a log-in. */
export const loginScopes: readonly string[] = [
  "openid",
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
  "https://www.googleapis.com/auth/userinfo.profile",
];

/** Where a log-in without a browser on this machine ends: Google shows the code there, to be copied. */
export const manualRedirect = "https://codeassist.google.com/authcode";

const defaultBase = "https://oauth2.googleapis.com";
/** When an answer does not say how long its token lives: less than they all do. */
const unknownLifeMs = 30 * 60_000;
const longestLifeMs = 24 * 3_600_000;
const helpPage = "see docs/code-assist.md";

/** The client of the settings, or what to do without one. */
export function clientOf(settings: OauthSettings): AccountResult<OauthClient> {
  const { oauthClientId: id, oauthClientSecret: secret } = settings;
  if (id !== null && secret !== null) return { ok: true, value: { id, secret } };
  const missing = [id === null ? "CODE_ASSIST_CLIENT_ID" : "", secret === null ? "CODE_ASSIST_CLIENT_SECRET" : ""];
  return failed(
    "client",
    "account.client-missing",
    `Tokens cannot be refreshed without an OAuth client: set ${missing.filter(Boolean).join(" and ")}; ${helpPage} where yours is found.`,
  );
}

/** A new access token for a refresh token. */
export function refreshQuestion(options: {
  settings: OauthSettings;
  client: OauthClient;
  refreshToken: string;
  agent: string;
}): AccountQuestion {
  const { settings, client, refreshToken, agent } = options;
  return form(`${settings.oauthBaseUrl}/token`, agent, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: client.id,
    client_secret: client.secret,
  });
}

/** The first tokens for a code of a log-in. */
export function codeQuestion(options: {
  settings: OauthSettings;
  client: OauthClient;
  code: string;
  redirectUri: string;
  verifier: string;
  agent: string;
}): AccountQuestion {
  const { settings, client, code, redirectUri, verifier, agent } = options;
  return form(`${settings.oauthBaseUrl}/token`, agent, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: client.id,
    client_secret: client.secret,
  });
}

/**
 * Where a person allows it.
 * @param options `challenge`: SHA-256 of the verifier, base64url; `state`: comes back with the code
 */
export function authorizeUrl(options: {
  settings: OauthSettings;
  client: OauthClient;
  redirectUri: string;
  state: string;
  challenge: string;
}): string {
  const { settings, client, redirectUri, state, challenge } = options;
  // Another token endpoint (a test's) has its own page.
  const base = settings.oauthBaseUrl === defaultBase ? "https://accounts.google.com" : settings.oauthBaseUrl;
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: loginScopes.join(" "),
    access_type: "offline",
    // Without it a second log-in of the same account gives no refresh token.
    prompt: "consent",
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return `${base}/o/oauth2/v2/auth?${query.toString()}`;
}

/** Whether a token is known, and of what scopes. */
export function tokenInfoQuestion(settings: OauthSettings, accessToken: string, agent: string): AccountQuestion {
  return form(`${settings.oauthBaseUrl}/tokeninfo`, agent, { access_token: accessToken });
}

/** @returns the owner and scopes; null: Google does not know the token */
export function readTokenInfo(
  answer: AccountAnswer,
): { owner: AccountOwner; scopes: string[]; expiresInMs: number } | null {
  const value = answer.status === 200 ? toObject(answer.body) : null;
  if (value === null) return null;
  const owner = { subject: textOf(value["sub"]), email: toEmail(value["email"]) };
  return { owner, scopes: toScopes(value["scope"]), expiresInMs: toLife(value["expires_in"]) };
}

/** Whose a token is, for tokens that came without an id token. */
export function userInfoQuestion(settings: OauthSettings, accessToken: string, agent: string): AccountQuestion {
  const base = settings.oauthBaseUrl === defaultBase ? "https://www.googleapis.com" : settings.oauthBaseUrl;
  return {
    method: "GET",
    url: `${base}/oauth2/v2/userinfo`,
    headers: { authorization: `Bearer ${accessToken}`, "user-agent": agent },
    body: null,
  };
}

/** @returns nulls when Google does not tell */
export function readUserInfo(answer: AccountAnswer): AccountOwner {
  const value = answer.status === 200 ? toObject(answer.body) : null;
  return { subject: textOf(value?.["id"]), email: toEmail(value?.["email"]) };
}

/**
 * Reads a token endpoint's answer, to a refresh or to a code.
 * @param secrets what was sent, of whatever shape: a refusal that quotes it is shown without
 */
export function readTokenAnswer(answer: AccountAnswer, secrets: readonly string[] = []): AccountResult<GrantedTokens> {
  const value = toObject(answer.body);
  if (answer.status !== 200) return refusalOf(answer.status, value, secrets);
  const accessToken = textOf(value?.["access_token"]);
  if (value === null || accessToken === null || !isToken(accessToken))
    return failed("passing", "account.token-unreadable", "Google's token endpoint answered 200 without a token.");
  const refreshToken = textOf(value["refresh_token"]);
  return {
    ok: true,
    value: {
      accessToken,
      lifeMs: toLife(value["expires_in"]),
      // One that could not be sent again is none: the one in use stays.
      refreshToken: refreshToken !== null && isToken(refreshToken) ? refreshToken : null,
      owner: readIdToken(textOf(value["id_token"])),
      scopes: toScopes(value["scope"]),
    },
  };
}

// --- helpers ---

const logInAgain = "Log in again: 'gemini-proxy accounts login', or 'accounts add' with a fresh oauth_creds.json.";

function refusalOf(
  status: number,
  value: Record<string, unknown> | null,
  secrets: readonly string[],
): { ok: false } & AccountResult<never> {
  const error = redact(textOf(value?.["error"]) ?? "", secrets);
  const told = textOf(value?.["error_description"]);
  const said = told === null ? null : redact(told, secrets);
  const words = said === null ? `Google says '${error || status}'.` : `Google says: ${said.replace(/\.?$/, ".")}`;
  // Workspace session control: the session is over, the account is well (`error_subtype`, or only in the text).
  const isSession = value?.["error_subtype"] === "invalid_rapt" || /invalid_rapt|reauth related/i.test(said ?? "");
  if (error === "invalid_grant" && isSession)
    return failed(
      "login",
      "account.session-ended",
      `${words} The organisation lets sessions end after some hours. ${logInAgain} The administrator can exempt the OAuth client under 'Google Cloud session control'.`,
    );
  if (error === "invalid_grant")
    return failed("login", "account.login-needed", `${words} The refresh token is revoked or over. ${logInAgain}`);
  if (error === "unauthorized_client")
    return failed(
      "client",
      "account.client-other",
      `${words} The account was logged in with another OAuth client than CODE_ASSIST_CLIENT_ID. Set that one, or log in again; ${helpPage}.`,
    );
  if (error === "invalid_client" || error === "deleted_client" || error === "disabled_client")
    return failed(
      "client",
      "account.client-refused",
      `${words} Check CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET; ${helpPage}.`,
    );
  if (error === "invalid_scope" || error === "access_denied" || error === "admin_policy_enforced")
    return failed("login", "account.login-needed", `${words} ${logInAgain}`);
  if (status >= 500 || status === 429 || status === 408)
    return failed("passing", "account.token-endpoint", `Google's token endpoint answered ${status}. ${words}`);
  return failed("passing", "account.token-unreadable", `Google's token endpoint answered ${status}. ${words}`);
}

function toLife(value: unknown): number {
  const seconds = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, longestLifeMs) : unknownLifeMs;
}

function form(url: string, agent: string, fields: Record<string, string>): AccountQuestion {
  return {
    method: "POST",
    url,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "user-agent": agent,
    },
    body: new URLSearchParams(fields).toString(),
  };
}
