/**
 * What `/metrics` answers as Prometheus text.
 * @module
 */
import { toCallFamilies } from "./call-families.ts";
import type { MetricFamily } from "./families.ts";
import { toGaugeFamilies } from "./gauge-families.ts";
import { toAliasFamilies } from "./legacy/alias-families.ts";
import type { GatewayGauges, Metrics } from "./metrics-types.ts";
import { toPrometheusText } from "./prometheus-text.ts";

/**
 * Renders everything, to be served as `prometheusContentType`.
 * @param gauges as they are now
 */
export function renderPrometheus(metrics: Metrics, gauges: GatewayGauges): string {
  return toPrometheusText([...toFamilies(metrics, gauges), ...toAliases(metrics, gauges)]);
}

/** The families under the gateway's own names. */
export function toFamilies(metrics: Metrics, gauges: GatewayGauges): MetricFamily[] {
  return [...toCallFamilies(metrics.totals()), ...toGaugeFamilies(gauges)];
}

// --- helpers ---

function toAliases(metrics: Metrics, gauges: GatewayGauges): MetricFamily[] {
  return toAliasFamilies({ totals: metrics.totals(), figures: metrics.figures(), gauges });
}
