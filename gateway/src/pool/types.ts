/**
 * The pool's face to the rest of the core.
 * @module
 */
import type { Credential, Lease } from "../core/credential.ts";
import type { CooldownCause, DisableReason, Effect, LearnedLimit } from "../core/verdict.ts";

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
  /** Epoch milliseconds. */
  now: number;
}

/** The answer to a pick. A normal outcome is never thrown. */
export type Pick =
  | { ok: true; lease: Lease }
  | {
      ok: false;
      /** `empty`: no credential; `unusable`: all disabled or off; `cooling`: all rest; `tried`: all able ones were. */
      reason: "empty" | "unusable" | "cooling" | "tried";
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

/** Something that must survive a restart. `removed` ones are to be deleted from the store. */
export type PoolChange =
  | { kind: "cooldown"; value: Cooldown; removed: boolean }
  | { kind: "disabled"; value: Disabled; removed: boolean }
  | { kind: "project"; credentialId: string; projectId: string };

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
}

/** The pool: all credentials and what is known of their health. In memory; synchronous; one owner. */
export interface Pool {
  /** Sets the whole list: new ones join, known ones keep their health, missing ones leave. */
  replace(credentials: readonly Credential[]): void;
  /** Chooses; counts the use and the call in flight. Under 5 µs among 10,000 credentials; O(log n). */
  pick(request: PickRequest): Pick;
  /** The attempt ended; must be called once for each lease. */
  release(lease: Lease): void;
  /** Applies a verdict's effects and remembers the Google project and the limits it named. */
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
  restore(kept: { cooldowns: readonly Cooldown[]; disabled: readonly Disabled[] }, now: number): void;
  /** Everything, for the CLI and the admin API. */
  view(now: number): CredentialView[];
  /**
   * Counts for health. They overlap: `usable` are those that may serve at least one model, so a credential that rests
   * for some models only is both usable and cooling.
   */
  counts(now: number): { total: number; usable: number; cooling: number; disabled: number; off: number };
  /**
   * Disabled credentials whose probe is due, the longest overdue first. Not counted as calls in flight, so not to be
   * released. A probe that succeeds is reported by `reset`, one that fails by `apply` with a later `probeAtMs`.
   */
  dueProbes(now: number): Lease[];
}
