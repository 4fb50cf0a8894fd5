/** @module `POST auth_tokens`: makes an ephemeral token (fact sheet upstream 9). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, RouteFamily } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import { toCamelCase } from "../json/check-request.ts";
import type { LiveSetup } from "../live/client-message.ts";
import { parseMessage } from "../native/parse-message.ts";
import { createAuthToken } from "./auth-tokens.ts";

/** The one route; Google documents it under `v1alpha`, any version serves it here. */
export const tokenFamily: RouteFamily = ({ method, version, rest }) =>
  method === "POST" && rest === "auth_tokens"
    ? { surface: "native", operation: "authTokens.create", version, model: null, serve: serveCreate, free: true }
    : null;

// --- helpers ---

const NEW_SESSION_MS = 60_000;
const EXPIRE_MS = 30 * 60_000;
const LONGEST_MS = 20 * 3_600_000;

function serveCreate({ world, body, key, project }: Call): Result {
  const message = parseMessage(body === "" ? "{}" : body, "CreateAuthTokenRequest");
  if (isRefusal(message)) return refusal(message, { wrap: false });
  const now = world.now();
  const expireTime = readTime(message, "expireTime", { now, fallback: now + EXPIRE_MS });
  if (typeof expireTime === "object") return refusal(expireTime, { wrap: false });
  const newSessionExpireTime = readTime(message, "newSessionExpireTime", { now, fallback: now + NEW_SESSION_MS });
  if (typeof newSessionExpireTime === "object") return refusal(newSessionExpireTime, { wrap: false });
  const uses = message["uses"] === undefined ? 1 : Number(message["uses"]);
  if (uses < 0) return refusal(apiError("INVALID_ARGUMENT", "uses must not be negative."), { wrap: false });
  const mask = typeof message["fieldMask"] === "string" ? message["fieldMask"] : "";
  const token = createAuthToken(world, {
    projectId: project.id,
    expireTime,
    token: {
      key: key.key,
      usesLeft: uses === 0 ? null : uses,
      newSessionExpireTime: Math.min(newSessionExpireTime, expireTime),
      setup: (message["bidiGenerateContentSetup"] as LiveSetup | undefined) ?? null,
      fieldMask: mask.split(",").flatMap((path) => (path.trim() === "" ? [] : [toCamelPath(path.trim())])),
    },
  });
  if (!token) return refusal(apiError("RESOURCE_EXHAUSTED", "Too many auth tokens."), { wrap: false });
  return whole({ name: token.name });
}

function readTime(
  message: Record<string, unknown>,
  name: string,
  { now, fallback }: { now: number; fallback: number },
): number | ApiError {
  const given = message[name];
  if (given === undefined) return fallback;
  const time = typeof given === "string" ? Date.parse(given) : Number.NaN;
  if (!Number.isFinite(time)) return apiError("INVALID_ARGUMENT", `Invalid value at '${name}' (TYPE_TIMESTAMP)`);
  if (time <= now) return apiError("INVALID_ARGUMENT", `${name} must be in the future.`);
  if (time > now + LONGEST_MS) {
    return apiError("INVALID_ARGUMENT", `${name} must be less than 20 hours in the future.`);
  }
  return time;
}

function toCamelPath(path: string): string {
  return path.split(".").map(toCamelCase).join(".");
}
