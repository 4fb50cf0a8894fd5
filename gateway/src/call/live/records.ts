/**
 * The rows of a Live session: one for the session with its attempts, one for each turn with its usage.
 * @module
 */
import type { ClientKey } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { AttemptRecord, CallOutcome, CallRecord } from "../../core/records.ts";
import { micros } from "../attempt.ts";
import type { LiveTurn } from "./turns.ts";

/** What is known of a session when its row is written. */
export interface SessionFacts {
  id: string;
  /** Epoch milliseconds. */
  startedAt: number;
  client: ClientKey | null;
  path: string;
  model: string | null;
  /** What the client got: 101, or the status of the refusal. */
  status: number;
  outcome: CallOutcome;
  errorCode: ErrorCode | null;
  /** From the start to the server's `setupComplete`, milliseconds; null: it never came. */
  readyMs: number | null;
  totalMs: number;
  /** The gateway's own time before the session stood. */
  overheadMs: number;
  requestBytes: number;
  responseBytes: number;
  attempts: AttemptRecord[];
}

/** The session's row. Its usage is null: the turns tell it. */
export function toSessionRecord(facts: SessionFacts): CallRecord {
  return {
    ...shared(facts),
    id: facts.id,
    startedAt: facts.startedAt,
    backend: facts.attempts.length === 0 ? null : "gemini-api",
    operation: "live",
    status: facts.status,
    outcome: facts.outcome,
    errorCode: facts.errorCode,
    finishReason: null,
    usage: null,
    firstByteMicros: facts.readyMs === null ? null : micros(facts.readyMs),
    totalMicros: micros(facts.totalMs),
    overheadMicros: micros(facts.overheadMs),
    requestBytes: facts.requestBytes,
    responseBytes: facts.responseBytes,
    attempts: facts.attempts,
  };
}

/** The row of one turn. */
export function toTurnRecord(
  turn: LiveTurn,
  session: { id: string; client: ClientKey | null; path: string; model: string | null; lease: Lease },
): CallRecord {
  const { usage } = turn;
  const firstByteMicros = turn.firstServerMs === null ? null : micros(turn.firstServerMs);
  return {
    ...shared(session),
    id: session.id,
    startedAt: turn.startedAt,
    backend: "gemini-api",
    operation: "live-turn",
    status: 200,
    outcome: turn.complete ? "ok" : "incomplete",
    errorCode: null,
    finishReason: turn.reason,
    usage,
    firstByteMicros,
    totalMicros: micros(turn.durationMs),
    overheadMicros: 0,
    requestBytes: turn.requestBytes,
    responseBytes: turn.responseBytes,
    attempts: [
      {
        number: 1,
        credentialId: session.lease.credentialId,
        projectId: session.lease.projectId,
        offsetMicros: 0,
        durationMicros: micros(turn.durationMs),
        firstByteMicros,
        status: 200,
        rule: turn.complete ? "ok" : "live.unfinished",
        fault: "none",
        words: null,
        finishReason: turn.reason,
        modelServed: null,
        usage,
      },
    ],
  };
}

// --- helpers ---

function shared(session: {
  client: ClientKey | null;
  path: string;
  model: string | null;
}): Pick<CallRecord, "clientId" | "dialect" | "method" | "path" | "modelAsked" | "modelServed" | "stream"> {
  return {
    clientId: session.client === null ? null : session.client.id,
    dialect: "gemini",
    method: "GET",
    path: session.path,
    modelAsked: session.model === null ? null : session.model.slice(0, 200),
    modelServed: null,
    stream: true,
  };
}
