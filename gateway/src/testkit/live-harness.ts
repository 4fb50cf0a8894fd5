/**
 * A simulated world for Live sessions: a host that keeps what it is told, a control with a few credentials, timers by hand.
 * @module
 */
import { createHash } from "node:crypto";
import type { ClientKey, ClientReservation, Reserved } from "../clients/types.ts";
import type { AttemptReport, Control, Plan, PlanRequest } from "../call/control.ts";
import { createCallEnvironment, type CallEnvironment } from "../call/environment.ts";
import type { Close } from "../call/live/close-codes.ts";
import { LiveCall } from "../call/live/live-call.ts";
import type { LiveHost, LiveMessage, LiveSide, LiveUpstream } from "../call/live/live-host.ts";
import { createLiveSessions, type LiveSessions } from "../call/live/live-sessions.ts";
import type { Lease } from "../core/credential.ts";
import type { RawHeaders } from "../core/headers.ts";
import type { CallRecord } from "../core/records.ts";
import type { ResourceBinding } from "../core/resources.ts";
import { toSecret } from "../core/secret.ts";
import { nodeBytes } from "../hosts/node/bytes.ts";
import { parseSettings } from "../settings/parse.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock, type SimulatedClock } from "./simulated.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A text or binary message of JSON. */
export function message(value: object | string, binary = false): LiveMessage {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { data: new TextEncoder().encode(text), binary };
}

/** What a host was told, in order. */
export class KeptLiveHost implements LiveHost {
  refused: { status: number; headers: RawHeaders; body: string } | null = null;
  accepted: { protocol: string | null; headers: RawHeaders } | null = null;
  connects: LiveUpstream[] = [];
  sent: Record<LiveSide, LiveMessage[]> = { client: [], upstream: [] };
  closes: { side: LiveSide; code: number; reason: string }[] = [];
  cuts: LiveSide[] = [];
  paused: Record<LiveSide, boolean> = { client: false, upstream: false };
  /** Sides that take no more for now. */
  full: Record<LiveSide, boolean> = { client: false, upstream: false };
  timers: { ms: number; callback: () => void }[] = [];
  refuse(status: number, headers: RawHeaders, body: Uint8Array): void {
    this.refused = { status, headers, body: new TextDecoder().decode(body) };
  }
  accept(protocol: string | null, headers: RawHeaders): void {
    this.accepted = { protocol, headers };
  }
  connect(upstream: LiveUpstream): void {
    this.connects.push(upstream);
  }
  cut(side: LiveSide): void {
    this.cuts.push(side);
  }
  send(side: LiveSide, sent: LiveMessage): boolean {
    this.sent[side].push(sent);
    return !this.full[side];
  }
  close(side: LiveSide, code: number, reason: string): void {
    this.closes.push({ side, code, reason });
  }
  pause(side: LiveSide): void {
    this.paused[side] = true;
  }
  resume(side: LiveSide): void {
    this.paused[side] = false;
  }
  later(ms: number, callback: () => void): () => void {
    const timer = { ms, callback };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  }
  /** Runs the timer that is due first. */
  fire(): number | null {
    const timer = this.timers.toSorted((one, other) => one.ms - other.ms)[0];
    if (timer === undefined) return null;
    this.timers = this.timers.filter((one) => one !== timer);
    timer.callback();
    return timer.ms;
  }
  /** Texts that went to a side. */
  texts(side: LiveSide): string[] {
    return this.sent[side].map(({ data }) => new TextDecoder().decode(data));
  }
}

/** What the control was told. */
export interface KeptControl {
  reports: AttemptReport[];
  settled: { record: CallRecord; reservation: ClientReservation | null }[];
  bound: ResourceBinding[];
  plans: PlanRequest[];
  /** Lent and not given back. */
  leases: number;
}

/** A world. */
export interface LiveWorld extends KeptControl {
  clock: SimulatedClock;
  environment: CallEnvironment;
  sessions: LiveSessions;
  logged: readonly { event: string; fields?: unknown }[];
  /** Opens a session up to its upgrade, or its refusal. */
  open(url?: string, headers?: string[]): { call: LiveCall; host: KeptLiveHost };
}

/** The client key of all worlds, the path of Live sessions, and the same with the key. */
export const harnessKey = "gp-live-harness";
export const livePath = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
export const harnessUrl: string = `${livePath}?key=${harnessKey}`;

/**
 * Makes a world with credentials `cred_0` … of one project each.
 * @param options `client`: what its key may do; `reserve`: the answer to a reservation; `owners`: name → credential's number
 */
