/**
 * Everything that looks at calls as they end, behind one function: counters, live tails, log lines, the collector.
 * @module
 */
import type { CallHub } from "../admin/services.ts";
import type { Clock, Digest, Logger, Random } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import type { Settings } from "../settings/types.ts";
import type { PricedCall } from "../storage/types.ts";
import { logCall } from "./call-log.ts";
import { createCallHub } from "./hub.ts";
import { createMetrics } from "./metrics.ts";
import type { GatewayGauges, Metrics, OtlpState } from "./metrics-types.ts";
import { createOtlpExporter, type OtlpExporter } from "./otlp/exporter.ts";
import { parseCollectorHeaders } from "./otlp/headers.ts";
import type { OtlpPost, Schedule } from "./otlp/sender.ts";
import type { ServerAddress } from "./otlp/spans.ts";
import { toFamilies } from "./render.ts";

/** What observers work with. */
export interface ObserverParts {
  /** LOG_CALLS and the share of traced calls are looked at for each call, the rest once. */
  settings: Pick<
    Settings,
    | "logCalls"
    | "otlpEndpoint"
    | "otlpHeaders"
    | "otlpSample"
    | "otlpServiceName"
    | "geminiBaseUrl"
    | "openaiBaseUrl"
    | "codeAssistBaseUrl"
  >;
  version: string;
  /** Epoch milliseconds. */
  startedAt: number;
  clock: Clock;
  random: Random;
  digest: Digest;
  logger: Logger;
  /** Prices a record by what is in force. */
  price(record: CallRecord): Pick<PricedCall, "costNanoUsd">;
  /** How a body gets to the collector. Null: this host sends none, and says so when one is configured. */
  post: OtlpPost | null;
  schedule: Schedule;
  /** For the collector: what `/metrics` would show. Not called before the first minute is over. */
  gauges(): GatewayGauges;
}

/** The one thing that hosts tell. */
export interface Observers {
  /**
   * A call ended: for `Control.settle`. Some microseconds at most, never throws.
   * @param priced when the caller has priced it already
   */
  settled(record: CallRecord, priced?: Pick<PricedCall, "costNanoUsd">): void;
  metrics: Metrics;
  hub: CallHub & { size(): number };
  /** Null: nothing is exported. */
  otlp(): OtlpState | null;
  /** Sends what waits for the collector, for as long as that at most. @default 5000 */
  close(withinMs?: number): Promise<void>;
}

const complainEveryMs = 60_000;

/** Starts them. */
export function createObservers(parts: ObserverParts): Observers {
  const { settings, clock, logger } = parts;
  const metrics = createMetrics({ clock });
  const hub = createCallHub(complain);
  const exporter = startExporter(parts, metrics);
  let complainedAt = -Infinity;

  /** Mistakes of ours here must not cost a call, nor fill the log. */
  function complain(error: unknown): void {
    const now = clock.monotonic();
    if (now - complainedAt < complainEveryMs) return;
    complainedAt = now;
    logger.log("error", "observe.failed", { error: error instanceof Error ? error.name : "Error" });
  }

  return {
    settled(record, priced) {
      try {
        const { costNanoUsd } = priced ?? parts.price(record);
        metrics.record(record, costNanoUsd);
        hub.publish(record);
        if (settings.logCalls) logCall(logger, record, costNanoUsd);
        if (exporter !== null) exporter.settled(record, costNanoUsd, metrics.modelLabel(record));
      } catch (error) {
        complain(error);
      }
    },
    metrics,
    hub,
    otlp: () => (exporter === null ? null : exporter.state()),
    close: (withinMs) => (exporter === null ? Promise.resolve() : exporter.close(withinMs)),
  };
}

// --- helpers ---

function startExporter(parts: ObserverParts, metrics: Metrics): OtlpExporter | null {
  const { settings, logger, post } = parts;
  if (settings.otlpEndpoint === null) return null;
  if (post === null) {
    logger.log("warn", "otlp.unsupported", { setting: "OTEL_EXPORTER_OTLP_ENDPOINT" });
    return null;
  }
  const { headers, unusable } = parseCollectorHeaders(settings.otlpHeaders);
  if (unusable.length > 0)
    logger.log("warn", "otlp.headers-unusable", { setting: "OTEL_EXPORTER_OTLP_HEADERS", places: unusable });
  const native = toServerAddress(settings.geminiBaseUrl);
  const openai = toServerAddress(settings.openaiBaseUrl);
  const codeAssist = toServerAddress(settings.codeAssistBaseUrl);
  return createOtlpExporter({
    ...parts,
    post,
    headers,
    endpoint: settings.otlpEndpoint,
    serviceName: settings.otlpServiceName,
    sample: () => settings.otlpSample,
    serverOf: ({ backend }) => (backend === "gemini-openai" ? openai : backend === "code-assist" ? codeAssist : native),
    families: () => toFamilies(metrics, parts.gauges()),
  });
}

function toServerAddress(base: string): ServerAddress | null {
  const match = /^(https?):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?(?:\/|$)/.exec(base);
  if (match === null) return null;
  const [, scheme, address, port] = match;
  return { address: address as string, port: port === undefined ? (scheme === "https" ? 443 : 80) : Number(port) };
}
