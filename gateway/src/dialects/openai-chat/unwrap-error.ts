/**
 * Google's errors on its OpenAI surface, in OpenAI's shape. Google wraps them in an array and adds `details`; SDKs then
 * print "no body" (fact sheet upstream 3). Details are never passed on: DebugInfo can hold the key (upstream 4.2).
 * @module
 */

/** An upstream error as an OpenAI client can read it. */
export interface OpenAiError {
  /** HTTP status for the client. The upstream's, but for 499 and for faults of the gateway's own key. */
  status: number;
  /** JSON text. */
  body: string;
  /** Whole seconds until Google says that a repeat makes sense; null: not told, or told wrongly (day quotas). */
  retryAfterSeconds: number | null;
}

/**
 * Converts an error body: array-wrapped, plain, HTML, text or empty.
 *
 * 429: `insufficient_quota` for what waiting does not mend (credit gone, spending cap, `limit: 0`): LangChain and Codex
 * give up on it at once. A day quota stays `rate_limit_exceeded`: it comes back, and not for every model at once.
 * @param status HTTP status; below 400 (an error found inside a stream) the body's own code counts
 * @param bodyText the body, at most a few hundred KB
 */
export function toOpenAiError(status: number, bodyText: string): OpenAiError {
  const found = parseError(bodyText);
  const asked = status >= 400 ? status : (found?.code ?? 500);
  // A client that is still there is not helped by "client closed request".
  const shown = asked === 499 ? 500 : asked;
  const message = clean(found?.message ?? "") || describe(asked, bodyText);
  if (shown === 400 && ownKey.test(message))
    return write(
      503,
      "The upstream refused the key that this gateway used.",
      "server_error",
      "credentials_unusable",
      null,
    );
  const [type, code] = classify(shown, message, found);
  return write(shown, message, type, code, shown === 429 || shown === 503 ? waitOf(message, found) : null);
}

// --- helpers ---

/** A Google error, loosely: every part may be missing. */
interface GoogleError {
  code: number | null;
  status: string | null;
  message: string;
  details: readonly Record<string, unknown>[];
}

const ownKey =
  /^(API key (not valid|expired)|Invalid Auth key|Missing or invalid Authorization header|Multiple authentication credentials)/i;
const moneyGone = /prepayment credits|credits are depleted|spending cap|spend cap/i;
const noQuota = /\blimit: 0(?![\d.])/;
const tokenLimit = /input token count.*exceeds the maximum/i;

function write(
  status: number,
  message: string,
  type: string,
  code: string | null,
  retryAfterSeconds: number | null,
): OpenAiError {
  return { status, body: `${JSON.stringify({ error: { message, type, param: null, code } })}\n`, retryAfterSeconds };
}

function classify(status: number, message: string, found: GoogleError | null): [type: string, code: string | null] {
  const word = found?.status?.toLowerCase() ?? null;
  switch (status) {
    case 400:
      return ["invalid_request_error", tokenLimit.test(message) ? "context_length_exceeded" : word];
    case 401:
      return ["authentication_error", word ?? "invalid_api_key"];
    case 403:
      return ["permission_error", word ?? "permission_denied"];
    case 404:
      return ["invalid_request_error", /\bmodels?\b/i.test(message) ? "model_not_found" : (word ?? "not_found")];
    case 429:
      return isHopeless(message, found)
        ? ["insufficient_quota", "insufficient_quota"]
        : ["rate_limit_error", "rate_limit_exceeded"];
    default:
      return [status >= 500 ? "server_error" : "invalid_request_error", word];
  }
}

function isHopeless(message: string, found: GoogleError | null): boolean {
  if (moneyGone.test(message) || noQuota.test(message)) return true;
  return violationsOf(found).some((violation) => violation["quotaValue"] === "0" || violation["quotaValue"] === 0);
}

function violationsOf(found: GoogleError | null): Record<string, unknown>[] {
  return (found?.details ?? []).flatMap((detail) => asList(detail["violations"])).filter(isRecord);
}

/** The larger of RetryInfo and the message's own words; for day quotas both are wrong (fact sheet upstream 4.4). */
function waitOf(message: string, found: GoogleError | null): number | null {
  if (violationsOf(found).some((violation) => /PerDay|Daily/.test(String(violation["quotaId"])))) return null;
  let seconds = 0;
  for (const detail of found?.details ?? []) {
    const delay = detail["retryDelay"];
    if (typeof delay === "string") seconds = Math.max(seconds, parseDuration(delay));
    else if (isRecord(delay))
      seconds = Math.max(seconds, Number(delay["seconds"] ?? 0) + Number(delay["nanos"] ?? 0) / 1e9 || 0);
  }
  const told = /retry in ((?:[\d.]+(?:ms|h|m|s))+)/i.exec(message);
  if (told !== null) seconds = Math.max(seconds, parseDuration(told[1] as string));
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds) : null;
}

/** `14s`, `0.5s`, `500ms`, `1h2m3.5s` in seconds. */
function parseDuration(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    seconds += Number(amount) * (unitSeconds[unit as string] as number);
  return seconds;
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

function parseError(text: string): GoogleError | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const holder = Array.isArray(value) ? value.find((element) => isRecord(element) && "error" in element) : value;
  const error = isRecord(holder) && "error" in holder ? holder["error"] : null;
  if (typeof error === "string") return { code: null, status: null, message: error, details: [] };
  if (!isRecord(error)) return null;
  const code = Number(error["code"]);
  return {
    code: code >= 400 && code < 600 ? code : null,
    status: typeof error["status"] === "string" ? error["status"] : null,
    message: typeof error["message"] === "string" ? error["message"] : "",
    details: asList(error["details"]).filter(isRecord),
  };
}

/** Words for a body without a message: an HTML page's title, short text, or nothing. */
function describe(status: number, text: string): string {
  const title = /<title>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  if (title !== undefined && title !== "") return `The upstream answered ${status}: ${clean(title)}`;
  const plain = /^\s*[<[{]/.test(text) ? "" : clean(text.trim()).slice(0, 300);
  return plain === ""
    ? `The upstream answered ${status} without an explanation.`
    : `The upstream answered ${status}: ${plain}`;
}

/** Suspended consumers are named by their key (fact sheet upstream 4.2). */
function clean(text: string): string {
  return text.replace(/api_key:[^\s'"]+/g, "api_key:[redacted]");
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
