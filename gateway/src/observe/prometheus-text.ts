/**
 * The text format of Prometheus, version 0.0.4.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @module
 */
import type { Labels, MetricFamily } from "./families.ts";

/** What the text is served as. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes families as text. A family without a value is left out.
 * @param families each name at most once
 */
export function toPrometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    const values = valuesOf(family);
    if (values.length === 0) continue;
    lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`, `# TYPE ${family.name} ${family.kind}`, ...values);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

// --- helpers ---

function valuesOf(family: MetricFamily): string[] {
  const { name } = family;
  switch (family.kind) {
    case "counter":
    case "gauge":
      return family.samples.map(({ labels, value }) => line(name, labels, value));
    case "summary":
      return [line(`${name}_sum`, [], family.sum), line(`${name}_count`, [], family.count)];
    case "histogram":
      return family.points.flatMap(({ labels, counts, sum }) => {
        let below = 0;
        const buckets = counts.map((count, index) => {
          below += count;
          const bound = family.bounds[index];
          return line(`${name}_bucket`, [...labels, ["le", bound === undefined ? "+Inf" : number(bound)]], below);
        });
        return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, below)];
      });
  }
}

function line(name: string, labels: Labels, value: number): string {
  if (labels.length === 0) return `${name} ${number(value)}`;
  return `${name}{${labels.map(([key, text]) => `${key}="${escapeValue(text)}"`).join(",")}} ${number(value)}`;
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
