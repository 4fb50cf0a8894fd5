/** @module From an error to the code and words of a close frame (fact sheet upstream 9). */

import type { ApiError } from "../errors/api-error.ts";

/** What a session is closed with. */
export interface LiveEnd {
  code: number;
  /** May be longer than a close frame takes. */
  reason: string;
  /** gRPC status for the record; null when nothing went wrong. */
  status: string | null;
}

/** 1007 for what the client got wrong, 1008 for what it may not, 1011 for quota and our own failures. */
export function toLiveEnd(error: ApiError): LiveEnd {
  if (!("error" in error)) return { code: 1011, reason: "Internal error encountered.", status: "INTERNAL" };
  const { status, message } = error.error;
  return { code: CODES[status] ?? 1011, reason: message, status };
}

// --- helpers ---

const CODES: Record<string, number> = {
  INVALID_ARGUMENT: 1007,
  FAILED_PRECONDITION: 1007,
  UNAUTHENTICATED: 1007,
  PERMISSION_DENIED: 1008,
  NOT_FOUND: 1008,
  UNIMPLEMENTED: 1008,
};
