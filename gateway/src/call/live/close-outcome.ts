/**
 * A close before or after the session stood, as an outcome that the verdict can judge. Google closes with its error's text
 * as the reason, cut to 123 bytes, and with few codes (fact sheet upstream 9), so the text's beginning tells the rest.
 * @module
 */
import type { Outcome } from "../outcome.ts";
import { abnormal, noStatus, type Close } from "./close-codes.ts";

/** What is known besides. */
export interface CloseFacts {
  model: string | null;
  namesResource: boolean;
  /** Epoch milliseconds. */
  now: number;
}

/** Texts by how they begin. Google repeats names of the client's further on, so nothing is looked for in the middle. */
const beginnings: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/^(?:API key (?:not valid|expired|not found)|Invalid Auth key|User location is not supported)/i, 400],
  [/^Request had invalid authentication credentials/i, 401],
  [
    /^(?:Your API key was reported as leaked|Your project has been denied|Permission denied|Method doesn't allow unregistered|Requests to this API |Generative Language API has not been used)/i,
    403,
  ],
  [/^(?:models\/.{1,100}?(?: is not found| is not supported|$)|This model )/i, 404],
  [
    /^(?:You exceeded your current quota|Quota exceeded|Resource has been exhausted|Your prepayment credits|Your project has exceeded its|Your billing account has exceeded|RESOURCE_EXHAUSTED)/i,
    429,
  ],
  [/^(?:The model is overloaded|This model is currently experiencing|The service is currently unavailable)/i, 503],
];

/** gRPC names, which the judge reads beside the text. */
const statusNames: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** Maps a close to an outcome. */
export function outcomeOfClose(close: Close, facts: CloseFacts): Outcome {
  const { code, reason } = close;
  const status = statusOf(code, reason);
  if (status === null)
    return {
      kind: "cut",
      words: `closed with ${code}${reason === "" ? "" : `: ${reason}`}`,
      // Nothing was generated before the session stood.
      repeatable: true,
      now: facts.now,
    };
  return {
    kind: "status",
    status,
    headers: [],
    body: JSON.stringify({ error: { code: status, message: reason, status: statusNames[status] ?? "UNKNOWN" } }),
    backend: "gemini-api",
    model: facts.model,
    namesResource: facts.namesResource,
    repeatable: true,
    streaming: true,
    now: facts.now,
  };
}

/** Whether a session that stood was ended as sessions are: by agreement, or because its time was over. */
export function isGoodEnd(code: number, goneAway: boolean): boolean {
  return code === 1000 || code === 1001 || code === noStatus || (goneAway && code !== abnormal);
}

/** The close for a client whose upgrade Google refused with an HTTP status, as Google would have closed. */
export function closeOfRefusal(status: number, reason: string): Close {
  return { code: status === 400 ? 1007 : status < 500 && status !== 429 ? 1008 : 1011, reason };
}

// --- helpers ---

/** Null: the close tells nothing but that it is over. */
function statusOf(code: number, reason: string): number | null {
  switch (code) {
    case 1007:
    case 1008:
    case 1011: {
      const told = beginnings.find(([pattern]) => pattern.test(reason));
      return told === undefined ? (code === 1011 ? 500 : 400) : told[1];
    }
    case 1003:
    case 1009:
    case 1010:
      return 400;
    case 1012:
    case 1013:
      return 503;
    default:
      return null;
  }
}
