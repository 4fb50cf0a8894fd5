/**
 * The Durable Object that holds pool, client keys and ledger in its SQLite. One object, so picks are atomic and nothing
 * is eventually consistent; the bytes of calls do not pass through it.
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import type { Admission } from "../../clients/types.ts";
import type { CallRecord } from "../../core/records.ts";
import { toSecret } from "../../core/secret.ts";
import type { PickRequest } from "../../pool/types.ts";
import { readAdmin } from "../admin-reads.ts";
import { doWhatIsDue } from "./alarm.ts";
import { createLogger } from "./logger.ts";
import { loadObject, type LoadedObject } from "./loaded-object.ts";
import { toPlainLease } from "./plain-lease.ts";
import { workerClock } from "./ports.ts";
import type { WorkerEnvironment } from "./runtime.ts";
import type { CallMark, PlainPick, PlainReport, StateApi, StateHealth } from "./state-api.ts";

const alarmEveryMs = 60_000;

/** Holds the state. The class name is part of the deployment (wrangler.jsonc, migrations): do not rename it. */
export class GatewayState extends DurableObject<WorkerEnvironment> implements StateApi {
  #loading: Promise<LoadedObject> | null = null;
  #ledgerError: string | null = null;

  async admit(digest: string | null, now: number): Promise<Admission> {
    const { state } = await this.loaded();
    return state.clients.admit(digest, now);
  }

  async plan(request: PickRequest, call: CallMark): Promise<PlainPick> {
    const { state, openCalls, leases } = await this.loaded();
    // Asked for again, as the answer was lost: what it gave is free, before the choice is made.
    leases.givenBack(call.id);
    openCalls.began(call, request.model);
    const pick = state.pool.pick(request);
    if (!pick.ok) return pick;
    leases.taken(call.id, pick.lease);
    return { ok: true, lease: toPlainLease(pick.lease) };
  }

  async report(report: PlainReport): Promise<void> {
    const { state, leases, logger } = await this.loaded();
    const { pool } = state;
    // The pool knows a credential by its id.
    const lease = { ...report.lease, secret: toSecret("") };
    leases.givenBack(report.callId);
    if (report.effects.length > 0 || report.consumer !== null || report.limits.length > 0)
      pool.apply({ ...report, lease });
    if (report.succeeded) pool.succeed(lease, report.model, report.stickyKey, report.now);
    try {
      await state.saveHealth();
    } catch (error) {
      // It holds in memory, and what was not written is written with the next one.
      logger.log("error", "health.unsaved", { cause: messageOf(error) });
    }
  }

  async settle(record: CallRecord): Promise<void> {
    const object = await this.loaded();
    object.leases.givenBack(record.id);
    try {
      await object.record([record]);
      this.#ledgerError = null;
    } catch (error) {
      this.#ledgerError = messageOf(error);
      object.logger.log("error", "ledger.failed", { call: record.id, cause: messageOf(error) });
      throw error;
    }
  }

  async health(): Promise<StateHealth> {
    const { state } = await this.loaded();
    return { usable: state.pool.counts(workerClock.now()).usable, ledgerError: this.#ledgerError };
  }

  async admin(path: string, query: string): Promise<string | null> {
    const { state, store } = await this.loaded();
    const sources = { pool: state.pool, store, recorder: null, now: () => workerClock.now() };
    const value = await readAdmin(sources, path, new URLSearchParams(query));
    if (value === undefined) return null;
    return JSON.stringify(
      path === "status" ? { ...(value as object), ledger: { lastError: this.#ledgerError } } : value,
    );
  }

  async alarm(): Promise<void> {
    try {
      await doWhatIsDue(await this.loaded(), workerClock.now());
    } catch {
      // Logged where it happened; the next request or alarm loads again.
    } finally {
      await this.ctx.storage.setAlarm(workerClock.now() + alarmEveryMs);
    }
  }

  /** Loads once; what could not be loaded is tried again by the next request, and no call meets a half-made object. */
  protected loaded(): Promise<LoadedObject> {
    this.#loading ??= loadObject(this.ctx, this.env, { firstAlarm: workerClock.now() + alarmEveryMs }).catch(
      (error: unknown) => {
        this.#loading = null;
        createLogger("error").log("error", "state.unloadable", { cause: messageOf(error) });
        throw error;
      },
    );
    return this.#loading;
  }
}

// --- helpers ---

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
