/**
 * The control port: admission, choice of credentials, ownership of resources, limits, verdicts' effects, the ledger.
 * In one process it answers at once; across processes (a Worker asking its Durable Object) later. So each question
 * gives its answer either as the return value, or returns null and calls the receiver.
 * @module
 */
import type { Admission, ClientEstimate, ClientKey, ClientReservation, Reserved } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { CallRecord } from "../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceKind, ResourceName, ResourceOwner } from "../core/resources.ts";
import type { Effect, LearnedLimit } from "../core/verdict.ts";
import type { Pick, PickRequest } from "../pool/types.ts";

/** What a plan is made for: a pick, and what the call has to do with resources. */
export interface PlanRequest extends Omit<PickRequest, "owner" | "prefer"> {
  client: ResourceClient;
  /** Canonical names of what the call names; empty: nothing. */
  names: readonly ResourceName[];
  /** It creates something that stays in its project: it goes where the client's other resources are. */
  creates: boolean;
  /** A list call asks each project that has something of the kind: the first after this project id (empty: the first). */
  list: { kind: ResourceKind; after: string } | null;
  /** What is named is looked for: the projects of the credentials that were tried do not have it. */
  searching?: boolean;
  /** The last thought signature in the body: the project that made it is preferred, but can be replaced. Null: none. */
  signature: ResourceName | null;
}

/** The answer to a plan. */
export type Plan =
  | {
      ok: true;
      lease: Lease;
      /** The project that the call is bound to; null: any. */
      owner: ResourceOwner | null;
      /** Named, but never seen: any project may have it, and the one that answers well becomes its owner. */
      unknown: readonly ResourceName[];
      /** The signature's project of today is another one: Google would refuse it. */
      foreignSignature: boolean;
      /** Of list calls: the project that is asked, and how many before it could not be. */
      listed: { projectId: string; skipped: number } | null;
    }
  /** `owned`: only the owner's project counted. */
  | (Extract<Pick, { ok: false }> & { owned?: boolean })
  /** `forbidden`: of another client; `apart`: two projects; `list-end`: no further project has something. */
  | { ok: false; reason: "forbidden" | "apart"; words: string }
  | { ok: false; reason: "list-end"; skipped: number };

/** An upload session or an ephemeral token, which stands for its client's key. */
export type TokenAdmission = { ok: true; client: ClientKey; binding: ResourceBinding } | { ok: false; code: ErrorCode };

/** Takes answers that come later. */
export interface ControlReceiver {
  admitted(admission: Admission): void;
  tokenAdmitted(admission: TokenAdmission): void;
  reserved(reserved: Reserved): void;
  planned(plan: Plan): void;
  /** What was bound is safe: a follow-up call will find it. */
  bound(): void;
  /** For list calls: which of the names the client may see. */
  filtered(visible: readonly ResourceName[]): void;
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
  /** What it took from the quota. Null: it never reached Google. `tokens` null: not told. */
  used: { tokens: number | null } | null;
  now: number;
}

/** Joins pool, clients and ledger for the call. */
export interface Control {
  /**
   * @param digest SHA-256 of the presented key, hex; null when none was sent
   * @param address the client's address, for IP ranges; null: not known
   */
  admit(digest: string | null, receiver: ControlReceiver, now: number, address: string | null): Admission | null;
  /** @param name canonical name of the session or token: `uploads/<digest>`, `authTokens/<digest>` */
  admitToken(name: ResourceName, receiver: ControlReceiver, now: number, address: string | null): TokenAdmission | null;
  /** Whether the client may use the model. Local: the client's limits came with the admission. */
  allows(client: ClientKey, model: string | null): boolean;
  /** Takes from the client's limits. Only asked for clients that have some. */
  reserve(client: ClientKey, estimate: ClientEstimate, receiver: ControlReceiver, now: number): Reserved | null;
  /** Price of a call in nano-dollars as far as it can be told before; null: unknown. Local. */
  estimateCost(model: string | null, tokens: { input: number; output: number }, now: number): number | null;
  /** @param callId for hosts that must find calls whose process died */
  plan(request: PlanRequest, receiver: ControlReceiver, callId: string): Plan | null;
  /** Gives a lease back with what was learned. Exactly once for each lease. */
  report(report: AttemptReport): void;
  /** Remembers owners. True: done; false: `receiver.bound()` follows. */
  bind(bindings: readonly ResourceBinding[], receiver: ControlReceiver, now: number): boolean;
  /** It is gone. */
  forget(name: ResourceName): void;
  /** Which of a list's names the client may see: null: `receiver.filtered` follows. */
  filter(
    names: readonly ResourceName[],
    client: ResourceClient,
    receiver: ControlReceiver,
    now: number,
  ): readonly ResourceName[] | null;
  began(callId: string, startedAt: number): void;
  /** @param reservation what the client's limits gave; null: nothing */
  settle(record: CallRecord, reservation: ClientReservation | null): void;
}
