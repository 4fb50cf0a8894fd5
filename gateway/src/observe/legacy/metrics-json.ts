/**
 * What `/metrics` answers as JSON, in the shape of an earlier proxy (fact sheet compatibility 2, E). Null stands for what
 * this gateway does not have or does not know; shares are percentages, and rates look back on the last five minutes.
 * @module
 */
import { breakerState } from "../breaker.ts";
import { durationBounds, quantileOf } from "../histogram.ts";
import { isError } from "../judge-call.ts";
import type { GatewayGauges, HealthFigures, Metrics, SlowCall } from "../metrics-types.ts";
import { windowMinutes } from "../window.ts";
import { averageMs, percentOf, rounded } from "./rates.ts";

/**
 * Renders the figures.
 * @param tokenRefreshes access tokens fetched since the start. @default 0
 * @returns plain data for `JSON.stringify`
 */
export function renderLegacyMetrics(
  metrics: Metrics,
  gauges: GatewayGauges,
  tokenRefreshes = 0,
): Record<"operational" | "performance", object> & { timestamp: number } {
  const totals = metrics.totals();
  const figures = metrics.figures();
  const { recent } = figures;
  const uptimeSeconds = Math.max(0, Math.floor((gauges.now - gauges.startedAt) / 1000));
  const times = {
    average: rounded(averageMs(recent)),
    p95: quantileMs(recent.latency, 0.95),
    p99: quantileMs(recent.latency, 0.99),
  };
  const errorRate = rounded(percentOf(recent.errors, recent.calls));
  const cacheHitRate = rounded(percentOf(recent.cached, recent.calls));
  return {
    operational: {
      cacheMetrics: {
        tokenCache: { hitRate: null, missRate: null, refreshCount: tokenRefreshes, lastRefresh: null },
        projectCache: { hitRate: null, missRate: null, size: null, lastUpdate: null },
      },
      upstreamMetrics: {
        responseTime: times,
        errorRate,
        requestCount: totals.calls,
        circuitBreakerState: breakerState(gauges.pool),
      },
      systemMetrics: {
        memoryUsage: gauges.rssBytes,
        activeConnections: gauges.openCalls,
        requestsPerSecond: rounded(perSecond(figures, uptimeSeconds)),
        uptimeSeconds,
      },
    },
    performance: {
      snapshot: {
        timestamp: gauges.now,
        totalRequests: totals.calls,
        activeRequests: gauges.openCalls,
        averageResponseTime: times.average,
        p95ResponseTime: times.p95,
        p99ResponseTime: times.p99,
        errorRate,
        cacheHitRate,
        tokenRefreshCount: tokenRefreshes,
        circuitBreakerTrips: null,
        memoryUsage: gauges.rssBytes,
      },
      systemMetrics: {
        activeRequests: gauges.openCalls,
        totalRequests: totals.calls,
        errorRate,
        averageResponseTime: times.average,
        tokenRefreshCount: tokenRefreshes,
        cacheHitCount: totals.cached,
        cacheMissCount: totals.calls - totals.cached,
      },
      modelBreakdown: Object.fromEntries(
        totals.models.flatMap(({ model, recent: look }) => {
          const sums = look(gauges.now);
          if (sums.calls === 0) return [];
          const row = {
            requestCount: sums.calls,
            averageResponseTime: rounded(averageMs(sums)),
            errorRate: rounded(percentOf(sums.errors, sums.calls)),
            cacheHitRate: rounded(percentOf(sums.cached, sums.calls)),
          };
          return [[model, row]];
        }),
      ),
      slowRequests: totals.slow
        .filter((call) => call.endedAt >= gauges.now - windowMinutes * 60_000)
        .toSorted((a, b) => b.totalMicros - a.totalMicros)
        .map(toSlowRequest),
    },
    timestamp: gauges.now,
  };
}

// --- helpers ---

function quantileMs(latency: readonly number[], share: number): number | null {
  const micros = quantileOf(durationBounds, latency, share);
  return micros === null ? null : rounded(micros / 1000);
}

/** Over the last five minutes, or what there is of them. */
function perSecond({ recent }: HealthFigures, uptimeSeconds: number): number {
  return recent.calls / Math.min(Math.max(uptimeSeconds, 1), windowMinutes * 60);
}

function toSlowRequest(call: SlowCall): object {
  return {
    requestId: call.id,
    timestamp: Math.round(call.endedAt),
    model: call.model,
    action: call.operation,
    totalTime: rounded(call.totalMicros / 1000),
    authTime: null,
    transformTime: rounded(call.overheadMicros / 1000),
    upstreamTime: rounded((call.totalMicros - call.overheadMicros) / 1000),
    isStreaming: call.stream,
    cacheUsed: call.outcome === "ok" && call.attempts === 0,
    retryCount: Math.max(0, call.attempts - 1),
    errorOccurred: isError(call),
    statusCode: call.status,
  };
}
