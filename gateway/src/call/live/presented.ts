/**
 * What a client shows to be let into a Live session: its key, or an ephemeral token that was made for it.
 * @module
 */
import { headerOf, type RawHeaders } from "../../core/headers.ts";
import type { ScannedHeaders } from "../request-headers.ts";
import type { LiveIdentity } from "./live-identity.ts";

/** What was shown. */
export interface Presented {
  /** An ephemeral token, `auth_tokens/…`: it goes upstream in place of a key. Null: none. */
  token: string | null;
  /** A client key; null: none. */
  key: string | null;
  /** The subprotocol to answer with; null: none was offered. Browsers fail a connection whose offers are all ignored. */
  protocol: string | null;
}

const tokenPrefix = "auth_tokens/";
/** Browsers can send no header but this one: `new WebSocket(url, ["x-goog-api-key.gp-…"])`. */
const protocolKey = /^x-goog-api-key\.(.+)$/;
/** Subprotocols looked at. */
const protocolLimit = 20;

/**
 * Looks in all places: `Authorization: Token auth_tokens/…` and `access_token=` (fact sheet upstream 2.1), then the key in
 * `Authorization: Bearer`, `x-api-key`, `x-goog-api-key`, `key=`, and the subprotocol `x-goog-api-key.<key>`.
 */
export function findPresented(headers: RawHeaders, scanned: ScannedHeaders, identity: LiveIdentity): Presented {
  const offered = (headerOf(headers, "sec-websocket-protocol") ?? "")
    .split(",", protocolLimit)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  let protocolSecret: string | null = null;
  for (const name of offered) protocolSecret ??= protocolKey.exec(name)?.[1] ?? null;
  const protocol = offered.find((name) => !protocolKey.test(name)) ?? offered[0] ?? null;
  const written = tokenOf(headerOf(headers, "authorization"));
  const { accessToken } = identity;
  const token = written ?? (accessToken?.startsWith(tokenPrefix) === true ? accessToken : null);
  if (token !== null) return { token, key: null, protocol };
  const key = scanned.bearer ?? scanned.apiKey ?? scanned.googleKey ?? identity.queryKey ?? accessToken;
  return { token: null, key: key ?? protocolSecret, protocol };
}

// --- helpers ---

function tokenOf(authorization: string | null): string | null {
  const match = /^token +(auth_tokens\/\S+)$/i.exec((authorization ?? "").trim());
  return match === null ? null : (match[1] as string);
}
