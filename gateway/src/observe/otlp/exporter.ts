/**
 * Sends traces and metrics to an OpenTelemetry collector: OTLP over HTTP, JSON. Calls never wait for it; what it cannot
 * send in time it gives up and counts.
 * @module
 */
import type { Clock, Digest, Logger, Random } from "../../core/ports.ts";
import type { CallRecord } from "../../core/records.ts";
import type { MetricFamily } from "../families.ts";
import type { OtlpState } from "../metrics-types.ts";
import { createGenAiMetrics } from "./gen-ai-metrics.ts";
import { names } from "./names.ts";
import { isSampled } from "./sampling.ts";
import { createSender, type OtlpPost, type Schedule, type SendFailure } from "./sender.ts";
import { createSpanQueue } from "./span-queue.ts";
import { spanCount, toSpans, type PricedRecord, type SpanMaker } from "./spans.ts";
import { toOtlpMetrics } from "./to-metrics.ts";
import { createAttributes, type OtlpMetrics, type OtlpResource, type OtlpTraces } from "./types.ts";

/** What the exporter works with. */
export interface OtlpParts {
  /** Base of the collector, without a trailing slash. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  version: string;
  /** Epoch milliseconds: sums count from here. */
  startedAt: number;
  clock: Clock;
  random: Random;
  digest: Digest;
  logger: Logger;
  post: OtlpPost;
  schedule: Schedule;
  /** Share of calls that are traced; asked for each call. */
  sample(): number;
  serverOf: SpanMaker["serverOf"];
  /** The gateway's own metrics as they are now. */
  families(): MetricFamily[];
}

/** Sends in the background. */
export interface OtlpExporter {
  /**
   * Takes a call that ended. Never throws, never waits.
   * @param model label of its model
   */
  settled(record: CallRecord, costNanoUsd: number | null, model: string): void;
  state(): OtlpState;
  /** Sends what waits, and metrics once more; resolves when that is done or the time is over, and never rejects. */
  close(withinMs?: number): Promise<void>;
}

const batchSpans = 512;
/** Calls whose spans are made without a pause. */
const sliceCalls = 16;
const queueSpans = 4_096;
const batchEveryMs = 5_000;
const metricsEveryMs = 60_000;
const closeWithinMs = 5_000;
const complainEveryMs = 60_000;

