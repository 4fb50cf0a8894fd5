/**
 * What `/health/detailed` answers, in the shape of an earlier proxy (fact sheet compatibility 2, E), out of memory alone.
 * @module
 */
import { breakerState, type BreakerState } from "./breaker.ts";
import { judgeHealth, storeStatus, upstreamStatus, type HealthFacts, type HealthStatus } from "./health.ts";
import { averageMs, percentOf, rounded } from "./legacy/rates.ts";

/** One check. */
export interface HealthCheck {
  status: HealthStatus;
  message: string;
  /** Milliseconds that calls took on average in the last five minutes; null: nothing is asked for this check. */
  responseTime: number | null;
  /** Epoch milliseconds. */
  lastChecked: number;
}

/** The answer. Shares are percentages here; those of errors, hits and durations look back on the last five minutes. */
export interface DetailedHealth {
  status: HealthStatus;
  timestamp: number;
  version: string;
  /** Milliseconds. */
  uptime: number;
  checks: Record<"authentication" | "kvStorage" | "upstreamApi" | "circuitBreaker" | "performance", HealthCheck>;
  metrics: {
    totalRequests: number;
    activeRequests: number;
    errorRate: number | null;
    averageResponseTime: number | null;
    cacheHitRate: number | null;
    tokenRefreshCount: number;
  };
  alerts: string[];
}

/** From where on somebody is told. Per cent; of calls at once. */
const thresholds = { errorRate: 5, cacheHitRate: 50, activeRequests: 100 } as const;

/** Judges and tells. The status is that of `/health`: alerts are for people, not for whoever restarts things. */
export function toDetailedHealth(facts: HealthFacts): { status: 200 | 503; body: DetailedHealth } {
  const { status } = judgeHealth(facts);
  const { recent } = facts.figures;
  const alerts = alertsOf(facts);
  return {
    status: status === "unhealthy" ? 503 : 200,
    body: {
      status,
      timestamp: facts.now,
      version: facts.version,
      uptime: Math.max(0, facts.now - facts.startedAt),
      checks: checksOf(facts, alerts),
      metrics: {
        totalRequests: facts.figures.calls,
        activeRequests: facts.openCalls,
        errorRate: rounded(percentOf(recent.errors, recent.calls)),
        averageResponseTime: rounded(averageMs(recent)),
        cacheHitRate: rounded(percentOf(recent.cached, recent.calls)),
        tokenRefreshCount: facts.tokenRefreshes,
      },
      alerts,
    },
  };
}

// --- helpers ---

/** Errors are those that are not the client's own mistakes. */
function alertsOf(facts: Pick<HealthFacts, "figures" | "openCalls" | "answersKept">): string[] {
  const { recent, recentSlow } = facts.figures;
  const errorRate = percentOf(recent.failures, recent.calls);
  const hitRate = percentOf(recent.cached, recent.calls);
  const alerts: string[] = [];
  if (errorRate !== null && errorRate > thresholds.errorRate) alerts.push(`High error rate: ${errorRate.toFixed(2)}%`);
  // Where no answer is kept there is nothing to hit.
  if (facts.answersKept && hitRate !== null && hitRate < thresholds.cacheHitRate)
    alerts.push(`Low cache hit rate: ${hitRate.toFixed(2)}%`);
  if (facts.openCalls > thresholds.activeRequests) alerts.push(`High active request count: ${facts.openCalls}`);
  if (recentSlow > 0) alerts.push(`${recentSlow} slow requests detected (>5000ms)`);
  return alerts;
}

function checksOf(facts: HealthFacts, alerts: readonly string[]): DetailedHealth["checks"] {
  const { pool } = facts;
  const breaker = breakerState(pool);
  const store = storeStatus(facts);
  const upstream = upstreamStatus(facts.figures);
  const check = (status: HealthStatus, message: string, responseTime: number | null = null): HealthCheck => ({
    status,
    message,
    responseTime,
    lastChecked: facts.now,
  });
  return {
    authentication: check(
      pool.usable > 0 ? "healthy" : "degraded",
      `${pool.usable} of ${pool.total} credentials can serve; ${pool.disabled} disabled, ${pool.off} off`,
    ),
    kvStorage: check(
      store === "connected" ? "healthy" : store === "failing" ? "degraded" : "unhealthy",
      storeMessages[store],
    ),
    upstreamApi: check(
      upstream === "unknown" ? "healthy" : upstream,
      upstream === "unknown"
        ? "No attempt in the last five minutes"
        : `${facts.figures.recent.upstreamFaults} of ${facts.figures.recent.attempts} attempts of the last five minutes failed by the upstream's or the network's fault`,
      rounded(averageMs(facts.figures.recent)),
    ),
    circuitBreaker: check(breaker === "CLOSED" ? "healthy" : "degraded", breakerMessages[breaker]),
    performance: check(
      alerts.length === 0 ? "healthy" : "degraded",
      alerts.length === 0 ? "No alerts" : alerts.join("; "),
    ),
  };
}

const storeMessages = {
  connected: "The store takes writes",
  failing: "The last write to the ledger failed; the journal keeps what comes",
  disconnected: "The state cannot be reached",
} as const;

const breakerMessages: Readonly<Record<BreakerState, string>> = {
  CLOSED: "Calls are served",
  HALF_OPEN: "Verdicts would disable too much of the pool at once; it goes on with care",
  OPEN: "No credential can serve",
};
