/** @module Paths of Google's OAuth, of all three of its hosts. They do not collide with those of the API. */

import type { Call, Caller, Route } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { refusal } from "../http/result.ts";
import type { KnownKey } from "../state/projects.ts";
import { emailOfHint, serveAuthorize } from "./authorize.ts";
import { emailOfPresented, serveRevoke, serveTokenInfo, serveUserInfo } from "./token-info.ts";
import { emailOfGrant, serveToken } from "./token.ts";

/** Routes a path; null for what is not OAuth's. */
export function oauthRoute(method: string, path: string): Route | null {
  const served = PATHS.get(`${method} ${path}`);
  if (!served) return null;
  return {
    surface: "oauth",
    version: "v2",
    model: null,
    ...served,
    identify: () => NOBODY,
    refuse: (error) => refusal(error, { wrap: false }),
  };
}

// --- helpers ---

/** Asking for a token takes no credential, and is no project's call. */
const NOBODY: KnownKey = { key: "", state: "active", project: { id: "", keys: [] } };

interface Served {
  operation: string;
  serve: (call: Call) => Result;
  accountOf: (caller: Caller) => string | null;
}

const TOKEN_INFO: Served = { operation: "oauthTokenInfo", serve: serveTokenInfo, accountOf: emailOfPresented };

const PATHS = new Map<string, Served>([
  ["POST /token", { operation: "oauthToken", serve: serveToken, accountOf: emailOfGrant }],
  ["POST /tokeninfo", TOKEN_INFO],
  ["GET /tokeninfo", TOKEN_INFO],
  ["GET /oauth2/v2/userinfo", { operation: "oauthUserInfo", serve: serveUserInfo, accountOf: emailOfPresented }],
  ["GET /o/oauth2/v2/auth", { operation: "oauthAuthorize", serve: serveAuthorize, accountOf: emailOfHint }],
  ["POST /revoke", { operation: "oauthRevoke", serve: serveRevoke, accountOf: emailOfPresented }],
]);
