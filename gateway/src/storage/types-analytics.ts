/**
 * Roll-ups and searches over the ledger, for charts and lists. Everything here only reads, so a host may answer it from a
 * thread or connection of its own.
 * @module
 */
import type { CallFilter, PricedCall, StatsRow, Store } from "./types.ts";

/** What sums are kept by. `client-model` has keys `<client id>\n<model>`. */
export type RollupDimension =
  | "all"
  | "model"
  | "client"
  | "credential"
  | "status"
  | "dialect"
  | "rule"
  | "client-model";

/**
 * Upper bounds of the latency histograms' classes, milliseconds; a last class takes what is above. Quantiles are
 * interpolated inside a class, so they are off by less than the width of one.
 */
export const latencyBounds: readonly number[] = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000,
  30_000, 50_000, 100_000, 300_000,
];

/** Sums with histograms. */
export interface RollupSums extends StatsRow {
  /** Went well with the first attempt. */
  firstTry: number;
  /** Counts by class of `latencyBounds`, one longer: whole duration of calls. */
  latency: readonly number[];
  /** The same of the first byte; calls without one are not in it. */
  firstByte: readonly number[];
}

/** One dimension, and one key of it or all. */
export interface RollupQuestion {
  dimension: RollupDimension;
  /** Null: every key. */
  key: string | null;
  /** Only keys that begin so: models of one client. @default all */
  keyPrefix?: string;
  /** All those keys added up, under the empty key: for what has no line of its own in a chart. @default false */
  together?: boolean;
}

/** A range of time, epoch milliseconds: `from` belongs to it, `to` does not. Cut at quarters of an hour (UTC). */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** A filter of the calls list. */
export interface SearchFilter extends Omit<CallFilter, "status" | "limit" | "before" | "after"> {
  /** `429`, or a class: `4xx`. */
  status?: string;
  dialect?: string;
  operation?: string;
  /** Verdict rule of any attempt, or the gateway's error code. */
  rule?: string;
  minMs?: number;
  maxMs?: number;
  minCostNanoUsd?: number;
  maxCostNanoUsd?: number;
  retried?: boolean;
}

/** A page of calls. */
export interface SearchPage {
  calls: PricedCall[];
  /** Opaque; null: there are no more. */
  next: string | null;
  /** All calls begun at or after this have been looked at; null: the whole range was. */
  searchedToMs: number | null;
}

/** Reads for charts and lists. */
export interface AnalyticsStore {
  /** Sums by key over a range. */
  sums(question: RollupQuestion, range: TimeRange): Promise<Map<string, RollupSums>>;
  /**
   * Sums by key for each of many ranges, which do not overlap and are in order (days of a time zone, hours …).
   * @param keys the only keys wanted, at most 50
   * @returns by key, one entry a range
   */
  series(
    question: RollupQuestion,
    ranges: readonly TimeRange[],
    keys: readonly string[],
  ): Promise<Map<string, RollupSums[]>>;
  /** The latest calls first. Bounded work: ends when the page is full or when enough rows were read. */
  search(filter: SearchFilter, page: { limit: number; cursor: string | null; after?: string }): Promise<SearchPage>;
  /** Counts of calls and errors in equal bars. */
  histogram(
    filter: SearchFilter,
    range: TimeRange,
    widthMs: number,
  ): Promise<{ bars: { fromMs: number; calls: number; errors: number }[]; whole: boolean; countedFromMs: number }>;
  /** The newest attempts of a credential for a model, with their calls; bounded work. */
  attemptsOf(
    credentialId: string,
    model: string,
    limit: number,
  ): Promise<{ callId: string; startedAt: number; call: PricedCall; index: number }[]>;
  get(id: string): Promise<PricedCall | null>;
  /** Oldest call's time; null: there is none. */
  oldestMs(): Promise<number | null>;
}

/** The whole store. */
export interface GatewayStore extends Store {
  analytics: AnalyticsStore;
}
