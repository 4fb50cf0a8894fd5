/** @module What a request to the token endpoint says: a form, and the client it comes from (RFC 6749 2.3.1, 4.1.3, 6). */

import type { IncomingHttpHeaders } from "node:http";

import type { ApiError } from "../errors/api-error.ts";
import { oauthError } from "../errors/api-error.ts";
import { OAUTH_BODIES } from "../errors/oauth-errors.ts";
import type { OauthClient } from "../accounts/types.ts";

/** The fields of a form; of anything else: none. */
export function readForm(headers: IncomingHttpHeaders, body: string): URLSearchParams {
  const isForm = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  return new URLSearchParams(isForm ? body : "");
}

/** A parameter; an empty one is none. */
export function parameter(form: URLSearchParams, name: string): string | null {
  const value = form.get(name);
  return value === null || value === "" ? null : value;
}

/** The id of the client that calls, or its refusal. */
export function checkClient(
  { headers, form }: { headers: IncomingHttpHeaders; form: URLSearchParams },
  client: OauthClient,
): ApiError | null {
  const basic = /^Basic\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  const [basicId = "", basicSecret = ""] = basic ? Buffer.from(basic, "base64").toString().split(":") : [];
  const id = parameter(form, "client_id") ?? decoded(basicId);
  const secret = parameter(form, "client_secret") ?? decoded(basicSecret);
  if (id === "") return oauthError(400, "invalid_request", "Could not determine client ID from request.");
  if (id !== client.id) return OAUTH_BODIES["oauth-invalid-client"]();
  if (secret === "") return oauthError(400, "invalid_request", "client_secret is missing.");
  return secret === client.secret ? null : oauthError(401, "invalid_client", "Unauthorized");
}

/** 400 for a parameter that is not there. */
export function missing(name: string): ApiError {
  return oauthError(400, "invalid_request", `Missing required parameter: ${name}`);
}

// --- helpers ---

// RFC 6749 2.3.1: both halves are form-encoded; what is not is taken as it is.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
