/**
 * Metric families as OTLP metrics: cumulative since the start of the process.
 * @module
 */
import type { Labels, MetricFamily } from "../families.ts";
import { prefix } from "../call-families.ts";
import { toUnixNano, type OtlpAttribute, type OtlpMetric } from "./types.ts";

/** Of the process' start and of now, epoch milliseconds. */
export interface MetricTimes {
  startedAt: number;
  now: number;
}

/**
 * Turns families into metrics; those without a value and summaries are left out.
 * `gemini_proxy_calls_total` becomes `gemini_proxy.calls`: units and kinds stand beside names in OpenTelemetry.
 */
export function toOtlpMetrics(families: readonly MetricFamily[], { startedAt, now }: MetricTimes): OtlpMetric[] {
  const startTimeUnixNano = toUnixNano(startedAt);
  const timeUnixNano = toUnixNano(now);
  return families.flatMap((family): OtlpMetric[] => {
    const common = { name: toOtlpName(family.name), description: family.help, unit: family.unit };
    switch (family.kind) {
      case "summary":
        return [];
      case "gauge": {
        const dataPoints = family.samples.map(({ labels, value }) => ({
          attributes: fromLabels(labels),
          timeUnixNano,
          asDouble: value,
        }));
        return dataPoints.length === 0 ? [] : [{ ...common, gauge: { dataPoints } }];
      }
      case "counter": {
        const dataPoints = family.samples.map(({ labels, value }) => ({
          attributes: fromLabels(labels),
          startTimeUnixNano,
          timeUnixNano,
          asDouble: value,
        }));
        if (dataPoints.length === 0) return [];
        return [{ ...common, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }];
      }
      case "histogram": {
        const dataPoints = family.points.map(({ labels, counts, sum }) => ({
          attributes: fromLabels(labels),
          startTimeUnixNano,
          timeUnixNano,
          count: String(counts.reduce((all, count) => all + count, 0)),
          sum,
          bucketCounts: counts.map(String),
          explicitBounds: [...family.bounds],
        }));
        return dataPoints.length === 0 ? [] : [{ ...common, histogram: { aggregationTemporality: 2, dataPoints } }];
      }
    }
  });
}

// --- helpers ---

/** @param name of Prometheus, or one of the conventions, which stays as it is */
function toOtlpName(name: string): string {
  if (!name.startsWith(prefix)) return processNames.get(name) ?? name;
  return `gemini_proxy.${name.slice(prefix.length).replace(/(_usd)?_total$|_seconds$/, "")}`;
}

const processNames: ReadonlyMap<string, string> = new Map([["process_resident_memory_bytes", "process.memory.usage"]]);

function fromLabels(labels: Labels): OtlpAttribute[] {
  return labels.map(([key, value]) => ({ key, value: { stringValue: value } }));
}
