/**
 * Counters and histograms of calls, in memory, with bounded labels. Client keys are no label: there can be as many as
 * people make, and the roll-ups have them.
 *
 * A call costs a few look-ups by words that the gateway itself made, so most of it are comparisons of pointers.
 * @module
 */
import type { Clock } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import { createAttemptCounts } from "./attempt-counts.ts";
import { createHistogram, durationBounds, observe, overheadBounds, type Histogram } from "./histogram.ts";
import { isError, isFailure } from "./judge-call.ts";
import { createLabelSet } from "./label-set.ts";
import type { Metrics, MetricsTotals, SlowCall } from "./metrics-types.ts";
import { createModelSeries } from "./model-series.ts";
import { createWindow, minuteOf, windowMinutes } from "./window.ts";

/** A call is slow from here, milliseconds. */
const slowMs = 5_000;
/** Slow calls kept. */
const slowKept = 50;
const operationLimit = 48;

/**
 * Makes the counters.
 * @param parts the clock says which minutes are the last five
 */
export function createMetrics(parts: { clock: Clock }): Metrics {
  const { clock } = parts;
  const models = createModelSeries();
  const attempts = createAttemptCounts();
  const operations = createLabelSet(operationLimit);
  const durations: Histogram[] = [];
  const firstByte = createHistogram(durationBounds);
  const overhead = createHistogram(overheadBounds);
  const window = createWindow(durationBounds.length + 1);
  const slow: SlowCall[] = [];
  const sums = { calls: 0, timedCalls: 0, timedMicros: 0, firstTry: 0, cached: 0, withoutCost: 0 };

  function keepSlow(call: CallRecord, model: string, endedAt: number): void {
    if (slow.length >= slowKept) slow.shift();
    const { id, operation, totalMicros, overheadMicros, stream, status, outcome } = call;
    slow.push({
      id,
      endedAt,
      model,
      operation,
      totalMicros,
      overheadMicros,
      stream,
      attempts: call.attempts.length,
      status,
      outcome,
    });
  }

  return {
    record(call, costNanoUsd) {
      const { outcome, totalMicros, operation } = call;
      const tried = call.attempts;
      const endedAt = call.startedAt + totalMicros / 1000;
      const minute = minuteOf(endedAt);
      const operationIndex = operations.indexOf(operation);
      const model = models.of(call);
      models.count(model, call, { operation: operationIndex, costNanoUsd });

      const wrong = isError(call);
      const failed = isFailure(call);
      const cached = outcome === "ok" && tried.length === 0;
      sums.calls += 1;
      if (costNanoUsd === null) sums.withoutCost += 1;
      if (cached) sums.cached += 1;
      else if (outcome === "ok" && tried.length === 1) sums.firstTry += 1;

      const recent = window.at(minute);
      const recentModel = model.window.at(minute);
      recent.calls += 1;
      recentModel.calls += 1;
      if (cached) {
        recent.cached += 1;
        recentModel.cached += 1;
      }
      if (wrong) {
        recent.errors += 1;
        recentModel.errors += 1;
      }
      if (failed) recent.failures += 1;

      // Of a call that a crash cut off nobody knows how long it took.
      if (outcome !== "interrupted") {
        const histogram = (durations[operationIndex] ??= createHistogram(durationBounds));
        const index = observe(histogram, totalMicros);
        observe(overhead, call.overheadMicros);
        if (call.firstByteMicros !== null) observe(firstByte, call.firstByteMicros);
        if (operation !== "live") {
          sums.timedCalls += 1;
          sums.timedMicros += totalMicros;
          recent.timed += 1;
          recent.micros += totalMicros;
          recent.latency[index] = (recent.latency[index] as number) + 1;
          recentModel.timed += 1;
          recentModel.micros += totalMicros;
          if (totalMicros > slowMs * 1000) keepSlow(call, model.name, endedAt);
        }
      }
      for (const attempt of tried) {
        attempts.count(attempt, model.name);
        recent.attempts += 1;
        if (attempt.fault === "upstream" || attempt.fault === "network") recent.upstreamFaults += 1;
      }
    },
    modelLabel: (call) => models.of(call).name,
    totals: (): MetricsTotals => ({
      calls: sums.calls,
      timed: { calls: sums.timedCalls, micros: sums.timedMicros },
      firstTry: sums.firstTry,
      cached: sums.cached,
      withoutCost: sums.withoutCost,
      models: models.totals(operations.names),
      attempts: attempts.rules(),
      durations: durations.flatMap((histogram, index) => {
        const operation = operations.names[index];
        return operation === undefined ? [] : [{ operation, histogram }];
      }),
      firstByte,
      overhead,
      slow,
    }),
    figures() {
      const now = clock.now();
      const since = now - windowMinutes * 60_000;
      return {
        calls: sums.calls,
        averageMs: sums.timedCalls === 0 ? null : sums.timedMicros / sums.timedCalls / 1000,
        cacheHitShare: sums.calls === 0 ? null : sums.cached / sums.calls,
        recent: window.sum(now),
        recentSlow: slow.filter((call) => call.endedAt >= since).length,
      };
    },
    uses: () => attempts.uses(),
  };
}
