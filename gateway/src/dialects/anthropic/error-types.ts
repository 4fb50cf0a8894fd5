/**
 * Anthropic's error types (fact sheet translation 3.5).
 * @module
 */
import type { StreamFault } from "../../translation/types.ts";

/** `error.type` of Anthropic's errors. */
export type AnthropicErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

/** The status that clients are shown: 503 is 529 with Anthropic, and "client closed request" helps nobody who is there. */
export function shownStatus(status: number): number {
  if (status === 503) return 529;
  return status === 499 ? 500 : status;
}

/** The type for a status, before or after `shownStatus`. */
export function errorType(status: number): AnthropicErrorType {
  const known = types[status];
  if (known !== undefined) return known;
  return status >= 500 ? "api_error" : "invalid_request_error";
}

/**
 * The type of an error inside a stream. Whatever may go well the next time is `overloaded_error`: the one kind of which
 * Claude Code is known to recover in the middle of an answer (fact sheet translation 0.2).
 */
export function faultType(fault: StreamFault): AnthropicErrorType {
  if (fault.code === "internal") return "api_error";
  return fault.status >= 500 || fault.status === 499 ? "overloaded_error" : errorType(fault.status);
}

/** A whole error in Anthropic's shape, as JSON text. */
export function errorJson(facts: { type: AnthropicErrorType; message: string; requestId: string }): string {
  const { type, message, requestId } = facts;
  return JSON.stringify({ type: "error", error: { type, message }, request_id: requestId });
}

// --- helpers ---

const types: Readonly<Record<number, AnthropicErrorType>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  499: "api_error",
  500: "api_error",
  501: "invalid_request_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};
