/**
 * The Durable Object that holds pool, client keys and ledger in its SQLite. One object, so picks are atomic and nothing
 * is eventually consistent; the bytes of calls do not pass through it.
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import type { ControlReceiver, Plan, PlanRequest, TokenAdmission } from "../../call/control.ts";
import { refusedTokenRule } from "../../call/plan-account.ts";
import type { ResponseArchive, StoredResponse } from "../../call/response-archive.ts";
import type { Admission, ClientEstimate, ClientKey, ClientReservation, Reserved } from "../../clients/types.ts";
import type { CallRecord } from "../../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceName } from "../../core/resources.ts";
import { toSecret } from "../../core/secret.ts";
import type { CapturedCallData } from "../capture-collector.ts";
import { toFrontRequest, toResponse } from "../fetch/front-response.ts";
import { isAdminPath } from "../front/local-path.ts";
import type { RequestInfo } from "../front/request-info.ts";
import type { StoredSettings } from "../settings-control.ts";
import { doWhatIsDue } from "./alarm.ts";
import { createLogger } from "./logger.ts";
import { loadObject, type LoadedObject } from "./loaded-object.ts";
import { toPlainLease } from "./plain-lease.ts";
import { workerClock } from "./ports.ts";
import type { WorkerEnvironment } from "./runtime.ts";
import type { CallMark, PlainPlan, PlainReport, StateApi, StateHealth } from "./state-api.ts";

const alarmEveryMs = 60_000;
/** Uses of quotas and limits change with every call; the object may be put to sleep at any moment between two. */
const saveUsesEveryMs = 5_000;
/** The control answers at once here. */
const nobody = null as unknown as ControlReceiver;

/** Holds the state. The class name is part of the deployment (wrangler.jsonc, migrations): do not rename it. */
export class GatewayState extends DurableObject<WorkerEnvironment> implements StateApi {
  #loading: Promise<LoadedObject> | null = null;
  #ledgerError: string | null = null;
  #usesSavedAt = 0;

  async admit(digest: string | null, now: number, address: string | null): Promise<Admission> {
    const { state } = await this.loaded();
    return state.clients.admit(digest, now, address);
  }

  async admitToken(name: ResourceName, now: number, address: string | null): Promise<TokenAdmission> {
    const { control } = await this.loaded();
    return control.admitToken(name, nobody, now, address) as TokenAdmission;
  }

  async reserve(client: ClientKey, estimate: ClientEstimate, now: number, call: CallMark): Promise<Reserved> {
    const { control, openCalls, outstanding } = await this.loaded();
    const reserved = outstanding.reserve(call.id, () => control.reserve(client, estimate, nobody, now) as Reserved);
    // Marked, or nobody would give it back when the worker dies. What was refused holds nothing.
    if (reserved.ok) openCalls.began(call, null);
    return reserved;
  }

  async plan(request: PlanRequest, call: CallMark, attempt = 0): Promise<PlainPlan> {
    const { control, openCalls, outstanding } = await this.loaded();
    openCalls.began(call, request.model);
    const asked = { number: attempt, now: request.now };
    const later = laterPlan();
    const now = outstanding.plan(call.id, asked, () => control.plan(request, later.receiver, call.id));
    const plan = now ?? (await later.plan);
    if (now === null) outstanding.planned(call.id, asked, plan);
    return plan.ok ? { ...plan, lease: toPlainLease(plan.lease) } : plan;
  }

  async report(report: PlainReport): Promise<void> {
    const { state, outstanding, accounts } = await this.loaded();
    const { pool } = state;
    const { callId, attempt = 0, used, now } = report;
    if (!outstanding.report(callId, { number: attempt, used, now })) return this.#save();
    // The pool knows a credential by its id.
    const lease = { ...report.lease, secret: toSecret("") };
    if (report.rule === refusedTokenRule) accounts.keeper.refused(lease, now);
    if (report.effects.length > 0 || report.consumer !== null || report.limits.length > 0)
      pool.apply({ ...report, lease });
    if (report.succeeded) pool.succeed(lease, report.model, report.stickyKey, report.now);
    await this.#save();
  }

