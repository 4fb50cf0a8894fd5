/**
 * Names of an earlier proxy's Prometheus text, with true values (fact sheet compatibility 2, E). Shares are percentages
 * there, and rates look back on the last five minutes.
 * @module
 */
import type { MetricFamily, Sample } from "../families.ts";
import type { GatewayGauges, HealthFigures, MetricsTotals } from "../metrics-types.ts";
import { averageMs, percentOf } from "./rates.ts";

/** What the aliases are made of. */
export interface AliasSources {
  totals: MetricsTotals;
  figures: HealthFigures;
  gauges: Pick<GatewayGauges, "openCalls" | "now">;
}

/** @returns rates of which nothing is known are left out */
export function toAliasFamilies({ totals, figures, gauges }: AliasSources): MetricFamily[] {
  const { recent } = figures;
  const models = totals.models.map(({ model, calls, recent: look }) => ({ model, calls, recent: look(gauges.now) }));
  return [
    counter("total_requests", "Calls that ended.", totals.calls),
    gauge("active_requests", "Calls under way.", [{ labels: [], value: gauges.openCalls }]),
    {
      name: "gemini_proxy_response_time_ms",
      help: "Whole duration of calls, milliseconds, without Live sessions.",
      unit: "ms",
      kind: "summary",
      sum: totals.timed.micros / 1000,
      count: totals.timed.calls,
    },
    gauge("error_rate", "Calls that ended in an error, per cent, last five minutes.", [
      ...known([], percentOf(recent.errors, recent.calls)),
    ]),
    gauge("cache_hit_rate", "Calls answered from kept or shared answers, per cent, last five minutes.", [
      ...known([], percentOf(recent.cached, recent.calls)),
    ]),
    {
      name: "gemini_proxy_model_requests",
      help: "Calls that ended, by model.",
      unit: "{call}",
      kind: "counter",
      samples: models.map(({ model, calls }) => ({ labels: [["model", model]], value: calls })),
    },
    gauge(
      "model_avg_response_time",
      "Average duration by model, milliseconds, last five minutes.",
      models.flatMap(({ model, recent: sums }) => known([["model", model]], averageMs(sums))),
    ),
    gauge(
      "model_error_rate",
      "Calls that ended in an error by model, per cent, last five minutes.",
      models.flatMap(({ model, recent: sums }) => known([["model", model]], percentOf(sums.errors, sums.calls))),
    ),
  ];
}

// --- helpers ---

function counter(name: string, help: string, value: number): MetricFamily {
  return { name: `gemini_proxy_${name}`, help, unit: "{call}", kind: "counter", samples: [{ labels: [], value }] };
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `gemini_proxy_${name}`, help, unit: "1", kind: "gauge", samples };
}

function known(labels: Sample["labels"], value: number | null): Sample[] {
  return value === null ? [] : [{ labels, value }];
}
