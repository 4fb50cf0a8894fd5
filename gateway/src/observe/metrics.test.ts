import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord } from "../core/records.ts";
import { sampleAttempt, sampleRecord, sampleUsage } from "../storage/contract-samples.ts";
import { anyRecord } from "../testkit/any-record.ts";
import { createSimulatedClock } from "../testkit/simulated.ts";
import { pairLimit, ruleLimit } from "./attempt-counts.ts";
import { countOf } from "./histogram.ts";
import { createMetrics } from "./metrics.ts";
import type { Metrics } from "./metrics-types.ts";
import { modelLimit } from "./model-series.ts";

const clock = createSimulatedClock();

function counted(...records: CallRecord[]): Metrics {
  const metrics = createMetrics({ clock });
  for (const record of records) metrics.record(record, 1_000);
  return metrics;
}

function callNow(change: Partial<CallRecord> = {}): CallRecord {
  return sampleRecord(0, { startedAt: clock.now() - 1_000, totalMicros: 500_000, ...change });
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}

describe("record", () => {
  it("adds up to what was handed in, whatever it was", () => {
    const text = fc.oneof(fc.constantFrom("gemini-3.8-flash", "generate", "quota.day"), fc.string({ maxLength: 5 }));
    const calls = fc.array(fc.tuple(anyRecord(text), fc.option(fc.nat({ max: 1e9 }))), { maxLength: 30 });
    fc.assert(
      fc.property(calls, (priced) => {
        const metrics = createMetrics({ clock });
        for (const [record, cost] of priced) metrics.record(record, cost);
        const totals = metrics.totals();
        const records = priced.map(([record]) => record);
        const usages = records.flatMap(({ usage }) => (usage === null ? [] : [usage]));
        expect(totals.calls).toBe(records.length);
        expect(sum(totals.models.flatMap(({ series }) => series.map(({ calls: count }) => count)))).toBe(
          records.length,
        );
        expect(sum(totals.models.map(({ calls: count }) => count))).toBe(records.length);
        expect(sum(totals.attempts.map(({ attempts }) => attempts))).toBe(
          sum(records.map(({ attempts }) => attempts.length)),
        );
        expect(sum(totals.models.map(({ tokens }) => tokens.prompt))).toBe(
          sum(usages.map((usage) => usage.promptTokens)),
        );
        expect(sum(totals.models.map(({ tokens }) => tokens.toolUse))).toBe(
          sum(usages.map((usage) => usage.toolUseTokens)),
        );
        expect(sum(totals.models.map(({ costNanoUsd }) => costNanoUsd))).toBe(sum(priced.map(([, cost]) => cost ?? 0)));
        expect(totals.withoutCost).toBe(priced.filter(([, cost]) => cost === null).length);
        const ended = records.filter(({ outcome }) => outcome !== "interrupted");
        expect(sum(totals.durations.map(({ histogram }) => countOf(histogram.counts)))).toBe(ended.length);
        expect(sum(totals.durations.map(({ histogram }) => histogram.sum))).toBe(
          sum(ended.map(({ totalMicros }) => totalMicros)),
        );
        expect(countOf(totals.overhead.counts)).toBe(ended.length);
        expect(countOf(totals.firstByte.counts)).toBe(
          ended.filter(({ firstByteMicros }) => firstByteMicros !== null).length,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("tells dialect, operation, outcome and class of the status of a model's calls", () => {
    const metrics = counted(callNow(), callNow(), callNow({ status: 429, outcome: "error", dialect: "openai-chat" }));
    expect(metrics.totals().models).toMatchObject([
      {
        model: "gemini-3.8-flash",
        series: [
          { dialect: "gemini", operation: "generate", outcome: "ok", status: "2xx", calls: 2 },
          { dialect: "openai-chat", operation: "generate", outcome: "error", status: "4xx", calls: 1 },
        ],
      },
    ]);
  });

  it("counts first tries and kept answers apart", () => {
    const twice = [sampleAttempt({ status: 503, rule: "upstream.overload", fault: "upstream" }), sampleAttempt()];
    const totals = counted(callNow(), callNow({ attempts: twice }), callNow({ attempts: [] })).totals();
    expect(totals).toMatchObject({ calls: 3, firstTry: 1, cached: 1 });
    expect(totals.attempts).toContainEqual({ rule: "upstream.overload", fault: "upstream", attempts: 1 });
  });

  it("leaves Live sessions out of averages and slow calls, and crashes out of durations", () => {
    const metrics = counted(
      callNow({ operation: "live", totalMicros: 3_600e6 }),
      callNow({ outcome: "interrupted", totalMicros: 0, status: 0 }),
      callNow({ totalMicros: 200_000 }),
    );
    expect(metrics.figures()).toMatchObject({ calls: 3, averageMs: 200, recentSlow: 0 });
    expect(metrics.totals().durations.map(({ operation }) => operation)).toEqual(["live", "generate"]);
  });
});

describe("labels", () => {
  it("give a name of a client's counters of its own only once an upstream knew it", () => {
    const unknown = callNow({
      modelAsked: "made-up",
      modelServed: null,
      status: 404,
      outcome: "error",
      usage: null,
      attempts: [sampleAttempt({ status: 404, rule: "model.missing", fault: "model", modelServed: null, usage: null })],
    });
    const busy = callNow({
      modelAsked: "gemini-4-argon",
      modelServed: null,
      status: 429,
      outcome: "error",
      attempts: [sampleAttempt({ status: 429, rule: "quota.day", fault: "project", modelServed: null, usage: null })],
    });
    const labels = counted(unknown, unknown, busy, callNow({ modelAsked: null, modelServed: null }))
      .totals()
      .models.map(({ model, calls }) => [model, calls]);
    expect(labels).toEqual([
      ["gemini-4-argon", 1],
      ["other", 2],
      ["none", 1],
    ]);
  });

  it("stay bounded: models, rules, operations, pairs of credential and model", () => {
    const metrics = createMetrics({ clock });
    for (let index = 0; index < pairLimit + 500; index++) {
      const attempt = sampleAttempt({ credentialId: `cred_${index}`, rule: `rule.${index}` });
      metrics.record(callNow({ modelServed: `model-${index}`, operation: `op-${index}`, attempts: [attempt] }), 1);
    }
    const totals = metrics.totals();
    expect(totals.models).toHaveLength(modelLimit + 1);
    expect(totals.attempts).toHaveLength(ruleLimit + 1);
    expect(totals.durations).toHaveLength(49);
    expect(metrics.uses().size).toBe(pairLimit);
    expect(totals.models.find(({ model }) => model === "other")?.calls).toBe(pairLimit + 500 - modelLimit);
    expect(totals.slow).toHaveLength(0);
  });

  it("of a model never need escaping, and are not the gateway's own", () => {
    const metrics = counted(
      callNow({ modelServed: 'gemini"\n' }),
      callNow({ modelServed: "x".repeat(201) }),
      callNow({ modelServed: "none" }),
      callNow({ modelServed: "other" }),
    );
    expect(metrics.totals().models.map(({ model }) => model)).toEqual(["other"]);
  });
});

describe("figures", () => {
  it("look back five minutes", () => {
    const metrics = createMetrics({ clock });
    const failure = { status: 500, outcome: "error" } as const;
    metrics.record(callNow(failure), 0);
    metrics.record(callNow({ status: 400, outcome: "error" }), 0);
    metrics.record(callNow({ totalMicros: 6_000_000 }), 0);
    expect(metrics.figures()).toMatchObject({ recent: { calls: 3, errors: 2, failures: 1 }, recentSlow: 1 });
    clock.advance(3 * 60_000);
    metrics.record(callNow(), 0);
    expect(metrics.figures().recent.calls).toBe(4);
    clock.advance(3 * 60_000);
    expect(metrics.figures()).toMatchObject({ calls: 4, recent: { calls: 1, errors: 0 }, recentSlow: 0 });
    clock.advance(3_600_000);
    expect(metrics.figures()).toMatchObject({ calls: 4, recent: { calls: 0 } });
  });

  it("go on when the clock is set back", () => {
    const metrics = createMetrics({ clock });
    metrics.record(callNow(), 0);
    clock.set(clock.now() - 3_600_000);
    metrics.record(callNow(), 0);
    expect(metrics.figures().recent.calls).toBe(1);
  });

  it("count attempts by credential and model, retried ones too", () => {
    const metrics = counted(
      callNow({ attempts: [sampleAttempt({ credentialId: "a", status: 500 }), sampleAttempt({ credentialId: "b" })] }),
      callNow({ attempts: [sampleAttempt({ credentialId: "b", usage: sampleUsage() })] }),
    );
    expect([...metrics.uses()].map(([id, models]) => [id, Object.fromEntries(models)])).toEqual([
      ["a", { "gemini-3.8-flash": 1 }],
      ["b", { "gemini-3.8-flash": 2 }],
    ]);
  });
});