/** Starts it. */
export function createOtlpExporter(parts: OtlpParts): OtlpExporter {
  const { clock, schedule, logger, endpoint } = parts;
  const state = { exportedSpans: 0, droppedSpans: 0, failures: 0 };
  const queue = createSpanQueue(queueSpans);
  const genAi = createGenAiMetrics();
  const resource = toResource(parts);
  const scope = { name: "gemini-proxy", version: parts.version };
  const sender = createSender({ ...parts, onFailure: complain });
  let complainedAt = -Infinity;
  let closed = false;
  let cancelBatch: (() => void) | null = null;
  let batchSoon = false;
  let sending: Promise<void> | null = null;
  let sendingMetrics: Promise<void> | null = null;
  let cancelMetrics = schedule(onMetricsDue, metricsEveryMs);

  function complain(failure: SendFailure): void {
    state.failures += 1;
    const now = clock.monotonic();
    if (now - complainedAt < complainEveryMs) return;
    complainedAt = now;
    logger.log("warn", "otlp.failed", { ...failure, failures: state.failures, droppedSpans: state.droppedSpans });
  }

  function planBatch(ms: number): void {
    cancelBatch?.();
    cancelBatch = schedule(() => {
      cancelBatch = null;
      batchSoon = false;
      sendSpans();
    }, ms);
  }

  /** Never rejects. One request at a time: a busy collector is not helped by more of them. */
  function sendSpans(): void {
    sending ??= drain().finally(() => {
      sending = null;
      if (queue.spans() > 0 && !closed) planBatch(batchEveryMs);
    });
  }

  async function drain(): Promise<void> {
    do {
      const calls = queue.take(batchSpans);
      if (calls.length === 0) return;
      const count = calls.reduce((sum, { record }) => sum + spanCount(record), 0);
      if (await sendCalls(calls)) state.exportedSpans += count;
      else state.droppedSpans += count;
    } while (closed || queue.spans() >= batchSpans);
  }

  async function sendCalls(calls: readonly PricedRecord[]): Promise<boolean> {
    try {
      return (await sender.send(`${endpoint}/v1/traces`, await toTraces(calls))) === "sent";
    } catch (error) {
      complain(toFailure(error));
      return false;
    }
  }

  /** The text of a body with the calls' spans, made in slices: a batch at once would hold up calls for milliseconds. */
  async function toTraces(calls: readonly PricedRecord[]): Promise<string> {
    const texts: string[] = [];
    for (let start = 0; start < calls.length; start += sliceCalls) {
      if (start > 0 && !closed) await new Promise<void>((resolve) => void schedule(resolve, 0));
      for (const call of calls.slice(start, start + sliceCalls))
        for (const span of toSpans(parts, call)) texts.push(JSON.stringify(span));
    }
    const frame: OtlpTraces = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [] }] }] };
    const text = JSON.stringify(frame);
    const at = text.lastIndexOf("[") + 1;
    return text.slice(0, at) + texts.join(",") + text.slice(at);
  }

  function sendMetrics(): Promise<void> {
    sendingMetrics ??= exportMetrics()
      .catch((error: unknown) => complain(toFailure(error)))
      .finally(() => {
        sendingMetrics = null;
      });
    return sendingMetrics;
  }

  async function exportMetrics(): Promise<void> {
    const families = [...parts.families(), ...genAi.families()];
    const metrics = toOtlpMetrics(families, { startedAt: parts.startedAt, now: clock.now() });
    const body: OtlpMetrics = { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] };
    // Sums are cumulative: what is not taken now comes with the next ones.
    await sender.send(`${endpoint}/v1/metrics`, JSON.stringify(body));
  }

  function onMetricsDue(): void {
    if (closed) return;
    void sendMetrics();
    cancelMetrics = schedule(onMetricsDue, metricsEveryMs);
  }

  return {
    settled(record, costNanoUsd, model) {
      if (closed) return;
      genAi.record(record, model);
      if (!isSampled(record.id, parts.sample())) return;
      if (!queue.push({ record, costNanoUsd })) {
        state.droppedSpans += spanCount(record);
        return;
      }
      if (sending !== null || batchSoon) return;
      if (queue.spans() >= batchSpans) {
        batchSoon = true;
        planBatch(0);
      } else if (cancelBatch === null) planBatch(batchEveryMs);
    },
    state: () => ({ queuedSpans: queue.spans(), ...state }),
    close(withinMs = closeWithinMs) {
      closed = true;
      cancelBatch?.();
      cancelMetrics();
      sender.hurry();
      return new Promise((resolve) => {
        const cancel = schedule(finish, withinMs);
        function finish(): void {
          cancel();
          // What is still in it when the time is over will never be sent.
          state.droppedSpans += dropAll();
          resolve();
        }
        const spansGone = (sending ?? Promise.resolve()).then(drain);
        void Promise.all([spansGone, (sendingMetrics ?? Promise.resolve()).then(sendMetrics)]).then(finish);
      });
    },
  };

  function dropAll(): number {
    const left = queue.spans();
    while (queue.take(queueSpans).length > 0);
    return left;
  }
}

// --- helpers ---

/** The name alone: texts of errors can hold addresses and headers. */
function toFailure(error: unknown): SendFailure {
  return { error: error instanceof Error ? error.name : "Error" };
}

function toResource(parts: OtlpParts): OtlpResource {
  const list = createAttributes();
  list.text(names.serviceName, parts.serviceName);
  list.text(names.serviceVersion, parts.version);
  const instance = [...parts.random.bytes(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  list.text(names.serviceInstance, instance);
  return { attributes: list.attributes };
}
