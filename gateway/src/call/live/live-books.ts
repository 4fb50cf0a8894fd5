/**
 * What a Live session writes down: its attempts and leases, its turns, what it binds, and its own row at the end.
 * @module
 */
import type { ClientKey, ClientReservation } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { AttemptRecord, CallOutcome } from "../../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceName } from "../../core/resources.ts";
import type { Fault, Verdict } from "../../core/verdict.ts";
import { toAttemptRecord, type Attempt } from "../attempt.ts";
import type { ControlReceiver } from "../control.ts";
import type { CallEnvironment } from "../environment.ts";
import { lifetimes } from "../resources/names.ts";
import { toSessionRecord, toTurnRecord } from "./records.ts";
import type { ServerMessage } from "./server-message.ts";
import { createTurns, type LiveTurn, type Moment } from "./turns.ts";

/** What is written to an attempt's row. */
export type Judged = Pick<Verdict, "rule" | "words"> & { fault: Fault };

/** One session's books. */
export class LiveBooks {
  readonly attempts: AttemptRecord[] = [];
  /** Ids of credentials that were tried. */
  tried: string[] = [];
  client: ClientKey | null = null;
  reservation: ClientReservation | null = null;
  path = "";
  /** The model that is asked for, without `models/`. */
  model: string | null = null;
  /** What the client got: 101, or the status of a refusal; 0: nothing yet. */
  status = 0;
  setupBytes = 0;
  /** Monotonic milliseconds at which the session stood; -1: it does not. */
  readyMono = -1;
  /** Milliseconds spent waiting for the client's first message and for attempts: not the gateway's own. */
  waitedMs = 0;
  readonly #env: CallEnvironment;
  readonly #id: string;
  readonly #startedAt: number;
  readonly #startedMono: number;
  readonly #turns = createTurns();
  #promptTokens = 0;

  constructor(environment: CallEnvironment, session: { id: string; startedAt: number; startedMono: number }) {
    this.#env = environment;
    this.#id = session.id;
    this.#startedAt = session.startedAt;
    this.#startedMono = session.startedMono;
  }

  /** As the index of resources sees the client. */
  get resourceClient(): ResourceClient {
    const client = this.client as ClientKey;
    const shared = client.resourceScope === "shared" || this.#env.settings.resourceSharing === "all";
    return { id: client.id, shared };
  }

  /** The admitted client's session is under way. */
  begin(client: ClientKey): void {
    this.client = client;
    this.#env.control.began(this.#id, this.#startedAt);
  }

  /** Ends an attempt: its row is written, its lease given back. */
  closeAttempt(attempt: Attempt, judged: Judged, facts: { verdict: Verdict | null; succeeded: boolean }): void {
    attempt.phase = "done";
    this.tried.push(attempt.lease.credentialId);
    const times = { startedAt: this.#startedMono, now: this.#env.clock.monotonic() };
    this.attempts.push(toAttemptRecord(attempt, judged, null, times));
    this.giveBack(attempt.lease, { ...facts, used: this.#usedBy(attempt, facts.verdict) });
  }

  /** Gives a lease back with what was learned. */
  giveBack(
    lease: Lease,
    facts: { verdict: Verdict | null; succeeded: boolean; used: { tokens: number | null } | null },
  ): void {
    const { verdict } = facts;
    this.#env.control.report({
      lease,
      model: this.model,
      rule: verdict === null ? "ok" : verdict.rule,
      effects: verdict === null ? [] : verdict.effects,
      consumer: verdict === null ? null : verdict.consumer,
      limits: verdict === null ? [] : verdict.limits,
      succeeded: facts.succeeded,
      stickyKey: null,
      used: facts.used,
      now: this.#env.clock.now(),
    });
  }

  /** A turn is under way, or over with its usage still to come. */
  get turnOpen(): boolean {
    return this.#turns.open;
  }

  /** A message went up. */
  sent(bytes: number, moment: Moment): void {
    this.#turns.sent(bytes, moment);
  }

  /** A message of the server: the turns that it ends are written at once. */
  received(told: ServerMessage, bytes: number, parts: { lease: Lease; moment: Moment }): void {
    for (const turn of this.#turns.received(told, bytes, parts.moment)) this.#record(turn, parts.lease);
  }

  /** What the server had begun to answer is written, with what is known of it. */
  endTurn(lease: Lease, moment: Moment): void {
    const turn = this.#turns.end(moment);
    if (turn !== null) this.#record(turn, lease);
  }

  /** Remembers that the lease's project has these. Nothing waits for it: they are asked for minutes later at the earliest. */
  bind(names: readonly ResourceName[], parts: { lease: Lease; receiver: ControlReceiver }): void {
    const { lease, receiver } = parts;
    const { id, shared } = this.resourceClient;
    const now = this.#env.clock.now();
    const bindings: ResourceBinding[] = [];
    for (const name of names) {
      // Of what else a setup names, a session that stands proves nothing: whoever names it would be taken for its owner.
      const kind = name.startsWith("liveHandles/")
        ? "live-handle"
        : name.startsWith("fileSearchStores/")
          ? "store"
          : null;
      if (kind === null) continue;
      const lifetime = lifetimes[kind];
      bindings.push({
        name,
        kind,
        credentialId: lease.credentialId,
        projectId: lease.projectId,
        clientId: shared ? null : id,
        createdAt: now,
        expiresAt: lifetime === null ? null : now + lifetime,
        detail: null,
      });
    }
    if (bindings.length > 0) this.#env.control.bind(bindings, receiver, now);
  }

  /** Writes the session's row. Refused strangers are not recorded (decision 0009). */
  settle(outcome: CallOutcome, errorCode: ErrorCode | null): void {
    if (this.client === null) return;
    const { loose } = this.#turns;
    const totalMs = this.#env.clock.monotonic() - this.#startedMono;
    const readyMs = this.readyMono < 0 ? null : this.readyMono - this.#startedMono;
    const { reservation } = this;
    this.reservation = null;
    this.#env.control.settle(
      toSessionRecord({
        id: this.#id,
        startedAt: this.#startedAt,
        client: this.client,
        path: this.path,
        model: this.model,
        status: this.status,
        outcome,
        errorCode,
        readyMs,
        totalMs,
        overheadMs: (readyMs ?? totalMs) - this.waitedMs,
        requestBytes: this.setupBytes + loose.requestBytes,
        responseBytes: loose.responseBytes,
        attempts: this.attempts,
      }),
      reservation,
    );
  }

  // --- helpers ---

  #record(turn: LiveTurn, lease: Lease): void {
    const { clock, control, newId } = this.#env;
    const now = clock.now();
    const client = this.client as ClientKey;
    if (turn.usage !== null) this.#promptTokens += turn.usage.promptTokens + turn.usage.toolUseTokens;
    control.settle(
      toTurnRecord(turn, { id: newId(now), client, path: this.path, model: this.model, lease }),
      client.limits == null ? null : { clientId: client.id, at: now, tokens: 0, costNanoUsd: 0, partial: true },
    );
  }

  /** What an attempt took from the project's quota: a session is one request; one that Google refused counts none. */
  #usedBy(attempt: Attempt, verdict: Verdict | null): { tokens: number | null } | null {
    const { status } = attempt;
    const refused = status < 0 || status === 401 || status === 403 || status === 429 || status >= 500;
    return refused || (verdict !== null && this.readyMono < 0) ? null : { tokens: this.#promptTokens };
  }
}
