/**
 * The gateway's own errors as Google writes errors (fact sheet upstream 4.1), so that every Gemini SDK reads them.
 * @module
 */
import { errorTable } from "../../core/errors.ts";
import { errorWords, timeWords, wholeSeconds, type ErrorFacts } from "../../core/scan/error-words.ts";

/** An answer ready to be sent, without content-length. */
export interface WrittenError {
  status: number;
  /** Flat `[name, value, …]`. */
  headers: string[];
  body: string;
}

/**
 * A whole error answer: pretty-printed, ErrorInfo always, RetryInfo when the time is known.
 * @param facts.arrayWrapped for streamGenerateContent without `alt=sse`, which answers in an array. @default false
 */
export function writeError(facts: ErrorFacts & { arrayWrapped?: boolean | undefined }): WrittenError {
  const body = JSON.stringify({ error: errorBody(facts) }, null, 2);
  const headers = ["content-type", "application/json; charset=UTF-8"];
  const wait = wholeSeconds(facts.retryAfterSeconds);
  if (wait !== null) headers.push("retry-after", String(wait));
  return {
    status: errorTable[facts.code].status,
    headers,
    body: facts.arrayWrapped === true ? `[${body}\n]\n` : `${body}\n`,
  };
}

/**
 * The error that ends an answer of which bytes are out already (fact sheet upstream 1.3: an event with `error`; SDKs throw
 * on it). In an array it is the last element, and the array is closed.
 * @param facts.anySent whether any byte of the answer's body went out
 * @param facts.midEvent the bytes sent so far end inside an event: that one is ended first, so that the error stands
 * alone. Of an array, a broken element cannot be mended: its JSON stays invalid, which is no false end either.
 * @default false
 */
export function writeStreamError(
  facts: ErrorFacts & { framing: "sse" | "json-array"; anySent: boolean; midEvent?: boolean | undefined },
): string {
  if (facts.framing === "json-array")
    return `${facts.anySent ? ",\r\n" : "["}${JSON.stringify({ error: errorBody(facts) }, null, 2)}\n]\n`;
  return `${facts.midEvent === true ? "\r\n\r\n" : ""}data: {"error": ${JSON.stringify(errorBody(facts))}}\r\n\r\n`;
}

// --- helpers ---

interface ErrorBody {
  code: number;
  message: string;
  status: string;
  details: Readonly<Record<string, unknown>>[];
}

function errorBody(facts: ErrorFacts): ErrorBody {
  const definition = errorTable[facts.code];
  const details: ErrorBody["details"] = [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: facts.code.toUpperCase(),
      domain: "gemini-proxy",
      metadata: metadataOf(facts),
    },
  ];
  const wait = wholeSeconds(facts.retryAfterSeconds);
  // Whole seconds with `s`: Gemini CLI parses nothing else.
  if (wait !== null) details.push({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${wait}s` });
  return { code: definition.status, message: errorWords(facts), status: definition.google, details };
}

/** Values are strings: `metadata` is a map of strings in google.rpc.ErrorInfo, and typed SDKs hold to it. */
function metadataOf(facts: ErrorFacts): Record<string, string> {
  const metadata: Record<string, string> = { requestId: facts.requestId };
  for (const [cause, count] of Object.entries(facts.causes ?? {})) metadata[cause] = String(count);
  const soonest = timeWords(facts.soonestMs ?? null);
  if (soonest !== null) metadata["soonestReset"] = soonest;
  return metadata;
}
