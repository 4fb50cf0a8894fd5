import { describe, expect, it } from "vitest";
import type { CredentialView } from "../../pool/types.ts";
import { sampleAttempt, sampleRecord } from "../../storage/contract-samples.ts";
import { createSimulatedClock } from "../../testkit/simulated.ts";
import { createMetrics } from "../metrics.ts";
import { renderLegacyMetrics } from "./metrics-json.ts";
import { toModelUsage } from "./model-usage.ts";

const clock = createSimulatedClock();

describe("renderLegacyMetrics", () => {
  const gauges = {
    version: "1",
    host: "node",
    startedAt: clock.now() - 100_000,
    now: clock.now(),
    pool: { total: 1, usable: 1, cooling: 0, disabled: 0, off: 0, panic: true },
    quotas: { limits: 0, exhausted: 0, unavailable: 0 },
    recorder: null,
    openCalls: 2,
    listeners: 0,
    resources: 0,
    rssBytes: null,
    draining: false,
    otlp: null,
  };

  it("has the old shape with true figures, and null where there are none", () => {
    const metrics = createMetrics({ clock });
    const startedAt = clock.now() - 30_000;
    metrics.record(sampleRecord(0, { startedAt, totalMicros: 8_000_000, overheadMicros: 1_000 }), 0);
    metrics.record(sampleRecord(1, { startedAt, totalMicros: 100_000, attempts: [] }), 0);
    const slow = {
      requestId: sampleRecord(0).id,
      totalTime: 8_000,
      upstreamTime: 7_999,
      authTime: null,
      retryCount: 0,
    };
    expect(renderLegacyMetrics(metrics, gauges)).toMatchObject({
      operational: {
        cacheMetrics: { tokenCache: { hitRate: null, refreshCount: 0 }, projectCache: { size: null } },
        upstreamMetrics: {
          responseTime: { average: 4_050, p95: expect.any(Number) as number, p99: expect.any(Number) as number },
          errorRate: 0,
          requestCount: 2,
          circuitBreakerState: "HALF_OPEN",
        },
        systemMetrics: { memoryUsage: null, activeConnections: 2, requestsPerSecond: 0.02, uptimeSeconds: 100 },
      },
      performance: {
        snapshot: { totalRequests: 2, activeRequests: 2, cacheHitRate: 50, circuitBreakerTrips: null },
        systemMetrics: { cacheHitCount: 1, cacheMissCount: 1 },
        modelBreakdown: { "gemini-3.8-flash": { requestCount: 2, averageResponseTime: 4_050, cacheHitRate: 50 } },
        slowRequests: [slow],
      },
      timestamp: clock.now(),
    });
  });

  it("tells quantiles within the width of their class", () => {
    const metrics = createMetrics({ clock });
    for (let index = 1; index <= 100; index++) {
      metrics.record(sampleRecord(index, { startedAt: clock.now() - 2_000, totalMicros: index * 1_000 }), 0);
    }
    const { operational } = JSON.parse(JSON.stringify(renderLegacyMetrics(metrics, gauges))) as {
      operational: { upstreamMetrics: { responseTime: { p95: number; p99: number } } };
    };
    const { p95, p99 } = operational.upstreamMetrics.responseTime;
    expect(Math.abs(p95 - 95)).toBeLessThan(25);
    expect(Math.abs(p99 - 99)).toBeLessThan(25);
  });
});

describe("toModelUsage", () => {
  const base: CredentialView = {
    id: "cred_1",
    name: "one",
    projectId: "p",
    source: "stored",
    tier: 0,
    weight: 1,
    state: "active",
    disabled: null,
    cooldowns: [],
    inFlight: 0,
    uses: 0,
    recovering: false,
  };
  const cooldown = {
    scope: "project-model",
    subject: "p",
    model: "gemini-4-argon",
    untilMs: clock.now() + 1_000,
    sinceMs: clock.now(),
    cause: "day-quota",
    rule: "quota.day",
    words: "You exceeded your current quota",
  } as const;

  it("tells uses by model, resting models and why, with the key masked", () => {
    const metrics = createMetrics({ clock });
    metrics.record(sampleRecord(0, { attempts: [sampleAttempt(), sampleAttempt()] }), 0);
    const rows = toModelUsage({
      view: [
        { ...base, state: "cooling", cooldowns: [cooldown, { ...cooldown, model: "over", untilMs: clock.now() }] },
        { ...base, id: "cred_2", state: "off" },
        {
          ...base,
          id: "cred_3",
          cooldowns: [{ ...cooldown, scope: "credential", subject: "cred_3", model: "", words: "slow down" }],
        },
      ],
      uses: metrics.uses(),
      masked: (id) => `AIza…${id}`,
      now: clock.now(),
    });
    expect(rows).toEqual([
      {
        key: "AIza…cred_1",
        usageCount: { "gemini-3.8-flash": 2 },
        exhaustedModels: ["gemini-4-argon"],
        exhaustedReasons: { "gemini-4-argon": "You exceeded your current quota" },
      },
      {
        key: "AIza…cred_2",
        usageCount: {},
        exhaustedModels: ["*"],
        exhaustedReasons: { "*": "switched off" },
      },
      {
        key: "AIza…cred_3",
        usageCount: {},
        exhaustedModels: ["*"],
        exhaustedReasons: { "*": "slow down" },
      },
    ]);
  });
});
