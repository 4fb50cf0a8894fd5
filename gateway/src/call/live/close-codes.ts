/**
 * Close codes and reasons (RFC 6455 7.4): what may be sent, what the gateway's own errors become, and how a text is cut.
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import { errorTable } from "../../core/errors.ts";
import { timeWords } from "../../core/scan/error-words.ts";

/** A closing handshake. */
export interface Close {
  code: number;
  reason: string;
}

/** A control frame holds 125 bytes, two of them the code (RFC 6455 5.5). */
export const reasonLimit = 123;

/** No code came: an empty close frame, or a connection that just ended (RFC 6455 7.4.1). These are never sent. */
export const noStatus = 1005;
export const abnormal = 1006;

/**
 * The close code of one of the gateway's errors: 1007 for what the client wrote, 1008 for what it may not do, 1013 for
 * what a later try may mend, 1011 for the rest, as Google does for exhausted quotas (fact sheet upstream 9).
 */
export function closeCodeOf(code: ErrorCode): number {
  switch (code) {
    case "live_setup_missing":
    case "body_malformed":
    case "model_missing":
    case "resources_apart":
      return 1007;
    case "body_too_large":
      return 1009;
    case "draining":
      return 1001;
    case "live_too_many":
    case "overloaded":
    case "state_unavailable":
      return 1013;
    default:
      return errorTable[code].status < 500 && errorTable[code].status !== 429 ? 1008 : isOfClient(code) ? 1008 : 1011;
  }
}

/**
 * A close for one of the gateway's errors.
 * @param facts `soonestMs`: epoch milliseconds at which a repeat makes sense; `words`: in place of the table's text
 */
export function closeOf(code: ErrorCode, facts: { soonestMs?: number | null; words?: string | null } = {}): Close {
  const soonest = timeWords(facts.soonestMs ?? null);
  const when = soonest === null ? "" : ` (free again at ${soonest})`;
  return {
    code: closeCodeOf(code),
    reason: cutReason(`${code}${when}: ${facts.words ?? errorTable[code].message}`),
  };
}

/**
 * A code as it can be passed on. 1005 is a close without a word, so it goes on as 1000; what cannot be sent goes on as 1011.
 * @param code as it was received; 1005 and 1006 mean that none was
 */
export function sendableCode(code: number): number {
  if (code === noStatus) return 1000;
  return isSendable(code) ? code : 1011;
}

/** Whether a close frame may carry the code. */
export function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== noStatus && code !== abnormal;
}

/** Cuts to 123 bytes of UTF-8 between code points; lone surrogates, which UTF-8 cannot hold, become `?`. */
export function cutReason(text: string): string {
  let bytes = 0;
  let cut = "";
  for (const point of text) {
    const code = point.codePointAt(0) as number;
    const lone = code >= 0xd800 && code <= 0xdfff;
    bytes += lone || code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > reasonLimit) return cut;
    cut += lone ? "?" : point;
  }
  return cut;
}

// --- helpers ---

/** 429s that are about the client's own limits, not about Google's. */
function isOfClient(code: ErrorCode): boolean {
  return code.startsWith("client_");
}
