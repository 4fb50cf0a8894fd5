import { describe, expect, it } from "vitest";
import type { CallRecord } from "../core/records.ts";
import { sampleAttempt, sampleRecord } from "../storage/contract-samples.ts";
import { createSimulatedClock } from "../testkit/simulated.ts";
import { breakerState } from "./breaker.ts";
import { toDetailedHealth } from "./health-detailed.ts";
import { toHealth, type HealthFacts } from "./health.ts";
import { createMetrics } from "./metrics.ts";

const clock = createSimulatedClock();
const recorder = { queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null };
const pool = { total: 3, usable: 3, cooling: 0, disabled: 0, off: 0, panic: false };

function facts(change: Partial<HealthFacts> = {}, ...records: Partial<CallRecord>[]): HealthFacts {
  const metrics = createMetrics({ clock });
  for (const record of records)
    metrics.record(sampleRecord(0, { startedAt: clock.now() - 1_000, totalMicros: 500_000, ...record }), 0);
  return {
    version: "1.2.3",
    startedAt: clock.now() - 90_500,
    now: clock.now(),
    pool,
    recorder,
    storeUsable: true,
    openCalls: 0,
    figures: metrics.figures(),
    answersKept: false,
    tokenRefreshes: 0,
    ...change,
  };
}

const upstreamFailure: Partial<CallRecord> = {
  status: 500,
  outcome: "error",
  attempts: [sampleAttempt({ status: 500, rule: "upstream.error", fault: "upstream" })],
};

describe("toHealth", () => {
  it("has the documented shape with true figures", () => {
    expect(toHealth(facts({}, {}, { attempts: [], totalMicros: 100_000 }))).toEqual({
      status: 200,
      body: {
        status: "healthy",
        timestamp: "2026-11-21T12:00:00.000Z",
        version: "1.2.3",
        uptimeSeconds: 90,
        metrics: {
          uptime: 90,
          requests_processed: 2,
          cache_hit_rate: 0.5,
          avg_response_time_ms: 300,
          token_refreshes: 0,
          circuit_breaker_state: "CLOSED",
        },
        kv_status: "connected",
        upstream_status: "healthy",
      },
    });
  });

  it("knows nothing of calls before there was one", () => {
    expect(toHealth(facts()).body).toMatchObject({
      metrics: { requests_processed: 0, avg_response_time_ms: null },
      upstream_status: "unknown",
    });
  });

  it("is 503 only where the state cannot be reached", () => {
    expect(toHealth(facts({ storeUsable: false }))).toMatchObject({
      status: 503,
      body: { status: "unhealthy", cause: "state-unreachable", kv_status: "disconnected" },
    });
    expect(toHealth(facts({ recorder: { ...recorder, lastError: "disk full" } }))).toMatchObject({
      status: 200,
      body: { status: "degraded", cause: "ledger", kv_status: "failing" },
    });
    expect(toHealth(facts({ pool: { ...pool, usable: 0 } }))).toMatchObject({
      status: 200,
      body: { status: "degraded", cause: "no-usable-credential", metrics: { circuit_breaker_state: "OPEN" } },
    });
  });

  it("never tells what a write failed with", () => {
    const failing = facts({ recorder: { ...recorder, lastError: "/secret/place: EIO" } });
    expect(JSON.stringify([toHealth(failing), toDetailedHealth(failing)])).not.toContain("/secret/place");
  });

  it("judges the upstream by the attempts of the last five minutes, not by clients' mistakes", () => {
    const mistake: Partial<CallRecord> = {
      status: 400,
      outcome: "error",
      attempts: [sampleAttempt({ status: 400, rule: "client.error", fault: "client" })],
    };
    expect(toHealth(facts({}, mistake, mistake, {})).body.upstream_status).toBe("healthy");
    expect(toHealth(facts({}, upstreamFailure, {}, {})).body.upstream_status).toBe("degraded");
    expect(toHealth(facts({}, upstreamFailure, upstreamFailure, {})).body.upstream_status).toBe("unhealthy");
  });
});

describe("breakerState", () => {
  it.each([
    [0, false, "OPEN"],
    [0, true, "OPEN"],
    [2, true, "HALF_OPEN"],
    [2, false, "CLOSED"],
  ] as const)("of %i usable credentials with panic %s is %s", (usable, panic, state) => {
    expect(breakerState({ usable, panic })).toBe(state);
  });
});

describe("toDetailedHealth", () => {
  it("has every check with status, message, time and duration", () => {
    const { status, body } = toDetailedHealth(facts({ openCalls: 4 }, {}));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: "healthy",
      timestamp: clock.now(),
      uptime: 90_500,
      metrics: { totalRequests: 1, activeRequests: 4, errorRate: 0, averageResponseTime: 500, cacheHitRate: 0 },
      alerts: [],
    });
    expect(Object.keys(body.checks)).toEqual([
      "authentication",
      "kvStorage",
      "upstreamApi",
      "circuitBreaker",
      "performance",
    ]);
    for (const check of Object.values(body.checks)) {
      expect(check).toEqual({
        status: "healthy",
        message: expect.stringMatching(/\S/) as string,
        responseTime: check === body.checks.upstreamApi ? 500 : null,
        lastChecked: clock.now(),
      });
    }
  });

  it("raises each alert above its threshold only, and stays healthy with them", () => {
    const records = [...Array.from({ length: 19 }, () => ({})), upstreamFailure];
    expect(toDetailedHealth(facts({ openCalls: 100 }, ...records)).body.alerts).toEqual([]);
    const loud = toDetailedHealth(
      facts({ openCalls: 101, answersKept: true }, ...records.slice(1), { totalMicros: 5_000_001 }, upstreamFailure),
    ).body;
    expect(loud.alerts).toEqual([
      "High error rate: 9.52%",
      "Low cache hit rate: 0.00%",
      "High active request count: 101",
      "1 slow requests detected (>5000ms)",
    ]);
    expect(loud.status).toBe("healthy");
    expect(loud.checks.performance.status).toBe("degraded");
  });

  it("agrees with /health", () => {
    for (const each of [facts(), facts({ storeUsable: false }), facts({ pool: { ...pool, usable: 0 } })]) {
      const detailed = toDetailedHealth(each);
      const plain = toHealth(each);
      expect([detailed.status, detailed.body.status]).toEqual([plain.status, plain.body.status]);
    }
  });
});
