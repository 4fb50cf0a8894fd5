/**
 * Metric families: what Prometheus is shown and a collector is sent is made of the same list.
 * @module
 */

/** Names and values, in the order they are shown in. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** One value. */
export interface Sample {
  labels: Labels;
  value: number;
}

/** Counts by class of one set of labels. */
export interface HistogramPoint {
  labels: Labels;
  /** One longer than the bounds; not cumulative. */
  counts: readonly number[];
  sum: number;
}

/** A metric with all its values. */
export type MetricFamily = {
  /** As Prometheus has it, with `_total` where it is a counter. */
  name: string;
  /** One line for people. */
  help: string;
  /** UCUM, as OpenTelemetry has it: `s`, `By`, `{call}`, `USD`; `1` for shares. */
  unit: string;
} & (
  | { kind: "counter" | "gauge"; samples: readonly Sample[] }
  | { kind: "histogram"; bounds: readonly number[]; points: readonly HistogramPoint[] }
  | { kind: "summary"; count: number; sum: number }
);
