/**
 * The calls between a Worker and the Durable Object that holds the state. Everything here is plain data.
 * @module
 */
import type { AttemptReport, Plan, PlanRequest, TokenAdmission } from "../../call/control.ts";
import type { ResponseArchive, StoredResponse } from "../../call/response-archive.ts";
import type { Admission, ClientEstimate, ClientKey, ClientReservation, Reserved } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { CallRecord } from "../../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceName } from "../../core/resources.ts";
import type { CapturedCallData } from "../capture-collector.ts";
import type { RequestInfo } from "../front/request-info.ts";
import type { StoredSettings } from "../settings-control.ts";

/** A lease with its secret in plain text: it travels inside the platform only, from the object to the worker. */
export type PlainLease = Omit<Lease, "secret" | "proxy"> & { secret: string };
export type PlainPlan =
  | (Omit<Extract<Plan, { ok: true }>, "lease"> & { lease: PlainLease })
  | Extract<Plan, { ok: false }>;
export type PlainReport = Omit<AttemptReport, "lease"> & {
  lease: Omit<Lease, "secret" | "proxy">;
  callId: string;
  /** Number of the plan within its call that gave the lease. @default 0 */
  attempt?: number;
};

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
  admit(digest: string | null, now: number, address: string | null): Promise<Admission>;
  admitToken(name: ResourceName, now: number, address: string | null): Promise<TokenAdmission>;
  /** What the call holds already is given again. */
  reserve(client: ClientKey, estimate: ClientEstimate, now: number, call: CallMark): Promise<Reserved>;
  /** @param attempt number of the plan within its call: the same one is the same question, asked again. @default 0 */
  plan(request: PlanRequest, call: CallMark, attempt?: number): Promise<PlainPlan>;
  report(report: PlainReport): Promise<void>;
  bind(bindings: readonly ResourceBinding[], now: number): Promise<void>;
  forget(name: ResourceName): Promise<void>;
  filter(names: readonly ResourceName[], client: ResourceClient, now: number): Promise<readonly ResourceName[]>;
  settle(record: CallRecord, reservation: ClientReservation | null): Promise<void>;
  health(): Promise<StateHealth>;
  /** Settings that operators stored, by name. */
  storedSettings(): Promise<StoredSettings>;
  /** Keeps captured bodies. */
  capture(batch: readonly CapturedCallData[]): Promise<void>;
  /** Keeps a response of OpenAI's Responses API; written when it resolves. */
  keepResponse(response: StoredResponse): Promise<void>;
  findResponse(question: Parameters<ResponseArchive["get"]>[0]): Promise<StoredResponse | null>;
  /** Whether it was there: when asked twice, the second answer is no. */
  removeResponse(question: Parameters<ResponseArchive["remove"]>[0]): Promise<boolean>;
  /**
   * Answers one of the gateway's own paths: the admin API, metrics. The only method whose second asking may do harm.
   * @param request as it came
   * @param info what the platform says of its sender
   */
  own(request: Request, info: RequestInfo): Promise<Response>;
}
