/**
 * The conventions' metrics of GenAI: tokens and durations of attempts (the gateway is Gemini's client) and durations of
 * calls (the gateway is its clients' server). Only kept while a collector is configured.
 * @module
 */
import type { CallRecord } from "../../core/records.ts";
import type { MetricFamily } from "../families.ts";
import { createHistogram, observe, type Histogram } from "../histogram.ts";
import { otherLabel } from "../label-set.ts";
import { durationSeconds, genAiOperation, isGenAi, metricNames, names, provider, tokenClasses } from "./names.ts";
import { errorTypeOf } from "./spans.ts";

/** Counts. */
export interface GenAiMetrics {
  /** @param model label of the call's model; bounded */
  record(call: CallRecord, model: string): void;
  families(): MetricFamily[];
}

/** Sets of attributes of one metric; what comes beyond shares one set without model and error. */
const seriesLimit = 2_000;

/** Makes it, empty. */
export function createGenAiMetrics(): GenAiMetrics {
  const tokens = createSeries(tokenClasses);
  const client = createSeries(durationSeconds);
  const server = createSeries(durationSeconds);
  return {
    record(call, model) {
      if (!isGenAi(call.operation) || call.outcome === "interrupted") return;
      const operation = genAiOperation(call.operation);
      server.observe({ operation, model, last: errorTypeOf(call) ?? "" }, call.totalMicros / 1e6);
      for (const attempt of call.attempts) {
        const error = attempt.fault === "none" ? "" : attempt.rule;
        client.observe({ operation, model, last: error }, attempt.durationMicros / 1e6);
        const { usage } = attempt;
        if (usage === null) continue;
        tokens.observe({ operation, model, last: "input" }, usage.promptTokens + usage.toolUseTokens);
        const output = usage.outputTokens + usage.thoughtsTokens;
        if (output > 0) tokens.observe({ operation, model, last: "output" }, output);
      }
    },
    families: () => [
      {
        ...tokens.points(names.genAiTokenType),
        name: metricNames.tokenUsage,
        help: "Number of input and output tokens used.",
        unit: "{token}",
      },
      {
        ...client.points(names.errorType),
        name: metricNames.clientDuration,
        help: "Duration of attempts at Gemini.",
        unit: "s",
      },
      {
        ...server.points(names.errorType),
        name: metricNames.serverDuration,
        help: "Duration of calls as the gateway's clients saw them.",
        unit: "s",
      },
    ],
  };
}

// --- helpers ---

interface Key {
  operation: string;
  model: string;
  /** Value of the attribute that the metric has beside; empty: none. */
  last: string;
}

function createSeries(bounds: readonly number[]): {
  observe(key: Key, value: number): void;
  points(last: string): Pick<Extract<MetricFamily, { kind: "histogram" }>, "kind" | "bounds" | "points">;
} {
  const series = new Map<string, { key: Key; histogram: Histogram }>();
  const add = (id: string, key: Key): { key: Key; histogram: Histogram } => {
    const entry = { key, histogram: createHistogram(bounds) };
    series.set(id, entry);
    return entry;
  };
  const idOf = (key: Key): string => `${key.operation}\n${key.model}\n${key.last}`;
  return {
    observe(key, value) {
      const id = idOf(key);
      let entry = series.get(id);
      if (entry === undefined) {
        const rest: Key = { operation: key.operation, model: otherLabel, last: "" };
        entry = series.size < seriesLimit ? add(id, key) : (series.get(idOf(rest)) ?? add(idOf(rest), rest));
      }
      observe(entry.histogram, value);
    },
    points: (last) => ({
      kind: "histogram",
      bounds,
      points: [...series.values()].map(({ key, histogram }) => ({
        labels: [
          [names.genAiOperation, key.operation],
          [names.genAiProvider, provider],
          [names.genAiRequestModel, key.model],
          ...(key.last === "" ? [] : [[last, key.last] as const]),
        ],
        counts: histogram.counts,
        sum: histogram.sum,
      })),
    }),
  };
}
