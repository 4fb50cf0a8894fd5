/**
 * The quota of one (project, model): requests and tokens, minutes and Pacific days (fact sheet upstream 4.4 "Quota scope", 5.1).
 * @module
 */
import type { QuotaReservation } from "../../core/credential.ts";
import type { QuotaLimit, QuotaMetric, QuotaUsage, QuotaView, QuotaWindow } from "../types.ts";

/** What an attempt takes. */
export interface QuotaCost {
  requests: number;
  tokens: number;
}

/** One limit that was learned or configured. */
export interface BucketLimit {
  metric: QuotaMetric;
  window: QuotaWindow;
  value: number;
  source: QuotaLimit["source"];
  /** Epoch milliseconds. */
  learnedAt: number;
}

/** Uses and limits of one (project, model). Synchronous; `roomAt` and `take` are on each call's way: O(1), no allocation. */
export interface QuotaBucket {
  readonly projectId: string;
  readonly model: string;
  /**
   * When there is room for the cost.
   * @returns 0: now; an epoch millisecond: then at the soonest; Infinity: never (a limit of 0). A cost
   *   above a limit is an estimate that may be wrong: there is room for it when nothing of the limit is used
   */
  roomAt(cost: QuotaCost, now: number): number;
  /** Takes it, whether there is room or not (the caller has asked). */
  take(cost: QuotaCost, now: number): QuotaReservation;
  /**
   * What was reserved becomes what was used.
   * @param actual null: it never reached Google, all is given back; `tokens` null: not told, the estimate stays
   */
  settle(reservation: QuotaReservation, actual: { tokens: number | null } | null, now: number): void;
  /** @returns whether something changed that must be kept */
  learn(limit: BucketLimit, now: number): boolean;
  /** Lets go of configured limits: other ones hold from now on. What was counted stays. */
  forgetConfigured(): void;
  /** Google refused with this limit although there seemed to be room: the use is at least the limit in this window. */
  refused(limit: { metric: QuotaMetric; window: QuotaWindow; value: number }, now: number): void;
  /** The day's use, to be kept; null where there is none. */
  usage(now: number): QuotaUsage[];
  restore(kept: { limits?: readonly BucketLimit[]; usage?: readonly QuotaUsage[] }, now: number): void;
  /** Two projects turned out to be one: uses add up, the newer and Google's limits win. */
  absorb(other: QuotaBucket, now: number): void;
  limits(): readonly BucketLimit[];
  view(now: number): QuotaView[];
}
