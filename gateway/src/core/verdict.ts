/**
 * The words in which an attempt's outcome is judged. `call/verdict` makes them, `pool` applies them, the ledger keeps
 * the rule id of each (design, promise 1: a client's mistake never hurts a credential).
 * @module
 */

/** Who caused it. */
export type Fault =
  | "none"
  | "client"
  | "credential"
  | "project"
  | "model"
  | "egress"
  | "upstream"
  | "network"
  | "gateway";

/**
 * What may be tried next.
 * - `no`: relay this outcome to the client;
 * - `other`: at once, with another credential (of another project when the effect covers the project);
 * - `again`: transient: after a back-off, with any credential that can serve, preferring another one.
 */
export type RetryKind = "no" | "other" | "again";

/** What the pool must remember. Times are durations in milliseconds unless named `untilMs` (epoch). */
export type Effect =
  | {
      kind: "cooldown";
      /** What rests. `project-model`: every key of the project for this model; `model`: the model for every key. */
      scope: "project-model" | "credential-model" | "project" | "credential" | "model";
      /** Epoch milliseconds at which it may be used again. */
      untilMs: number;
      /** Why: minute quota, day quota, `limit: 0`, money, burst, overload, location, model missing, suspicion. */
      cause: CooldownCause;
      /** Google's own words, redacted and cut to 500 characters. */
      words: string;
    }
  | {
      kind: "disable";
      scope: "credential" | "project";
      reason: DisableReason;
      /** Epoch milliseconds of the next probe that may enable it again; null: only by hand. */
      probeAtMs: number | null;
      words: string;
    };

export type CooldownCause =
  | "minute-quota"
  | "day-quota"
  | "no-quota"
  | "money"
  | "burst"
  | "overload"
  | "location"
  | "model-missing"
  /** A disable that would have taken too much of the pool at once. */
  | "suspect";

export type DisableReason =
  | "invalid-key"
  | "leaked"
  | "suspended"
  | "denied"
  | "service-disabled"
  | "restricted"
  /** An account must log in again (`invalid_grant`). */
  | "login-needed"
  /** An account has no licence, is not eligible, or must be validated by its owner; the words say what to do. */
  | "not-eligible";

/** The judgement on one attempt. */
export interface Verdict {
  /** Stable id of the rule in the table, such as `quota.day`. Written to the attempt's row. */
  rule: string;
  fault: Fault;
  retry: RetryKind;
  /** For `again`: the least wait before the next try, milliseconds (jitter is added by the retry policy). */
  backoffMs: number;
  /** How often at most a call may be retried by this rule; Infinity for faults of credentials. */
  maxRetries: number;
  effects: readonly Effect[];
  /** The Google project number named in the error (`consumer: projects/N`), or null. */
  consumer: string | null;
  /** The limit that Google told (`quotaValue` with its quotaId and model), for learning; empty when none. */
  limits: readonly LearnedLimit[];
  /** True when the upstream's body may be shown to the client as it is (redacted shapes excepted). */
  relayable: boolean;
  /** Short, redacted text of the outcome for logs and the attempt's row (at most 500 characters). */
  words: string;
}

/** A limit as Google names it in a QuotaFailure. */
export interface LearnedLimit {
  quotaId: string;
  quotaMetric: string;
  model: string | null;
  value: number;
  window: "minute" | "day" | "other";
  kind: "requests" | "tokens" | "other";
}
