/**
 * What the ledger keeps: a row a call, a row an attempt.
 * @module
 */
import type { Fault } from "./verdict.ts";
import type { Usage } from "./usage.ts";

/** A client's wire format. */
export type Dialect = "gemini" | "openai-chat" | "openai-responses" | "anthropic";
/** An upstream's wire format. */
export type Backend = "gemini-api" | "gemini-openai" | "code-assist";

/**
 * How a call ended.
 * - `ok`: a whole answer was relayed (also an answer that Google blocked: its finish reason says so);
 * - `error`: the client got an error status, from upstream or from the gateway (`errorCode` says which);
 * - `refused`: not admitted: no attempt was made;
 * - `incomplete`: bytes went out, then the upstream broke, stalled or reported an error inside the stream;
 * - `cancelled`: the client left first;
 * - `interrupted`: the process died while the call was under way (written at the next start).
 */
export type CallOutcome = "ok" | "error" | "refused" | "incomplete" | "cancelled" | "interrupted";

/** One try of a call at an upstream. Times in microseconds. */
export interface AttemptRecord {
  /** 1, 2, 3 … within its call. */
  number: number;
  credentialId: string;
  projectId: string;
  /** From the call's start to the dispatch of this attempt. */
  offsetMicros: number;
  /** From dispatch to its end. */
  durationMicros: number;
  /** From dispatch to the first body byte; null when none came. */
  firstByteMicros: number | null;
  /** HTTP status of the upstream; null when no head came. */
  status: number | null;
  /** Verdict rule id. */
  rule: string;
  fault: Fault;
  /** Redacted text of an error, and what was unusual about the attempt; null when it went well as usual. */
  words: string | null;
  finishReason: string | null;
  modelServed: string | null;
  /** Null: unknown (no usage was seen). */
  usage: Usage | null;
}

/** One client request. */
export interface CallRecord {
  /** Sortable by time; also the value of `x-gproxy-request-id`. */
  id: string;
  /** Epoch milliseconds. */
  startedAt: number;
  clientId: string | null;
  dialect: Dialect;
  backend: Backend | null;
  /** `generate`, `stream-generate`, `count-tokens`, `embed`, `models`, `chat`, `upload`, … */
  operation: string;
  method: string;
  /** Path without query, cut to 300 characters. */
  path: string;
  modelAsked: string | null;
  modelServed: string | null;
  stream: boolean;
  /** The status the client got; 499 when it left before a head was sent. */
  status: number;
  outcome: CallOutcome;
  /** Code of core/errors when the gateway itself answered or ended the call; else null. */
  errorCode: string | null;
  finishReason: string | null;
  /** Sum over all attempts that reported usage; null when none did. */
  usage: Usage | null;
  /** Start to first body byte to the client; null when none was sent. */
  firstByteMicros: number | null;
  totalMicros: number;
  /** The gateway's own time before the answer's head went out: total to head, less the time attempts were under way. */
  overheadMicros: number;
  requestBytes: number;
  responseBytes: number;
  attempts: AttemptRecord[];
}
