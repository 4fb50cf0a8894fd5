/**
 * The bad end of a stream. `[DONE]` must not follow: that would be a false end (fact sheet translation 1.10).
 * @module
 */
import type { StreamFault } from "../../../translation/types.ts";
import { writeStreamError } from "../write-error.ts";

/** The event that ends the stream. */
export function faultText(fault: StreamFault): string {
  const { code, status, message, requestId, retryAfterSeconds } = fault;
  if (code !== null) return writeStreamError({ code, message, requestId, retryAfterSeconds });
  const [type, word] = words.get(status) ?? (status >= 500 ? serverError : requestError);
  const wait = retryAfterSeconds === null ? "" : ` Try again in ${Math.max(1, Math.ceil(retryAfterSeconds))} seconds.`;
  const place = status >= 500 ? ` (request ${requestId})` : "";
  const error = { message: `${message}${wait}${place}`, type, param: null, code: word };
  return `data: ${JSON.stringify({ error })}\n\n`;
}

// --- helpers ---

/** Type and code. */
type Words = readonly [type: string, code: string];

const serverError: Words = ["server_error", "server_error"];
const requestError: Words = ["invalid_request_error", "invalid_request"];

/** OpenAI's type and code by status. */
const words: ReadonlyMap<number, Words> = new Map<number, Words>([
  [401, ["authentication_error", "invalid_api_key"]],
  [403, ["permission_error", "permission_denied"]],
  [404, ["invalid_request_error", "model_not_found"]],
  [429, ["rate_limit_error", "rate_limit_exceeded"]],
  [499, serverError],
]);
