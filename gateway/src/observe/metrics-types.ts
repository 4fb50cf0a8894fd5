/**
 * What is counted of calls, and what is looked up when somebody asks.
 * @module
 */
import type { CallOutcome, CallRecord } from "../core/records.ts";
import type { Fault } from "../core/verdict.ts";
import type { RecorderState } from "../ledger/types.ts";
import type { PoolCounts } from "../pool/types.ts";
import type { Histogram } from "./histogram.ts";
import type { WindowSums } from "./window.ts";

/** Counts of one kind of call. */
export interface CallSeries {
  dialect: string;
  operation: string;
  outcome: CallOutcome;
  /** `2xx`, `4xx` …; `none`: no status was sent. */
  status: string;
  calls: number;
}

/** Everything of one model since the start. */
export interface ModelTotals {
  /** The model that served, else the one asked for; `other` beyond the bound, `none` for calls that concern no model. */
  model: string;
  series: readonly CallSeries[];
  calls: number;
  tokens: { prompt: number; cached: number; output: number; thoughts: number; toolUse: number };
  /** Of calls whose cost is known. */
  costNanoUsd: number;
  recent(nowMs: number): WindowSums;
}

/** A call that took long. */
export interface SlowCall {
  id: string;
  endedAt: number;
  model: string;
  operation: string;
  totalMicros: number;
  overheadMicros: number;
  stream: boolean;
  attempts: number;
  status: number;
  outcome: CallOutcome;
}

/** Everything since the start. A view of living objects: read it at once and change nothing. */
export interface MetricsTotals {
  calls: number;
  /** Sums over calls but Live sessions, which last as long as people talk. */
  timed: { calls: number; micros: number };
  firstTry: number;
  cached: number;
  withoutCost: number;
  models: readonly ModelTotals[];
  attempts: readonly { rule: string; fault: Fault; attempts: number }[];
  durations: readonly { operation: string; histogram: Histogram }[];
  firstByte: Histogram;
  overhead: Histogram;
  /** Calls above `slowMs`, the newest last, `slowKept` at most. */
  slow: readonly SlowCall[];
}

/** The figures that health tells: plain data, so that they can travel between a platform's processes. */
export interface HealthFigures {
  calls: number;
  /** Milliseconds over all calls but Live sessions since the start; null: there was none. */
  averageMs: number | null;
  /** Answers from kept or shared answers, of all calls since the start. 0 to 1; null: there was no call. */
  cacheHitShare: number | null;
  /** The last five minutes. */
  recent: WindowSums;
  /** Calls of the last five minutes that took longer than five seconds, of the newest fifty such. */
  recentSlow: number;
}

/** Counts calls in memory. */
export interface Metrics {
  /**
   * Takes a call that ended. About a microsecond; never throws.
   * @param costNanoUsd null: not known
   */
  record(call: CallRecord, costNanoUsd: number | null): void;
  /** What a call's model is called in labels. */
  modelLabel(call: CallRecord): string;
  totals(): MetricsTotals;
  figures(): HealthFigures;
  /**
   * Attempts since the start.
   * @returns credential id → model → attempts
   */
  uses(): ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** State of the exporter of traces and metrics. */
export interface OtlpState {
  /** Spans waiting. */
  queuedSpans: number;
  exportedSpans: number;
  /** Spans given up: the queue was full, or the collector refused them or could not be reached. */
  droppedSpans: number;
  /** Requests to the collector that went wrong. */
  failures: number;
}

/** What is not counted but looked up at the moment of the question. */
export interface GatewayGauges {
  version: string;
  host: string;
  /** Epoch milliseconds. */
  startedAt: number;
  now: number;
  pool: PoolCounts;
  /** From `summarizeQuotas`. */
  quotas: { limits: number; exhausted: number; unavailable: number };
  /** Null: the ledger is off. */
  recorder: RecorderState | null;
  openCalls: number;
  /** Of the call hub: live tails of the dashboard. */
  listeners: number;
  /** Resources whose owner is known. */
  resources: number;
  /** Null: the platform does not tell. */
  rssBytes: number | null;
  draining: boolean;
  /** Null: nothing is exported. */
  otlp: OtlpState | null;
}
