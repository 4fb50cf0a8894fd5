/**
 * What a rejected fetch means. Platforms tell little: only failures that surely happened before the request was sent
 * count as such, since those may be repeated at will.
 * @module
 */
import type { AttemptFailure } from "../../call/host.ts";

const connectCodes = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "FailedToOpenSocket",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * @param error what fetch or the body reader threw
 * @param cause the time-out that fired, or null
 */
export function toFailure(error: unknown, cause: "first-byte-timeout" | "idle-timeout" | null): AttemptFailure {
  const words = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (cause !== null) return { kind: cause, code: cause, words };
  if (connectCodes.has(code) || /connection refused|unable to connect/i.test(words))
    return { kind: "connect", code, words };
  return { kind: "broken", code, words };
}

// --- helpers ---

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown";
  const own = (error as { code?: unknown }).code;
  if (typeof own === "string") return own;
  const { cause } = error as { cause?: unknown };
  if (typeof cause === "object" && cause !== null) {
    const inner = (cause as { code?: unknown }).code;
    if (typeof inner === "string") return inner;
  }
  return error instanceof Error ? error.name : "unknown";
}
