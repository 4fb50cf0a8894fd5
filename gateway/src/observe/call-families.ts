/**
 * Families of what is counted of calls.
 * @module
 */
import type { HistogramPoint, Labels, MetricFamily, Sample } from "./families.ts";
import type { Histogram } from "./histogram.ts";
import type { MetricsTotals } from "./metrics-types.ts";

/** Prefix of all names. */
export const prefix = "gemini_proxy_";

/** @returns the families in the order of docs/observability.md */
export function toCallFamilies(totals: MetricsTotals): MetricFamily[] {
  return [
    counter("calls_total", "Calls that ended.", "{call}", toCalls(totals)),
    counter("first_try_total", "Calls that went well with their first attempt.", "{call}", [one(totals.firstTry)]),
    counter("cached_answers_total", "Calls answered from kept or shared answers.", "{call}", [one(totals.cached)]),
    counter(
      "attempts_total",
      "Attempts at an upstream, by verdict rule and whose fault it was.",
      "{attempt}",
      totals.attempts.map(({ rule, fault, attempts }) => ({
        labels: [
          ["rule", rule],
          ["fault", fault],
        ],
        value: attempts,
      })),
    ),
    counter(
      "tokens_total",
      "Tokens as Google told them: cached is part of prompt, thoughts is not part of output.",
      "{token}",
      toTokens(totals),
    ),
    counter(
      "cost_usd_total",
      "Cost at list prices, US dollars; calls of unknown cost are not in it.",
      "USD",
      totals.models.map(({ model, costNanoUsd }) => ({ labels: [["model", model]], value: costNanoUsd / 1e9 })),
    ),
    counter("calls_without_cost_total", "Calls whose cost is not known.", "{call}", [one(totals.withoutCost)]),
    seconds(
      "call_duration_seconds",
      "Whole duration of calls.",
      totals.durations.map(({ operation, histogram }) => [[["operation", operation]], histogram]),
    ),
    seconds("first_byte_seconds", "From a call's start to its first body byte.", [[[], totals.firstByte]]),
    seconds("overhead_seconds", "The gateway's own time before an answer's head.", [[[], totals.overhead]]),
  ];
}

// --- helpers ---

function counter(name: string, help: string, unit: string, samples: readonly Sample[]): MetricFamily {
  return { name: prefix + name, help, unit, kind: "counter", samples };
}

function one(value: number): Sample {
  return { labels: [], value };
}

function toCalls(totals: MetricsTotals): Sample[] {
  return totals.models.flatMap(({ model, series }) =>
    series.map(({ dialect, operation, outcome, status, calls }): Sample => ({
      labels: [
        ["dialect", dialect],
        ["operation", operation],
        ["outcome", outcome],
        ["status", status],
        ["model", model],
      ],
      value: calls,
    })),
  );
}

function toTokens(totals: MetricsTotals): Sample[] {
  return totals.models.flatMap(({ model, tokens }) =>
    (
      [
        ["prompt", tokens.prompt],
        ["cached", tokens.cached],
        ["output", tokens.output],
        ["thoughts", tokens.thoughts],
        ["tool_use", tokens.toolUse],
      ] as const
    )
      .filter(([, value]) => value > 0)
      .map(([kind, value]): Sample => ({
        labels: [
          ["kind", kind],
          ["model", model],
        ],
        value,
      })),
  );
}

/** @param points histograms in microseconds */
function seconds(name: string, help: string, points: readonly (readonly [Labels, Histogram])[]): MetricFamily {
  const [first] = points;
  return {
    name: prefix + name,
    help,
    unit: "s",
    kind: "histogram",
    bounds: first === undefined ? [] : first[1].bounds.map((micros) => micros / 1e6),
    points: points.map(([labels, { counts, sum }]): HistogramPoint => ({ labels, counts, sum: sum / 1e6 })),
  };
}
