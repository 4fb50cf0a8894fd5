/**
 * Counters by model. Names of models come from clients, so a name gets counters of its own only once an upstream has
 * shown that it knows the model; until then its calls count as `other`.
 * @module
 */
import type { CallOutcome, CallRecord } from "../core/records.ts";
import { createLabelSet, otherLabel } from "./label-set.ts";
import type { CallSeries, ModelTotals } from "./metrics-types.ts";
import { createWindow, type Window } from "./window.ts";

/** Counters of one model. */
export interface ModelCounters {
  name: string;
  /** By dialect, operation, outcome and class of status, in one number. */
  series: Map<number, { calls: number }>;
  calls: number;
  tokens: ModelTotals["tokens"];
  costNanoUsd: number;
  window: Window;
}

/** All models. */
export interface ModelSeries {
  /** The counters that a call belongs to. */
  of(call: CallRecord): ModelCounters;
  /** @param how `operation`: index of the operation's name */
  count(model: ModelCounters, call: CallRecord, how: { operation: number; costNanoUsd: number | null }): void;
  /** @param operations names by index */
  totals(operations: readonly string[]): ModelTotals[];
}

/** Models with counters of their own. */
export const modelLimit = 100;
/** Kinds of calls of all models together; what comes beyond counts for the model `other`. */
const seriesLimit = 5_000;
const dialectLimit = 15;
const noModel = "none";

/** Makes it, empty. */
export function createModelSeries(): ModelSeries {
  const dialects = createLabelSet(dialectLimit);
  const byName = new Map<string, ModelCounters>();
  const none = createCounters(noModel);
  const other = createCounters(otherLabel);
  let seriesCount = 0;

  function of(call: CallRecord): ModelCounters {
    const name = call.modelServed ?? call.modelAsked;
    if (name === null || name === "") return none;
    const known = byName.get(name);
    if (known !== undefined) return known;
    if (byName.size >= modelLimit || ownLabels.has(name) || !plainName.test(name) || !isKnownUpstream(call))
      return other;
    const counters = createCounters(name);
    byName.set(name, counters);
    return counters;
  }

  return {
    of,
    count(model, call, { operation, costNanoUsd }) {
      const outcome = outcomes.indexOf(call.outcome);
      const status = statusClass(call.status);
      const key = ((dialects.indexOf(call.dialect) * 64 + operation) * 8 + outcome) * 8 + status;
      let counter = model.series.get(key);
      if (counter === undefined) {
        const holder = seriesCount < seriesLimit ? model : other;
        counter = holder.series.get(key);
        if (counter === undefined) {
          counter = { calls: 0 };
          holder.series.set(key, counter);
          seriesCount += 1;
        }
      }
      counter.calls += 1;
      model.calls += 1;
      if (costNanoUsd !== null) model.costNanoUsd += costNanoUsd;
      const { usage } = call;
      if (usage === null) return;
      const { tokens } = model;
      tokens.prompt += usage.promptTokens;
      tokens.cached += usage.cachedTokens;
      tokens.output += usage.outputTokens;
      tokens.thoughts += usage.thoughtsTokens;
      tokens.toolUse += usage.toolUseTokens;
    },
    totals: (operations) =>
      [...byName.values(), other, none]
        .filter((model) => model.calls > 0)
        .map((model) => ({
          model: model.name,
          series: [...model.series].map(([key, { calls }]) => toSeries(key, calls, dialects.names, operations)),
          calls: model.calls,
          tokens: model.tokens,
          costNanoUsd: model.costNanoUsd,
          recent: (nowMs) => model.window.sum(nowMs),
        })),
  };
}

// --- helpers ---

const outcomes: readonly CallOutcome[] = ["ok", "error", "refused", "incomplete", "cancelled", "interrupted"];
const statusNames: readonly string[] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
/** What a model of Google's can be called; nothing that has to be escaped in a label. */
const plainName = /^[\w.:/@-]{1,200}$/;

/** Nobody else's model may be called so: its values would stand beside the gateway's own. */
const ownLabels: ReadonlySet<string> = new Set([otherLabel, noModel]);

function createCounters(name: string): ModelCounters {
  return {
    name,
    series: new Map(),
    calls: 0,
    tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0 },
    costNanoUsd: 0,
    window: createWindow(),
  };
}

/** Google answers a made-up name with 400, 403 or 404; that it is busy or out of quota it says of real ones only. */
function isKnownUpstream(call: CallRecord): boolean {
  if (call.modelServed !== null) return true;
  if (call.attempts.length === 0) return false;
  return (
    call.outcome === "ok" || call.attempts.some(({ status }) => status !== null && (status === 429 || status >= 500))
  );
}

function statusClass(status: number): number {
  const index = Math.floor(status / 100);
  return index >= 1 && index <= 5 ? index : 0;
}

function toSeries(key: number, calls: number, dialects: readonly string[], operations: readonly string[]): CallSeries {
  return {
    status: statusNames[key % 8] ?? "none",
    outcome: outcomes[Math.floor(key / 8) % 8] ?? "error",
    operation: operations[Math.floor(key / 64) % 64] ?? otherLabel,
    dialect: dialects[Math.floor(key / 4096)] ?? otherLabel,
    calls,
  };
}
