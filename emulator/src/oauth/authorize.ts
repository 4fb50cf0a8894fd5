/** @module `GET /o/oauth2/v2/auth`: the consent page, which agrees at once (RFC 6749 4.1.1, RFC 7636 4.3). */

import type { Account } from "../accounts/accounts.ts";
import type { AuthorizationCode } from "../accounts/grants.ts";
import type { Call, Caller } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import type { World } from "../state/world.ts";
import { KNOWN_SCOPES } from "./scopes.ts";

/** Redirects with a code, or shows why not. */
export function serveAuthorize({ world, query }: Call): Result {
  const account = accountFor(world, query);
  const problem = findProblem(world, query);
  if (problem) return page(problem.status, problem.error, problem.words);
  if (!account) return page(400, "invalid_request", "Couldn’t find your Google Account");
  const redirectUri = query.get("redirect_uri") ?? "";
  const scope = query.get("scope") ?? "";
  const code = world.accounts.grants.addCode({
    email: account.email,
    clientId: query.get("client_id") ?? "",
    redirectUri,
    scope,
    offline: query.get("access_type") === "offline",
    challenge: challengeOf(query),
    expires: world.now() + CODE_LIFE_MS,
  });
  const target = new URL(redirectUri);
  for (const [name, value] of [
    ["state", query.get("state")],
    ["code", code],
    ["scope", scope],
    ["authuser", "0"],
    ["prompt", "consent"],
  ] as const) {
    if (value !== null) target.searchParams.set(name, value);
  }
  return { ...page(302, "Moved Temporarily", "The document has moved."), headers: { location: target.href } };
}

/** Whose consent is asked. */
export function emailOfHint({ world, query }: Caller): string | null {
  return accountFor(world, query)?.email ?? null;
}

// --- helpers ---

const CODE_LIFE_MS = 600_000;

/** Where an installed program may be sent back to: itself, or the page that shows the code. */
const REDIRECTS = [
  /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/,
  /^https:\/\/codeassist\.google\.com\/authcode$/,
];

interface Problem {
  status: number;
  error: string;
  words: string;
}

function findProblem(world: World, query: URLSearchParams): Problem | null {
  const absent = ["client_id", "redirect_uri", "response_type", "scope"].find((name) => !query.get(name));
  if (absent !== undefined) return bad("invalid_request", `Missing required parameter: ${absent}`);
  if (query.get("client_id") !== world.accounts.client.id) {
    return { status: 401, error: "invalid_client", words: "The OAuth client was not found." };
  }
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!URL.canParse(redirectUri) || !REDIRECTS.some((pattern) => pattern.test(redirectUri))) {
    return bad(
      "redirect_uri_mismatch",
      "The redirect URI in the request does not match the ones authorized for the OAuth client.",
    );
  }
  if (query.get("response_type") !== "code") return bad("unsupported_response_type", "Invalid response_type");
  const unknown = (query.get("scope") ?? "").split(/\s+/).filter((scope) => scope !== "" && !KNOWN_SCOPES.has(scope));
  if (unknown.length > 0)
    return bad("invalid_scope", `Some requested scopes were invalid. {invalid=[${unknown.join(", ")}]}`);
  const method = query.get("code_challenge_method") ?? "plain";
  const wrong = query.get("code_challenge") && !["S256", "plain"].includes(method);
  return wrong ? bad("invalid_request", "Invalid code_challenge_method") : null;
}

function bad(error: string, words: string): Problem {
  return { status: 400, error, words };
}

function challengeOf(query: URLSearchParams): AuthorizationCode["challenge"] {
  const value = query.get("code_challenge");
  if (!value) return null;
  return { value, method: query.get("code_challenge_method") === "S256" ? "S256" : "plain" };
}

function accountFor({ accounts }: World, query: URLSearchParams): Account | undefined {
  const hint = query.get("login_hint");
  return hint ? accounts.get(hint) : accounts.first();
}

function page(status: number, error: string, words: string): Result & { kind: "whole" } {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body = `<!DOCTYPE html>\n<html lang=en>\n<title>Error ${status}: ${error}</title>\n<h1>Access blocked: Authorization Error</h1>\n<p>${escaped}\n<p>Error ${status}: ${error}\n`;
  const contentType = "text/html; charset=UTF-8";
  return {
    kind: "whole",
    status,
    contentType,
    body,
    usage: null,
    errorStatus: status >= 400 ? error : null,
    delayMs: 0,
  };
}
