/** @module Refresh tokens, access tokens and authorization codes: who has them, and until when. All of it bounded. */

import type { Ids } from "../state/ids.ts";

/** What a refresh token stands for. */
export interface RefreshGrant {
  email: string;
  clientId: string;
}

/** An access token. */
export interface AccessToken extends RefreshGrant {
  token: string;
  /** The refresh token it came from; null when it came without one. */
  refreshToken: string | null;
  scope: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/** An authorization code. */
export interface AuthorizationCode extends RefreshGrant {
  redirectUri: string;
  scope: string;
  offline: boolean;
  /** PKCE; null without. */
  challenge: { value: string; method: "S256" | "plain" } | null;
  expires: number;
}

/** All grants of one emulator. */
export interface Grants {
  refresh: Map<string, RefreshGrant>;
  /** Keeps a refresh token; makes one when none is given. */
  addRefresh(grant: RefreshGrant, token?: string): string;
  addAccess(access: Omit<AccessToken, "token">): AccessToken;
  access(token: string): AccessToken | undefined;
  accessOf(email: string): AccessToken[];
  addCode(code: AuthorizationCode): string;
  /** Gives a code once. */
  takeCode(code: string): AuthorizationCode | undefined;
  peekCode(code: string): AuthorizationCode | undefined;
  /** Voids access tokens: all, or those that the test names. */
  dropAccess(which: (access: AccessToken) => boolean): void;
  clear(): void;
}

/** Nothing is granted at first. @param ids Where tokens come from; asked each time, since a reset changes it. */
export function createGrants(ids: () => Ids): Grants {
  const refresh = new Map<string, RefreshGrant>();
  const accesses = new Map<string, AccessToken>();
  const codes = new Map<string, AuthorizationCode>();
  return {
    refresh,
    addRefresh: (grant, token = `1//0${ids().response()}${ids().response()}`) => {
      put(refresh, token, { email: grant.email, clientId: grant.clientId });
      return token;
    },
    addAccess: (access) => {
      const token = `ya29.a0${ids().response()}${ids().response()}${ids().response()}`;
      const made = { ...access, token };
      put(accesses, token, made);
      return made;
    },
    access: (token) => accesses.get(token),
    accessOf: (email) => [...accesses.values()].filter((access) => access.email === email),
    addCode: (code) => {
      const text = `4/0A${ids().response()}${ids().response()}`;
      put(codes, text, code);
      return text;
    },
    takeCode: (code) => {
      const found = codes.get(code);
      codes.delete(code);
      return found;
    },
    peekCode: (code) => codes.get(code),
    dropAccess: (which) => {
      for (const [token, access] of accesses) if (which(access)) accesses.delete(token);
    },
    clear: () => {
      refresh.clear();
      accesses.clear();
      codes.clear();
    },
  };
}

// --- helpers ---

const MOST_GRANTS = 100_000;

// The oldest give way: a long load test must not fill the memory with tokens nobody uses.
function put<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.set(name, value);
  if (map.size <= MOST_GRANTS) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
