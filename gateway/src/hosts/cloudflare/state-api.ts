/**
 * The calls between a Worker and the Durable Object that holds the state. Everything here is plain data.
 * @module
 */
import type { AttemptReport } from "../../call/control.ts";
import type { Admission } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { CallRecord } from "../../core/records.ts";
import type { Pick, PickRequest } from "../../pool/types.ts";

/** A lease with its secret in plain text: it travels inside the platform only, from the object to the worker. */
export type PlainLease = Omit<Lease, "secret"> & { secret: string };
export type PlainPick = { ok: true; lease: PlainLease } | Extract<Pick, { ok: false }>;
export type PlainReport = Omit<AttemptReport, "lease"> & { lease: Omit<Lease, "secret">; callId: string };

/** What the object must know of a call to write it down should its worker die. */
export interface CallMark {
  id: string;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** How the object fares. */
export interface StateHealth {
  /** Credentials that may serve at least one model now. */
  usable: number;
  /** What the last write to the ledger failed with; null: it went well. */
  ledgerError: string | null;
}

/** Methods of the state object, called over RPC. All may be called twice for the same thing without harm. */
export interface StateApi {
  admit(digest: string | null, now: number): Promise<Admission>;
  plan(request: PickRequest, call: CallMark): Promise<PlainPick>;
  report(report: PlainReport): Promise<void>;
  settle(record: CallRecord): Promise<void>;
  health(): Promise<StateHealth>;
  /** @returns JSON text; null: there is no such path */
  admin(path: string, query: string): Promise<string | null>;
}
