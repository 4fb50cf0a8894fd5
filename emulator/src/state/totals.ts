/** @module Sums over what was served, by project and model. */

import type { TokenUsage } from "../answer/gemini-types.ts";
import type { BatchTotals } from "../resources/options.ts";

/** Sums over everything served since start or reset, also over what the record dropped. */
export interface Totals {
  requests: number;
  inFlight: number;
  connections: number;
  byStatus: Record<string, number>;
  byOutcome: Record<string, number>;
  byProject: Record<string, GroupTotals>;
  byModel: Record<string, GroupTotals>;
  /** By email of the Code Assist account, asking for tokens included. */
  byAccount: Record<string, AccountTotals>;
  /** Of online calls only. */
  tokens: TokenUsage;
  /** What batches did; never part of the sums above, which stay those of the record's entries. */
  batch: BatchTotals;
  /** Entries that no longer fit the record. */
  recordDropped: number;
}

/** Sums of one account. */
export interface AccountTotals extends GroupTotals {
  /** Requests by operation: `oauthToken` counts refreshes. */
  byOperation: Record<string, number>;
}

/** Sums of one project or one model. */
export interface GroupTotals {
  requests: number;
  byStatus: Record<string, number>;
  tokens: TokenUsage;
}
