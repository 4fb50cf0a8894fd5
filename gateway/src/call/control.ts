/**
 * The control port: admission, choice of credentials, verdicts' effects, the ledger.
 * In one process it answers at once; across processes (a Worker asking its Durable Object) later. So each question
 * gives its answer either as the return value, or returns null and calls the receiver.
 * @module
 */
import type { Admission, ClientKey } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import type { CallRecord } from "../core/records.ts";
import type { Effect, LearnedLimit } from "../core/verdict.ts";
import type { Pick, PickRequest } from "../pool/types.ts";

/** Takes answers that come later. */
export interface ControlReceiver {
  admitted(admission: Admission): void;
  planned(pick: Pick): void;
  /** The other side cannot be reached. */
  unavailable(): void;
}

/** What an attempt taught. */
export interface AttemptReport {
  lease: Lease;
  model: string | null;
  rule: string;
  effects: readonly Effect[];
  consumer: string | null;
  limits: readonly LearnedLimit[];
  succeeded: boolean;
  stickyKey: string | null;
  now: number;
}

/** Joins pool, clients and ledger for the call. */
export interface Control {
  /** @param digest SHA-256 of the presented key, hex; null when none was sent */
  admit(digest: string | null, receiver: ControlReceiver, now: number): Admission | null;
  /** Whether the client may use the model. Local: the client's limits came with the admission. */
  allows(client: ClientKey, model: string | null): boolean;
  /** @param callId for hosts that must find calls whose process died */
  plan(request: PickRequest, receiver: ControlReceiver, callId: string): Pick | null;
  /** Gives a lease back with what was learned. Exactly once for each lease. */
  report(report: AttemptReport): void;
  began(callId: string, startedAt: number): void;
  settle(record: CallRecord): void;
}
