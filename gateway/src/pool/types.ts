/**
 * The pool's face to the rest of the core.
 * @module
 */
import type { Credential, Lease } from "../core/credential.ts";
import type { ResourceOwner } from "../core/resources.ts";
import type { CooldownCause, DisableReason, Effect, LearnedLimit } from "../core/verdict.ts";
import type { QuotaLimits } from "./quota-limits.ts";

/** How the next credential is chosen among those that can serve. */
export type Strategy =
  | "round_robin"
  | "least_used"
  | "weighted"
  | "sticky"
  | "sticky_until_error"
  /** Fewest faults of its own since the process started, first (`x-gproxy-prioritize-least-errors`). */
  | "least_errors"
  /** Last added first (`x-gproxy-prioritize-newer`). */
  | "newest";

/** What a pick is made for. */
export interface PickRequest {
  /** Without `models/`; null for calls that concern no model (lists, files). */
  model: string | null;
  strategy: Strategy;
  /** Client and conversation, hashed; used by the sticky strategies only. Null: none known. */
  stickyKey: string | null;
  /** Credential ids that this call has tried. They are not given again unless `allowTried` is set. */
  tried: readonly string[];
  /** After a transient fault the same credential may serve again when no other one can. @default false */
  allowTried?: boolean;
  /** Only API keys may serve: Code Assist has no such operation. @default false */
  keysOnly?: boolean;
  /** Only credentials of this owner's project may serve: the call names resources that are there. @default null */
  owner?: ResourceOwner | null;
  /** Preferred while it can serve: one client's uploads stay together so. @default null */
  prefer?: ResourceOwner | null;
  /**
   * Names the model and the prefix of the prompt: calls with the same one go to the same project while it can serve, so that Google's
   * implicit caching pays. Gives way to `owner`, `prefer`, tiers, quotas and health. @default null
   */
  affinityKey?: string | null;
  /** What the attempt will take from the (project, model) quota, at least one of each. @default nothing */
  cost?: { requests: number; tokens: number } | null;
  /** Epoch milliseconds. */
  now: number;
}

/** The answer to a pick. A normal outcome is never thrown. */
export type Pick =
  | { ok: true; lease: Lease }
  | {
      ok: false;
      /**
       * `empty`: no credential; `unusable`: all disabled or off; `cooling`: all rest or have no quota left now; `tried`: all
       * able ones were; `gone`: the owner's project has no credential here any more. With an `owner`, only its project counts.
       */
      reason: "empty" | "unusable" | "cooling" | "tried" | "gone";
      /** How many credentials are out for which cause, for the client's error text. */
      causes: Readonly<Record<string, number>>;
      /** Epoch milliseconds at which the first of them may serve again; null: unknown or never. */
      soonestMs: number | null;
    };

/** A cooldown as it is kept and shown. */
export interface Cooldown {
  scope: "project-model" | "credential-model" | "project" | "credential" | "model";
  /** Project id, credential id, or empty for scope `model`. */
  subject: string;
  /** Model, or empty where the scope has none. */
  model: string;
  untilMs: number;
  sinceMs: number;
  cause: CooldownCause;
  /** Provenance: the verdict rule that made it. */
  rule: string;
  words: string;
}

/** An automatic disable as it is kept and shown. */
export interface Disabled {
  scope: "credential" | "project";
  subject: string;
  reason: DisableReason;
  sinceMs: number;
  probeAtMs: number | null;
  rule: string;
  words: string;
}

/** Health that must survive a restart; told by `onChange` as it happens. */
export type HealthChange =
  | { kind: "cooldown"; value: Cooldown; removed: boolean }
  | { kind: "disabled"; value: Disabled; removed: boolean }
  | { kind: "project"; credentialId: string; projectId: string };

/** Quota that must survive a restart; fetched by `takeQuotaChanges`, since uses change with every call. */
export type QuotaChange =
  | { kind: "quota-limit"; value: QuotaLimit; removed: boolean }
  | { kind: "quota-usage"; value: QuotaUsage; removed: boolean };

/** Something that must survive a restart. `removed` ones are to be deleted from the store. */
export type PoolChange = HealthChange | QuotaChange;

/** Which use a limit counts. */
export type QuotaMetric = "requests" | "tokens";
export type QuotaWindow = "minute" | "day";

/** A limit of one (project, model), as learned or configured. */
export interface QuotaLimit {
  projectId: string;
  model: string;
  metric: QuotaMetric;
  window: QuotaWindow;
  /** 0: the model is not offered to this project. */
  value: number;
  /** `google`: from a QuotaFailure; `configured`: by tier. Google's word outranks the configuration. */
  source: "google" | "configured";
  learnedAt: number;
}