  /** Kept before the worker lets the client know: a follow-up call may come through another isolate. */
  async bind(bindings: readonly ResourceBinding[], now: number): Promise<void> {
    const { state } = await this.loaded();
    state.affinity.bind(bindings, now);
    await this.#save();
  }

  async forget(name: ResourceName): Promise<void> {
    const { state } = await this.loaded();
    state.affinity.forget(name);
    await this.#save();
  }

  async filter(names: readonly ResourceName[], client: ResourceClient, now: number): Promise<readonly ResourceName[]> {
    const { control } = await this.loaded();
    return control.filter(names, client, nobody, now) as readonly ResourceName[];
  }

  async settle(record: CallRecord, reservation: ClientReservation | null = null): Promise<void> {
    const object = await this.loaded();
    // Taken out first: when the ledger fails below, the whole question is asked again.
    const held = object.outstanding.end(record.id, reservation);
    // The control has no recorder here: rows are written below, and an error reaches the worker.
    if (held !== null) object.control.settle(record, held);
    try {
      await object.record([record]);
      this.#ledgerError = null;
    } catch (error) {
      this.#ledgerError = messageOf(error);
      object.logger.log("error", "ledger.failed", { call: record.id, cause: messageOf(error) });
      throw error;
    } finally {
      await this.#save();
    }
  }

  async health(): Promise<StateHealth> {
    const { state } = await this.loaded();
    return { usable: state.pool.counts(workerClock.now()).usable, ledgerError: this.#ledgerError };
  }

  async storedSettings(): Promise<StoredSettings> {
    const { store } = await this.loaded();
    return store.administration.settings.list();
  }

  async capture(batch: readonly CapturedCallData[]): Promise<void> {
    const { captures } = await this.loaded();
    await captures.capture(batch);
  }

  async keepResponse(response: StoredResponse): Promise<void> {
    const { responses } = await this.loaded();
    await responses.keep(response);
  }

  async findResponse(question: Parameters<ResponseArchive["get"]>[0]): Promise<StoredResponse | null> {
    const { responses } = await this.loaded();
    return new Promise((resolve) => responses.get(question, resolve));
  }

  async removeResponse(question: Parameters<ResponseArchive["remove"]>[0]): Promise<boolean> {
    const { responses } = await this.loaded();
    return new Promise((resolve) => responses.remove(question, resolve));
  }

  async own(request: Request, info: RequestInfo): Promise<Response> {
    const { own } = await this.loaded();
    const asked = toFrontRequest(request);
    if (isAdminPath(asked.url)) return own.admin.fetch(request, info);
    return toResponse(await own.front.answer(asked), request.method);
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

  async #save(): Promise<void> {
    const { state, logger } = await this.loaded();
    try {
      const now = workerClock.now();
      const withUses = now - this.#usesSavedAt >= saveUsesEveryMs;
      if (withUses) this.#usesSavedAt = now;
      await (withUses ? state.saveHealth() : state.saveUrgent());
    } catch (error) {
      // It holds in memory, and what was not written is written with the next one.
      logger.log("error", "health.unsaved", { cause: messageOf(error) });
    }
  }

  /** Loads once; what could not be loaded is tried again by the next request, and no call meets a half-made object. */
  protected loaded(): Promise<LoadedObject> {
    this.#loading ??= loadObject(this.ctx, this.env, {
      firstAlarm: workerClock.now() + alarmEveryMs,
      ledgerError: () => this.#ledgerError,
    }).catch((error: unknown) => {
      this.#loading = null;
      createLogger("error").log("error", "state.unloadable", { cause: messageOf(error) });
      throw error;
    });
    return this.#loading;
  }
}

// --- helpers ---

/** Takes a plan that comes later. */
function laterPlan(): { receiver: ControlReceiver; plan: Promise<Plan> } {
  let receiver = nobody;
  const plan = new Promise<Plan>((resolve, reject) => {
    const unavailable = (): void => reject(new Error("The plan could not be made."));
    receiver = { planned: resolve, unavailable } as Partial<ControlReceiver> as ControlReceiver;
  });
  return { receiver, plan };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
