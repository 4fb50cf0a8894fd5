/** @module Ephemeral tokens: what one is good for, for how long and how often (fact sheet upstream 9). */

import { randomBytes } from "node:crypto";

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { LiveSetup } from "../live/client-message.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import type { World } from "../state/world.ts";

/** A token. The resource's expiry is that of its sessions. */
export interface AuthToken {
  /** The API key that made it: a session counts as one of its project. */
  key: string;
  /** Sessions it can still open; null: any number. */
  usesLeft: number | null;
  /** Until when it can open sessions, milliseconds since the epoch. */
  newSessionExpireTime: number;
  /** Locked onto the sessions; null: their own setup counts. */
  setup: LiveSetup | null;
  /** Paths in camelCase whose values are taken from `setup`; empty: all of it. */
  fieldMask: string[];
}

/** The kind of resource that tokens are. */
const AUTH_TOKENS: ResourceKind<AuthToken> = defineKind<AuthToken>("authTokens", { limit: 10_000 });

/** Prefix of every token. */
const TOKEN_PREFIX = "auth_tokens/";

/** Keeps a token under a name nobody guesses; null when there are too many. */
export function createAuthToken(
  world: World,
  options: { projectId: string; expireTime: number; token: AuthToken },
): Resource<AuthToken> | null {
  const { projectId, expireTime, token } = options;
  // The only names that are secrets: not from the seed.
  const name = TOKEN_PREFIX + randomBytes(32).toString("hex");
  return world.resources.of(AUTH_TOKENS).create({ name, projectId, value: token, expireTime });
}

/** The token, should it open a session now, or why not. Does not count as a use. */
export function findAuthToken(world: World, name: string): Resource<AuthToken> | ApiError {
  const token = world.resources.of(AUTH_TOKENS).get(name);
  if (!token) return apiError("UNAUTHENTICATED", "Auth token is invalid or expired.");
  return token;
}

/** Counts a new session; an error when the token opens none any more. Resuming a session is not a use. */
export function useAuthToken(world: World, { value }: Resource<AuthToken>): ApiError | null {
  if (world.now() >= value.newSessionExpireTime) {
    return apiError("UNAUTHENTICATED", "Auth token can no longer start new sessions.");
  }
  if (value.usesLeft === 0) return apiError("UNAUTHENTICATED", "Auth token has been used too many times.");
  if (value.usesLeft !== null) value.usesLeft--;
  return null;
}

/** The setup that counts: the token's own, the client's, or the client's with the masked fields of the token's. */
export function lockSetup({ setup, fieldMask }: AuthToken, asked: LiveSetup): LiveSetup {
  if (!setup) return asked;
  if (fieldMask.length === 0) {
    // Which session is to be resumed cannot be known when the token is made.
    const handle = asked.sessionResumption?.handle;
    return handle === undefined ? setup : { ...setup, sessionResumption: { ...setup.sessionResumption, handle } };
  }
  const locked: LiveSetup = structuredClone(asked);
  for (const path of fieldMask) copyField(setup, locked, path.split("."));
  return locked;
}

// --- helpers ---

function copyField(from: Record<string, unknown>, to: Record<string, unknown>, [name = "", ...rest]: string[]): void {
  if (!Object.hasOwn(from, name)) {
    // A masked field that the token leaves unset is unset in the session.
    if (rest.length === 0) delete to[name];
    return;
  }
  const value = from[name];
  if (rest.length === 0 || typeof value !== "object" || value === null) {
    to[name] = structuredClone(value);
    return;
  }
  const inner = to[name];
  const target = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
  to[name] = target;
  copyField(value as Record<string, unknown>, target, rest);
}
