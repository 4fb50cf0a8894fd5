/** @module The record: what was served, one entry per request, bounded, with sums that stay exact beyond the bound. */

import type { TokenUsage } from "../answer/gemini-types.ts";
import { zeroUsage } from "../answer/gemini-types.ts";
import type { Outcome, ServedRecord } from "../types.ts";
import type { GroupTotals, Totals } from "./totals.ts";

/** The record of one emulator. */
export interface ServedRecords {
  /** A request arrived; it counts as in flight until {@link ServedRecords.commit}. Gives back its sequence number, from 1. */
  arrive(): number;
  /** Gives the number of a TCP connection, from 1. */
  connect(): number;
  /** Files an entry. Called before the last byte goes out, so that whoever has the whole answer also finds the entry. */
  commit(entry: ServedRecord): void;
  /** Adds the answer to one request inside a batch to the sums of batches. @param item.usage Null for an error. */
  addBatched(item: { project: string; model: string; usage: TokenUsage | null }): void;
  /** Corrects the outcome of a filed entry: the client left before the last bytes reached the kernel. */
  amend(entry: ServedRecord, outcome: Outcome): void;
  /** Entries in order of their end, oldest first. @param since Only entries with a greater sequence number. */
  list(since?: number): ServedRecord[];
  totals(): Totals;
  /** Forgets entries and sums; sequence numbers start at 1 again; requests in flight stay counted. */
  reset(): void;
}

/** @param limit Entries kept; older ones are dropped and counted. */
export function createRecords(limit: number): ServedRecords {
  let entries: ServedRecord[] = [];
  // Where the oldest entry is once the list is full and used as a ring.
  let oldest = 0;
  let sequence = 0;
  let connections = 0;
  let inFlight = 0;
  let sums = emptySums();
  return {
    arrive: () => {
      inFlight++;
      return ++sequence;
    },
    connect: () => ++connections,
    commit: (entry) => {
      inFlight--;
      addTo(sums, entry);
      if (entries.length < limit) entries.push(entry);
      else {
        sums.recordDropped++;
        if (limit === 0) return;
        entries[oldest] = entry;
        oldest = (oldest + 1) % limit;
      }
    },
    addBatched: ({ project, model, usage }) => {
      const { batch } = sums;
      batch[usage ? "succeeded" : "failed"]++;
      addTokens(batch.tokens, usage);
      addTokens((batch.byProject[project] ??= zeroUsage()), usage);
      addTokens((batch.byModel[model] ??= zeroUsage()), usage);
    },
    amend: (entry, outcome) => {
      count(sums.byOutcome, entry.outcome, -1);
      entry.outcome = outcome;
      count(sums.byOutcome, outcome, 1);
    },
    list: (since = 0) => {
      const ordered = [...entries.slice(oldest), ...entries.slice(0, oldest)];
      return since > 0 ? ordered.filter((entry) => entry.sequence > since) : ordered;
    },
    totals: () => ({ ...structuredClone(sums), inFlight, connections }),
    reset: () => {
      entries = [];
      oldest = 0;
      sequence = 0;
      sums = emptySums();
    },
  };
}

// --- helpers ---

function emptySums(): Totals {
  return {
    requests: 0,
    inFlight: 0,
    connections: 0,
    byStatus: {},
    byOutcome: {},
    byProject: {},
    byModel: {},
    byAccount: {},
    tokens: zeroUsage(),
    batch: { succeeded: 0, failed: 0, tokens: zeroUsage(), byProject: {}, byModel: {} },
    recordDropped: 0,
  };
}

function addTo(sums: Totals, entry: ServedRecord): void {
  sums.requests++;
  count(sums.byStatus, String(entry.status), 1);
  count(sums.byOutcome, entry.outcome, 1);
  addTokens(sums.tokens, entry.usage);
  if (entry.project !== null) addToGroup(sums.byProject, entry.project, entry);
  if (entry.model !== null) addToGroup(sums.byModel, entry.model, entry);
  if (entry.account === null) return;
  const account = (sums.byAccount[entry.account] ??= { ...emptyGroup(), byOperation: {} });
  addToSums(account, entry);
  count(account.byOperation, entry.operation ?? "unknown", 1);
}

function addToGroup(groups: Record<string, GroupTotals>, name: string, entry: ServedRecord): void {
  addToSums((groups[name] ??= emptyGroup()), entry);
}

function emptyGroup(): GroupTotals {
  return { requests: 0, byStatus: {}, tokens: zeroUsage() };
}

function addToSums(group: GroupTotals, entry: ServedRecord): void {
  group.requests++;
  count(group.byStatus, String(entry.status), 1);
  addTokens(group.tokens, entry.usage);
}

function addTokens(sum: TokenUsage, usage: TokenUsage | null): void {
  if (!usage) return;
  sum.prompt += usage.prompt;
  sum.cached += usage.cached;
  sum.candidates += usage.candidates;
  sum.thoughts += usage.thoughts;
  sum.toolUse += usage.toolUse;
  sum.total += usage.total;
}

function count(counts: Record<string, number>, name: string, by: number): void {
  const sum = (counts[name] ?? 0) + by;
  if (sum === 0) delete counts[name];
  else counts[name] = sum;
}
