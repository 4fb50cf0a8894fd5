/** @module Refusals of Interactions, in both shapes that were seen (fact sheet upstream 1.8). */

import type { ApiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { JSON_TYPE, refusal } from "../http/result.ts";
import { toPrettyJson } from "../json/write-json.ts";
import type { World } from "../state/world.ts";

/**
 * What the service itself refuses is `{"error": {"message", "code": "invalid_request"}}`; the rest, and everything with the
 * option `interactions.errors: "array"`, has Google's usual envelope, in a list with that option.
 */
export function interactionRefusal(world: World, error: ApiError): Result & { kind: "whole" } {
  if (world.options.interactions?.errors === "array") return refusal(error, { wrap: true });
  const code = "error" in error ? OWN_CODES[error.error.status] : undefined;
  if (!("error" in error) || code === undefined) return refusal(error, { wrap: false });
  const { message, status } = error.error;
  const body = `${toPrettyJson({ error: { message, code } })}\n`;
  const base = { kind: "whole", status: error.status, usage: null, delayMs: 0 } as const;
  return { ...base, contentType: JSON_TYPE, body, errorStatus: status };
}

// --- helpers ---

const OWN_CODES: Record<string, string> = {
  INVALID_ARGUMENT: "invalid_request",
  NOT_FOUND: "not_found",
  FAILED_PRECONDITION: "failed_precondition",
};
