/**
 * Google's errors as the Responses API writes errors. Only code, status word and message are read: details can hold the
 * key (fact sheet upstream 4.2).
 * @module
 */
import { isTooLong } from "./ending.ts";
import { isObject, listOf, textOf } from "./json-values.ts";

/** An upstream error as a client of the Responses API can read it. */
export interface ResponsesError {
  /** HTTP status for the client: the upstream's, but for 499 and for faults of the gateway's own key. */
  status: number;
  /** JSON text. */
  body: string;
  /**
   * Whole seconds until a repeat makes sense. A 429 has it always, told by Google or not, but for what waiting does not
   * mend; else null where Google told none.
   */
  retryAfterSeconds: number | null;
}

/**
 * Converts an error body: Google's object, the same in an array, HTML, text or nothing.
 * @param status HTTP status; below 400 (found inside a stream) the body's own code counts
 * @param googleBody at most a few hundred KB
 */
export function toResponsesError(status: number, googleBody: string): ResponsesError {
  const found = parseError(googleBody);
  const asked = status >= 400 ? status : (found.code ?? 500);
  // A client that is still there is not helped by "client closed request".
  const shown = asked === 499 ? 500 : asked;
  const message = redact(found.message) || describe(asked, googleBody);
  if (found.blockReason !== null)
    return write(400, `Google refused the prompt for its content (${found.blockReason}).`, "invalid_prompt", null);
  if ((shown === 400 || shown === 401) && ownKey.test(message))
    return write(503, "The upstream refused the key that this gateway used.", "credentials_unusable", null);
  if (shown === 429) {
    if (isHopeless(message, found)) return write(429, message, "insufficient_quota", null);
    return write(429, message, "rate_limit_exceeded", waitOf(message, found) ?? unknownWaitSeconds);
  }
  const wait = shown === 503 ? waitOf(message, found) : null;
  return write(shown, message, codeOf(shown, message, found), wait);
}

// --- helpers ---

/** A Google error, loosely: every part may be missing. */
interface GoogleError {
  code: number | null;
  status: string | null;
  message: string;
  details: readonly Record<string, unknown>[];
  /** Of an answer that says nothing but that the prompt was blocked. */
  blockReason: string | null;
}

const unknownWaitSeconds = 30;
const ownKey =
  /API key (not valid|expired)|Invalid Auth key|invalid authentication credentials|Missing or invalid Auth/i;
const moneyGone = /prepayment credits|credits are depleted|spending cap|spend cap/i;
const noQuota = /\blimit: 0(?![\d.])/;

function write(status: number, message: string, code: string, retryAfterSeconds: number | null): ResponsesError {
  const error = { message, type: typeOf(status, code), param: null, code };
  return { status, body: `${JSON.stringify({ error })}\n`, retryAfterSeconds };
}

function typeOf(status: number, code: string): string {
  if (code === "insufficient_quota") return code;
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

function codeOf(status: number, message: string, found: GoogleError): string {
  const word = found.status?.toLowerCase() ?? null;
  if (status === 400 && isTooLong(message)) return "context_length_exceeded";
  if (status === 404 && /\bmodels?\b/i.test(message)) return "model_not_found";
  if (status >= 500) return "server_error";
  return word ?? (status === 401 ? "invalid_api_key" : "invalid_request_error");
}

function isHopeless(message: string, found: GoogleError): boolean {
  if (moneyGone.test(message) || noQuota.test(message)) return true;
  return violationsOf(found).some((violation) => Number(violation["quotaValue"] ?? 1) === 0);
}

function violationsOf(found: GoogleError): Record<string, unknown>[] {
  return found.details.flatMap((detail) => listOf(detail["violations"])).filter(isObject);
}

/** The larger of RetryInfo and the message's own words; for day quotas both are wrong (fact sheet upstream 4.4). */
function waitOf(message: string, found: GoogleError): number | null {
  if (violationsOf(found).some((violation) => /PerDay|Daily/.test(String(violation["quotaId"])))) return null;
  let seconds = 0;
  for (const detail of found.details) seconds = Math.max(seconds, durationOf(detail["retryDelay"]));
  const told = /retry in ((?:[\d.]+(?:ms|h|m|s))+)/i.exec(message)?.[1];
  if (told !== undefined) seconds = Math.max(seconds, durationOf(told));
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds) : null;
}

/** `14s`, `500ms`, `1h2m3.5s`, or `{seconds, nanos}`, in seconds. */
function durationOf(value: unknown): number {
  if (isObject(value)) return Number(value["seconds"] ?? 0) + Number(value["nanos"] ?? 0) / 1e9 || 0;
  let seconds = 0;
  for (const [, amount, unit] of (textOf(value) ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    seconds += Number(amount) * (unitSeconds[unit ?? ""] ?? 0);
  return seconds;
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

function parseError(body: string): GoogleError {
  const none: GoogleError = { code: null, status: null, message: "", details: [], blockReason: null };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return none;
  }
  const holder = Array.isArray(value) ? value.find((element) => isObject(element)) : value;
  if (!isObject(holder)) return none;
  const error = holder["error"];
  if (typeof error === "string") return { ...none, message: error };
  const feedback = isObject(holder["promptFeedback"]) ? holder["promptFeedback"] : {};
  if (!isObject(error)) return { ...none, blockReason: textOf(feedback["blockReason"]) };
  const code = Number(error["code"]);
  return {
    code: code >= 400 && code < 600 ? code : null,
    status: textOf(error["status"]),
    message: textOf(error["message"]) ?? "",
    details: listOf(error["details"]).filter(isObject),
    blockReason: null,
  };
}

/** Words for a body without a message: an HTML page's title, short text, or nothing. */
function describe(status: number, text: string): string {
  const title = /<title>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  const plain = title ?? (/^\s*[<[{]/.test(text) ? "" : text.trim().slice(0, 300));
  return plain === ""
    ? `The upstream answered ${status} without an explanation.`
    : `The upstream answered ${status}: ${redact(plain)}`;
}

/** Suspended consumers are named by their key (fact sheet upstream 4.2). */
function redact(text: string): string {
  return text.replace(/api_key:[^\s'"]+/g, "api_key:[redacted]").replace(secrets, "[redacted]");
}

const secrets = /\bAIza[\w-]{20,}|\bAQ\.[\w-]{20,}|\bya29\.[\w.-]{10,}|\bgp-[\w-]{20,}/g;