/** What was used of a day's window: minutes are too short to be kept. */
export interface QuotaUsage {
  projectId: string;
  model: string;
  metric: QuotaMetric;
  /** Start of the Pacific day, epoch milliseconds. */
  windowStart: number;
  used: number;
}

/** One credential as people see it. */
export interface CredentialView {
  id: string;
  name: string;
  projectId: string;
  source: "env" | "stored";
  tier: number;
  weight: number;
  /** `active`, `cooling` (for at least one model or as a whole), `disabled` (automatic), `off` (by hand). */
  state: "active" | "cooling" | "disabled" | "off";
  disabled: Disabled | null;
  cooldowns: readonly Cooldown[];
  inFlight: number;
  /** Attempts since the process started. */
  uses: number;
  /** Comes back from a fault, a few calls at a time (for at least one model). */
  recovering: boolean;
}

/** Counts for health. */
export interface PoolCounts {
  total: number;
  usable: number;
  cooling: number;
  disabled: number;
  off: number;
  /** Verdicts wanted to disable more of the pool at once than they may: something else is wrong than the credentials. */
  panic: boolean;
}

/** One limit with what is used of it. */
export interface QuotaView extends QuotaLimit {
  used: number;
  /** Epoch milliseconds at which room comes back (a minute's: the first of it); null: there is room. */
  roomAtMs: number | null;
}

/** The pool: all credentials and what is known of their health. In memory; synchronous; one owner. */
export interface Pool {
  /** Sets the whole list: new ones join, known ones keep their health, missing ones leave. */
  replace(credentials: readonly Credential[]): void;
  /**
   * Other rules than those it was made with, from the next pick on. Health, uses and limits that Google named stay. O(n) when
   * the limits or their observance change.
   */
  configure(rules: { quotaLimits: QuotaLimits; quotaScheduling: boolean; disableShare: number }): void;
  /** Chooses; counts the use and the call in flight. Under 5 µs among 10,000 credentials; O(log n). */
  pick(request: PickRequest): Pick;
  /** The attempt ended; must be called once for each lease. */
  release(lease: Lease): void;
  /**
   * What an attempt really took. Before `release`, at most once for each lease; a lease that is released without it keeps
   * what was reserved, since Google may have counted it.
   * @param actual null: it never reached Google (connection refused): everything is given back. `tokens` null: not told
   */
  settle(lease: Lease, actual: { tokens: number | null } | null, now: number): void;
  /** What a project of today a binding means: the credential's, or the one kept. Null: no such project in the pool. */
  ownerProject(owner: ResourceOwner): string | null;
  /** Ids of all projects with an enabled credential, sorted, for list calls that ask each. */
  projectIds(): string[];
  /** Limits and uses of today, for people. Only what has a limit; ordered by project and model. */
  quotas(now: number): QuotaView[];
  /**
   * Limits that Google named and uses of the day that changed since the last time, to be written to the store. Values are
   * whole, not differences: what could not be written may be written later, unless a newer row has come meanwhile.
   */
  takeQuotaChanges(now: number): QuotaChange[];
  /**
   * Applies a verdict's effects and remembers the Google project and the limits it named. After `settle`: what Google
   * refused took nothing, so that the count is that of before the refusal.
   */
  apply(application: {
    lease: Lease;
    model: string | null;
    rule: string;
    effects: readonly Effect[];
    consumer: string | null;
    limits: readonly LearnedLimit[];
    now: number;
  }): void;
  /** A success: ends bursts' exponential growth; binds the sticky key. */
  succeed(lease: Lease, model: string | null, stickyKey: string | null, now: number): void;
  /** Ends cooldowns and automatic disables of a credential (and of its project) by hand. */
  reset(credentialId: string): void;
  /** Puts back what was kept before a restart, after `replace`; expired entries are dropped. */
  restore(
    kept: {
      cooldowns: readonly Cooldown[];
      disabled: readonly Disabled[];
      limits?: readonly QuotaLimit[];
      usage?: readonly QuotaUsage[];
    },
    now: number,
  ): void;
  /** Everything, for the CLI and the admin API. */
  view(now: number): CredentialView[];
  /**
   * Counts for health. They overlap: `usable` are those that may serve at least one model, so a credential that rests
   * for some models only is both usable and cooling.
   */
  counts(now: number): PoolCounts;
  /**
   * Disabled credentials whose probe is due, the longest overdue first. Not counted as calls in flight, so not to be
   * released. A probe that succeeds is reported by `reset`, one that fails by `apply` with a later `probeAtMs`.
   */
  dueProbes(now: number): Lease[];
}
