/**
 * What the gateway's own paths tell in numbers, put together at the moment of the question, out of memory alone.
 * @module
 */
import type { Settings } from "../../settings/types.ts";
import type { Clock } from "../../core/ports.ts";
import type { Credential } from "../../core/credential.ts";
import type { RecorderState } from "../../ledger/types.ts";
import { summarizeQuotas } from "../../observe/gauge-families.ts";
import { toDetailedHealth } from "../../observe/health-detailed.ts";
import { toHealth, type HealthFacts } from "../../observe/health.ts";
import { renderLegacyMetrics } from "../../observe/legacy/metrics-json.ts";
import { toModelUsage } from "../../observe/legacy/model-usage.ts";
import type { GatewayGauges, Metrics, OtlpState } from "../../observe/metrics-types.ts";
import { prometheusContentType } from "../../observe/prometheus-text.ts";
import { renderPrometheus } from "../../observe/render.ts";
import type { Pool } from "../../pool/types.ts";
import { maskSecret } from "../../vault/redact.ts";
import type { FrontParts } from "../front/front.ts";

/** What is read. */
export interface NumberSources {
  version: string;
  host: string;
  startedAt: number;
  clock: Clock;
  settings: Pick<Settings, "dedupWindowMs" | "responseCacheTtlMs">;
  pool: Pick<Pool, "view" | "counts" | "quotas">;
  credential(id: string): Pick<Credential, "secret" | "kind" | "name"> | null;
  metrics: Metrics;
  resources(): number;
  recorder(): RecorderState | null;
  openCalls(): number;
  listeners(): number;
  draining(): boolean;
  rssBytes(): number | null;
  otlp(): OtlpState | null;
  /** Access tokens of accounts that were refreshed since the start. */
  tokenRefreshes(): number;
}

/** Makes that part of a front. */
export function createNumbers(sources: NumberSources): Pick<
  FrontParts,
  "health" | "healthInDetail" | "prometheus" | "metrics" | "modelUsage"
> & {
  gauges(): GatewayGauges;
} {
  const { clock, pool, metrics, settings } = sources;
  const facts = (): HealthFacts => ({
    version: sources.version,
    startedAt: sources.startedAt,
    now: clock.now(),
    pool: pool.counts(clock.now()),
    recorder: sources.recorder(),
    storeUsable: true,
    openCalls: sources.openCalls(),
    figures: metrics.figures(),
    answersKept: settings.dedupWindowMs > 0 || settings.responseCacheTtlMs > 0,
    tokenRefreshes: sources.tokenRefreshes(),
  });
  const gauges = (): GatewayGauges => ({
    version: sources.version,
    host: sources.host,
    startedAt: sources.startedAt,
    now: clock.now(),
    pool: pool.counts(clock.now()),
    quotas: summarizeQuotas(pool.quotas(clock.now())),
    recorder: sources.recorder(),
    openCalls: sources.openCalls(),
    listeners: sources.listeners(),
    resources: sources.resources(),
    rssBytes: sources.rssBytes(),
    draining: sources.draining(),
    otlp: sources.otlp(),
  });
  return {
    gauges,
    health: () => toHealth(facts()),
    healthInDetail: () => toDetailedHealth(facts()),
    prometheus: () => ({ text: renderPrometheus(metrics, gauges()), contentType: prometheusContentType }),
    metrics: () => renderLegacyMetrics(metrics, gauges()),
    modelUsage: () =>
      toModelUsage({
        view: pool.view(clock.now()),
        uses: metrics.uses(),
        masked(id) {
          const credential = sources.credential(id);
          if (credential === null) return id;
          // What the pool holds of an account is an envelope, which tells nobody which one it is.
          return credential.kind === "code-assist" ? credential.name : maskSecret(credential.secret);
        },
        now: clock.now(),
      }),
  };
}