export function createLiveWorld(
  options: {
    credentials?: number;
    settings?: Record<string, string>;
    client?: Partial<ClientKey>;
    reserve?: Reserved;
    owners?: Record<string, number>;
    tokens?: readonly string[];
    /** Answers come later, by this list of things to do. */
    deferred?: (() => void)[];
  } = {},
): LiveWorld {
  const clock = createSimulatedClock();
  const logger = createKeptLogger();
  const client: ClientKey = {
    id: "client_1",
    name: "one",
    digest: sha256(harnessKey),
    prefix: "gp-live",
    source: "env",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
    ...options.client,
  };
  const kept: KeptControl = { reports: [], settled: [], bound: [], plans: [], leases: 0 };
  const resting = new Map<string, number>();
  const control = toControl();
  const { settings } = parseSettings({ GEMINI_API_KEY: "unused", ...options.settings });
  const environment = createCallEnvironment({
    settings,
    clock,
    random: createSeededRandom(3),
    logger,
    bytes: nodeBytes,
    digest: { sha256 },
    control,
  });
  const sessions = createLiveSessions(settings.maxLiveSessions);
  return Object.assign(kept, {
    clock,
    environment,
    sessions,
    logged: logger.lines,
    open(url: string = harnessUrl, headers: string[] = []) {
      const host = new KeptLiveHost();
      const call = new LiveCall(environment, { sessions, host, head: { method: "GET", url, headers } });
      call.begin();
      return { call, host };
    },
  });

  function toControl(): Control {
    function answer<T>(value: T, tell: (value: T) => void): T | null {
      if (options.deferred === undefined) return value;
      options.deferred.push(() => tell(value));
      return null;
    }
    return {
      admit: (digest, receiver) =>
        answer(
          digest === null
            ? { ok: false as const, code: "client_key_missing" as const }
            : digest === client.digest
              ? { ok: true as const, client }
              : { ok: false as const, code: "client_key_invalid" as const },
          (admission) => receiver.admitted(admission),
        ),
      admitToken: (name, receiver) =>
        answer(
          (options.tokens ?? []).includes(name)
            ? { ok: true as const, client, binding: toBinding(name, 0) }
            : { ok: false as const, code: "client_key_invalid" as const },
          (admission) => receiver.tokenAdmitted(admission),
        ),
      allows: (asked, model) => model === null || asked.allowedModels === null || asked.allowedModels.includes(model),
      reserve: (asked, _estimate, receiver, now) =>
        answer(
          options.reserve ?? {
            ok: true as const,
            reservation: { clientId: asked.id, at: now, tokens: 0, costNanoUsd: 0 },
            states: [],
          },
          (reserved) => receiver.reserved(reserved),
        ),
      estimateCost: () => null,
      plan: (request, receiver) => answer(plan(request), (planned) => receiver.planned(planned)),
      report(report) {
        kept.reports.push(report);
        kept.leases -= 1;
        for (const effect of report.effects)
          if (effect.kind === "cooldown") resting.set(report.lease.credentialId, effect.untilMs);
          else resting.set(report.lease.credentialId, Infinity);
      },
      bind: (bindings) => kept.bound.push(...bindings) > 0,
      forget: () => undefined,
      filter: (names) => names,
      began: () => undefined,
      settle: (record, reservation) => void kept.settled.push({ record, reservation }),
    };
  }

  function plan(request: PlanRequest): Plan {
    kept.plans.push({ ...request, tried: [...request.tried], names: [...request.names] });
    const owners = request.names.flatMap((name) => options.owners?.[name] ?? []);
    const unknown = request.names.filter((name) => options.owners?.[name] === undefined);
    const numbers =
      owners.length > 0 ? owners.slice(0, 1) : Array.from({ length: options.credentials ?? 2 }, (_, n) => n);
    let soonestMs: number | null = null;
    for (const number of numbers) {
      const id = `cred_${number}`;
      const until = resting.get(id) ?? 0;
      if (until > request.now) {
        if (until !== Infinity) soonestMs = Math.min(soonestMs ?? Infinity, until);
        continue;
      }
      if (request.tried.includes(id) && request.allowTried !== true) continue;
      kept.leases += 1;
      return { ok: true, lease: toLease(number), owner: null, unknown, foreignSignature: false, listed: null };
    }
    const reason = numbers.length === 0 ? "empty" : soonestMs === null ? "tried" : "cooling";
    return { ok: false, reason, causes: {}, soonestMs, ...(owners.length > 0 ? { owned: true } : {}) };
  }
}

/** A setup with its answer. */
export const liveSetup: object = {
  setup: { model: "models/gemini-live", generationConfig: { responseModalities: ["AUDIO"] } },
};
export const setupComplete: LiveMessage = message({ setupComplete: { sessionId: "s" } }, true);
/** Closes with which Google refuses a key, and a project's quota. */
export const badKey: Close = { code: 1007, reason: "API key not valid. Please pass a valid API key." };
export const noQuota: Close = {
  code: 1011,
  reason:
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, head",
};

/** The message that ends a turn, with its usage. */
export function turnEnd(promptTokens: number): LiveMessage {
  return message(
    {
      serverContent: { turnComplete: true },
      usageMetadata: { promptTokenCount: promptTokens, responseTokenCount: 2, totalTokenCount: promptTokens + 2 },
    },
    true,
  );
}

/** A session up to its upstream's `setupComplete`. */
export function stand(world: LiveWorld, model?: string): { call: LiveCall; host: KeptLiveHost } {
  const session = world.open();
  session.call.clientMessage(message(model === undefined ? liveSetup : { setup: { model } }));
  session.call.upstreamOpen(1);
  session.call.upstreamMessage(1, setupComplete);
  return session;
}

// --- helpers ---

function toLease(number: number): Lease {
  return {
    credentialId: `cred_${number}`,
    credentialName: `key ${number}`,
    projectId: `project_${number}`,
    secret: toSecret(`secret-of-credential-${number}`),
  };
}

function toBinding(name: string, number: number): ResourceBinding {
  return {
    name,
    kind: "auth-token",
    credentialId: `cred_${number}`,
    projectId: `project_${number}`,
    clientId: "client_1",
    createdAt: 0,
    expiresAt: null,
    detail: null,
  };
}
