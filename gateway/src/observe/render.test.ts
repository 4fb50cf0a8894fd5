import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sampleAttempt, sampleRecord } from "../storage/contract-samples.ts";
import { parsePrometheusText, sampleOf } from "../testkit/prometheus-parser.ts";
import { createSimulatedClock } from "../testkit/simulated.ts";
import { summarizeQuotas } from "./gauge-families.ts";
import { createMetrics } from "./metrics.ts";
import type { GatewayGauges, Metrics } from "./metrics-types.ts";
import { renderPrometheus } from "./render.ts";

const clock = createSimulatedClock();
const gauges: GatewayGauges = {
  version: "1.2.3",
  host: "node",
  startedAt: clock.now() - 60_000,
  now: clock.now(),
  pool: { total: 10, usable: 7, cooling: 4, disabled: 2, off: 1, panic: false },
  quotas: { limits: 30, exhausted: 3, unavailable: 2 },
  recorder: { queued: 5, spilled: 6, lost: 7, failures: 8, lastError: null },
  openCalls: 3,
  listeners: 1,
  resources: 12,
  rssBytes: 123_456_789,
  draining: false,
  otlp: { queuedSpans: 1, exportedSpans: 2, droppedSpans: 3, failures: 4 },
};

function filled(): Metrics {
  const metrics = createMetrics({ clock });
  const startedAt = clock.now() - 2_000;
  metrics.record(sampleRecord(0, { startedAt, totalMicros: 1_500_000 }), 2_500_000);
  const failed = sampleAttempt({ status: 503, rule: "upstream.overload", fault: "upstream", usage: null });
  metrics.record(
    sampleRecord(1, {
      startedAt,
      totalMicros: 500_000,
      status: 503,
      outcome: "error",
      usage: null,
      attempts: [failed],
    }),
    null,
  );
  return metrics;
}

describe("renderPrometheus", () => {
  const page = parsePrometheusText(renderPrometheus(filled(), gauges));

  it("shows what was counted", () => {
    const model = "gemini-3.8-flash";
    const call = { dialect: "gemini", operation: "generate", model };
    expect(sampleOf(page, "gemini_proxy_calls_total", { ...call, outcome: "ok", status: "2xx" })).toBe(1);
    expect(sampleOf(page, "gemini_proxy_calls_total", { ...call, outcome: "error", status: "5xx" })).toBe(1);
    expect(sampleOf(page, "gemini_proxy_attempts_total", { rule: "upstream.overload", fault: "upstream" })).toBe(1);
    expect(sampleOf(page, "gemini_proxy_tokens_total", { kind: "thoughts", model })).toBe(700);
    expect(sampleOf(page, "gemini_proxy_cost_usd_total", { model })).toBe(0.0025);
    expect(sampleOf(page, "gemini_proxy_calls_without_cost_total")).toBe(1);
    expect(sampleOf(page, "gemini_proxy_call_duration_seconds_sum", { operation: "generate" })).toBe(2);
    expect(sampleOf(page, "gemini_proxy_call_duration_seconds_bucket", { operation: "generate", le: "0.5" })).toBe(1);
    expect(sampleOf(page, "gemini_proxy_call_duration_seconds_bucket", { operation: "generate", le: "+Inf" })).toBe(2);
  });

  it("shows what is looked up", () => {
    expect(sampleOf(page, "gemini_proxy_credentials", { state: "cooling" })).toBe(4);
    expect(sampleOf(page, "gemini_proxy_quota_exhausted")).toBe(3);
    expect(sampleOf(page, "gemini_proxy_ledger_lost_total")).toBe(7);
    expect(sampleOf(page, "gemini_proxy_otlp_dropped_spans_total")).toBe(3);
    expect(sampleOf(page, "gemini_proxy_build_info", { version: "1.2.3", host: "node" })).toBe(1);
    expect(sampleOf(page, "process_resident_memory_bytes")).toBe(123_456_789);
  });

  it("keeps the names of an earlier proxy, with true values", () => {
    const labels = { model: "gemini-3.8-flash" };
    expect(sampleOf(page, "gemini_proxy_total_requests")).toBe(2);
    expect(sampleOf(page, "gemini_proxy_active_requests")).toBe(3);
    expect(sampleOf(page, "gemini_proxy_response_time_ms_sum")).toBe(2_000);
    expect(sampleOf(page, "gemini_proxy_response_time_ms_count")).toBe(2);
    expect(sampleOf(page, "gemini_proxy_error_rate")).toBe(50);
    expect(sampleOf(page, "gemini_proxy_cache_hit_rate")).toBe(0);
    expect(sampleOf(page, "gemini_proxy_model_requests", labels)).toBe(2);
    expect(sampleOf(page, "gemini_proxy_model_avg_response_time", labels)).toBe(1_000);
    expect(sampleOf(page, "gemini_proxy_model_error_rate", labels)).toBe(50);
  });

  it("names no rate of nothing, and nothing that is off or not told", () => {
    const idle = renderPrometheus(createMetrics({ clock }), { ...gauges, recorder: null, otlp: null, rssBytes: null });
    expect(idle).not.toMatch(/_error_rate|ledger_|otlp_|resident|NaN|null/);
    expect(sampleOf(parsePrometheusText(idle), "gemini_proxy_total_requests")).toBe(0);
  });

  it("has every name in docs/observability.md, and the page names no other", () => {
    const text = readFileSync(new URL("../../../docs/observability.md", import.meta.url), "utf8");
    const rows = text.matchAll(/^\| `((?:gemini_proxy|process)_\w+)`/gm);
    // In the same order, too: the table reads as the page does.
    expect([...rows].map((row) => row[1])).toEqual(page.families.map(({ name }) => name));
  });
});

describe("summarizeQuotas", () => {
  it("tells limits without room from models that are not offered", () => {
    const limit = {
      projectId: "p",
      model: "m",
      metric: "requests",
      window: "day",
      source: "google",
      learnedAt: 0,
      roomAtMs: null,
    } as const;
    const views = [
      { ...limit, value: 10, used: 9 },
      { ...limit, value: 10, used: 10 },
      { ...limit, value: 0, used: 0 },
    ];
    expect(summarizeQuotas(views)).toEqual({ limits: 3, exhausted: 1, unavailable: 1 });
  });
});
