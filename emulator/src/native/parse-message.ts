/** @module Body text to a checked message, or the 400 that Google would give. */

import type { ApiError } from "../errors/api-error.ts";
import { badRequest, malformedJson } from "../errors/api-error.ts";
import { checkRequest } from "../json/check-request.ts";
import { readJson } from "../json/read-json.ts";

/** Parses and checks. @param message A name of the message table. */
export function parseMessage(body: string, message: string): Record<string, unknown> | ApiError {
  const read = readJson(body);
  if (!read.ok) return malformedJson(read.reason);
  const checked = checkRequest(read.value, message);
  return checked.ok ? checked.value : badRequest(checked.violations);
}
