/** @module Who opens a session: an API key as elsewhere, or an ephemeral token (fact sheet upstream 9). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { namedError } from "../errors/catalog.ts";
import type { ErrorName } from "../errors/error-names.ts";
import type { Credential } from "../http/authenticate.ts";
import { judgeCredential } from "../http/authenticate.ts";
import type { Resource } from "../resources/registry.ts";
import type { KnownKey } from "../state/projects.ts";
import type { World } from "../state/world.ts";
import type { AuthToken } from "../tokens/auth-tokens.ts";
import { findAuthToken } from "../tokens/auth-tokens.ts";
import type { LiveRoute } from "./route.ts";

/** Who talks in a session. */
export interface LiveCaller {
  key: KnownKey;
  /** Null for one that came with an API key. */
  token: Resource<AuthToken> | null;
}

/** Finds the caller, or the reason why it may not call. */
export function identifyCaller(world: World, credential: Credential, route: LiveRoute): LiveCaller | ApiError {
  const { place, key } = credential;
  if (place !== "token" || key === null) return identifyKey(credential, route);
  if (route.method !== "BidiGenerateContentConstrained") {
    return apiError("PERMISSION_DENIED", "Auth tokens are only accepted by BidiGenerateContentConstrained.");
  }
  const token = findAuthToken(world, key);
  if (isRefusal(token)) return token;
  const maker = world.projects.find(token.value.key);
  const known = maker?.project.id === token.projectId ? maker : undefined;
  const caller = identifyKey({ place: "header", key: token.value.key, known }, route);
  return isRefusal(caller) ? caller : { ...caller, token };
}

// --- helpers ---

function identifyKey(credential: Credential, route: LiveRoute): LiveCaller | ApiError {
  const { key, known } = credential;
  const refused: ErrorName | null = judgeCredential(credential, {
    surface: "native",
    operation: route.operation,
    version: route.version,
    model: null,
  });
  if (refused === null && known) return { key: known, token: null };
  return namedError(refused ?? "api-key-invalid", {
    key: key ?? "",
    project: known?.project.id ?? "projects/0",
    model: "gemini-3.1-flash-live-preview",
    version: route.version,
    tier: known?.project.tier ?? "paid1",
    path: "",
  });
}
