/**
 * Google's errors in Anthropic's shape. Details are never passed on: DebugInfo can hold the key (fact sheet upstream 4.2).
 * @module
 */
import { errorJson, errorType, shownStatus, type AnthropicErrorType } from "./error-types.ts";
import { parseGoogleError, waitOf } from "./google-error.ts";

/** An upstream error as an Anthropic client can read it. */
export interface AnthropicError {
  /** HTTP status for the client: 529 for Google's 503. */
  status: number;
  /** JSON text. */
  body: string;
  /** Whole seconds until Google says that a repeat makes sense; null: not told, or told wrongly (day quotas). */
  retryAfterSeconds: number | null;
}

/**
 * Converts an error body: of the Gemini API or Code Assist, plain or array-wrapped, HTML, text or empty.
 * @param status HTTP status; below 400 (an error found inside a stream) the body's own code counts
 * @param googleBody the body, at most a few hundred KB
 * @param requestId the call's id
 */
export function toAnthropicError(status: number, googleBody: string, requestId: string): AnthropicError {
  const found = parseGoogleError(googleBody);
  const asked = status >= 400 ? status : (found.code ?? 500);
  const write = (shown: number, type: AnthropicErrorType, message: string): AnthropicError => ({
    status: shown,
    body: `${errorJson({ type, message, requestId })}\n`,
    retryAfterSeconds: asked === 429 || asked === 503 ? waitOf(found) : null,
  });
  const message = found.message === "" ? describe(asked, googleBody) : found.message;
  // A bad key of the gateway's own is no mistake of the client's.
  if ((asked === 400 && ownKey.test(message)) || asked === 401)
    return write(529, "overloaded_error", "The upstream refused the credential that this gateway used.");
  const overflow = asked === 400 ? overflowWords(message) : null;
  if (overflow !== null) return write(400, "invalid_request_error", overflow);
  return write(shownStatus(asked), errorType(asked), message);
}

// --- helpers ---

const ownKey =
  /^(API key (not valid|expired)|Invalid Auth key|Missing or invalid Authorization header|Multiple authentication credentials)/i;

/**
 * Claude Code compacts its history when it reads these words with two numbers. Google names the count only in its older
 * wording; without it, it is at least one more than the maximum.
 */
function overflowWords(message: string): string | null {
  const found = /input token count(?: \((\d+)\))? exceeds the maximum number of tokens allowed \(?(\d+)\)?/i.exec(
    message,
  );
  if (found === null) return null;
  const maximum = Number(found[2]);
  return `prompt is too long: ${found[1] ?? maximum + 1} tokens > ${maximum} maximum`;
}

/** Words for a body without a message: an HTML page's title, short text, or nothing. */
function describe(status: number, text: string): string {
  const title = /<title>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  if (title !== undefined && title !== "") return `The upstream answered ${status}: ${title}`;
  const plain = /^\s*[<[{]/.test(text) ? "" : withoutKeys(text.trim()).slice(0, 300);
  return plain === ""
    ? `The upstream answered ${status} without an explanation.`
    : `The upstream answered ${status}: ${plain}`;
}

function withoutKeys(text: string): string {
  return text.replace(/api_key:[^\s'"]+/g, "api_key:[redacted]");
}
