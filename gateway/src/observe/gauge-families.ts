/**
 * Families of what is looked up when somebody asks: pool, quotas, ledger, process.
 * @module
 */
import type { QuotaView } from "../pool/types.ts";
import { prefix } from "./call-families.ts";
import type { MetricFamily, Sample } from "./families.ts";
import type { GatewayGauges } from "./metrics-types.ts";

/**
 * Counts limits without room.
 * @param quotas of the pool; `limit 0` ones are not exhausted but not offered at all
 */
export function summarizeQuotas(quotas: readonly QuotaView[]): GatewayGauges["quotas"] {
  let exhausted = 0;
  let unavailable = 0;
  for (const { value, used } of quotas) {
    if (value === 0) unavailable += 1;
    else if (used >= value) exhausted += 1;
  }
  return { limits: quotas.length, exhausted, unavailable };
}

/** @returns the families in the order of docs/observability.md; what is off or not told is left out */
export function toGaugeFamilies(gauges: GatewayGauges): MetricFamily[] {
  const { pool, quotas, recorder, otlp } = gauges;
  return [
    gauge("open_calls", "Calls under way.", "{call}", gauges.openCalls),
    family("gauge", "credentials", "Credentials by state; usable and cooling overlap.", "{credential}", [
      state("total", pool.total),
      state("usable", pool.usable),
      state("cooling", pool.cooling),
      state("disabled", pool.disabled),
      state("off", pool.off),
    ]),
    gauge("pool_panic", "1: verdicts would disable too much of the pool at once.", "1", pool.panic ? 1 : 0),
    gauge("quota_limits", "Known limits of Google.", "{limit}", quotas.limits),
    gauge("quota_exhausted", "Limits without room now.", "{limit}", quotas.exhausted),
    gauge("quota_unavailable", "Limits of 0: the model is not offered to the project.", "{limit}", quotas.unavailable),
    ...(recorder === null
      ? []
      : [
          gauge("ledger_queued", "Calls that wait in memory for the ledger.", "{call}", recorder.queued),
          gauge("ledger_spilled", "Calls that wait in the journal for the ledger.", "{call}", recorder.spilled),
          total("ledger_lost_total", "Calls that neither ledger nor journal took.", "{call}", recorder.lost),
          total("ledger_failures_total", "Failed writes to the ledger.", "{write}", recorder.failures),
        ]),
    gauge("resources", "Files, caches and other resources whose owner is known.", "{resource}", gauges.resources),
    gauge("listeners", "Live tails of the calls list.", "{listener}", gauges.listeners),
    ...(otlp === null
      ? []
      : [
          gauge("otlp_queued_spans", "Spans that wait for the collector.", "{span}", otlp.queuedSpans),
          total("otlp_exported_spans_total", "Spans that the collector took.", "{span}", otlp.exportedSpans),
          total("otlp_dropped_spans_total", "Spans given up.", "{span}", otlp.droppedSpans),
          total("otlp_failures_total", "Requests to the collector that went wrong.", "{request}", otlp.failures),
        ]),
    gauge("draining", "1: the gateway is shutting down.", "1", gauges.draining ? 1 : 0),
    gauge("start_time_seconds", "Start of the process, seconds since the epoch.", "s", gauges.startedAt / 1000),
    family("gauge", "build_info", "Version and host of the gateway.", "1", [
      {
        labels: [
          ["version", gauges.version],
          ["host", gauges.host],
        ],
        value: 1,
      },
    ]),
    ...(gauges.rssBytes === null
      ? []
      : [
          // The name that dashboards of every language know: no prefix, by convention.
          {
            name: "process_resident_memory_bytes",
            help: "Resident memory of the process.",
            unit: "By",
            kind: "gauge" as const,
            samples: [{ labels: [], value: gauges.rssBytes }],
          },
        ]),
  ];
}

// --- helpers ---

function family(
  kind: "gauge" | "counter",
  name: string,
  help: string,
  unit: string,
  samples: readonly Sample[],
): MetricFamily {
  return { name: prefix + name, help, unit, kind, samples };
}

function gauge(name: string, help: string, unit: string, value: number): MetricFamily {
  return family("gauge", name, help, unit, [{ labels: [], value }]);
}

function total(name: string, help: string, unit: string, value: number): MetricFamily {
  return family("counter", name, help, unit, [{ labels: [], value }]);
}

function state(name: string, value: number): Sample {
  return { labels: [["state", name]], value };
}
