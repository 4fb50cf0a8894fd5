import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { CallRecord } from "../core/records.ts";
import { createPrices, priceCall } from "../ledger/prices.ts";
import { sampleAttempt, sampleRecord } from "../storage/contract-samples.ts";
import { fetchPost, startCollector, type Collector } from "../testkit/collector.ts";
import { metricsSchema, tracesSchema } from "../testkit/otlp-schema.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock } from "../testkit/simulated.ts";
import type { GatewayGauges } from "./metrics-types.ts";
import { createObservers, type ObserverParts, type Observers } from "./observers.ts";
import type { OtlpPost, Schedule } from "./otlp/sender.ts";

const prices = createPrices();
const collectors: Collector[] = [];
afterEach(async () => {
  for (const collector of collectors.splice(0)) await collector.close();
});

/** Time that a test moves; what is due is called in order, with everything it began in between. */
function createSchedule(): { schedule: Schedule; pass(ms: number): Promise<void>; next(): number | null } {
  let now = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  const first = () => [...timers].toSorted((a, b) => a.at - b.at)[0];
  return {
    schedule(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    next: () => (first()?.at ?? null) && (first()?.at ?? 0) - now,
    async pass(ms) {
      const until = now + ms;
      for (let timer = first(); timer !== undefined && timer.at <= until; timer = first()) {
        now = timer.at;
        timers.delete(timer);
        timer.callback();
        await new Promise(setImmediate);
      }
      now = until;
    },
  };
}

async function collect(): Promise<Collector> {
  const collector = await startCollector();
  collectors.push(collector);
  return collector;
}

const clock = createSimulatedClock();
const gauges: GatewayGauges = {
  version: "1.2.3",
  host: "node",
  startedAt: clock.now(),
  now: clock.now(),
  pool: { total: 1, usable: 1, cooling: 0, disabled: 0, off: 0, panic: false },
  quotas: { limits: 0, exhausted: 0, unavailable: 0 },
  recorder: null,
  openCalls: 2,
  listeners: 0,
  resources: 0,
  rssBytes: 1_000,
  draining: false,
  otlp: null,
};

const defaults: ObserverParts["settings"] = {
  logCalls: false,
  otlpEndpoint: null,
  otlpHeaders: null,
  otlpSample: 1,
  otlpServiceName: "gemini-proxy",
  codeAssistBaseUrl: "https://cloudcode-pa.googleapis.com",
  geminiBaseUrl: "https://generativelanguage.googleapis.com",
  openaiBaseUrl: "http://localhost:8080/v1beta/openai",
};

function setUp(change: Partial<ObserverParts["settings"]> = {}, parts: Partial<ObserverParts> = {}) {
  const time = createSchedule();
  const logger = createKeptLogger();
  let answers = 0;
  const post: OtlpPost = (...request) => fetchPost(...request).finally(() => void (answers += 1));
  const observers: Observers = createObservers({
    settings: { ...defaults, ...change },
    version: "1.2.3",
    startedAt: clock.now(),
    clock,
    random: createSeededRandom(),
    digest: { sha256: (text) => createHash("sha256").update(text).digest("hex") },
    logger,
    price: (record) => priceCall(prices, record),
    post,
    schedule: time.schedule,
    gauges: () => ({ ...gauges, otlp: observers.otlp() }),
    ...parts,
  });
  /** Resolves when so many answers have been read: until then, time that passes is time without an answer. */
  const answered = async (count: number): Promise<void> => {
    await expect.poll(() => answers, { interval: 5 }).toBe(count);
    await new Promise(setImmediate);
  };
  return { observers, logger, time, answered };
}

function spansIn(collector: Collector): Record<string, unknown>[] {
  return collector.requests
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => tracesSchema.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function call(index: number, change: Partial<CallRecord> = {}): CallRecord {
  return sampleRecord(index, change);
}

describe("settled", () => {
  it("counts, tells those who listen, and logs when that is on, also when it is switched on later", () => {
    const settings = { ...defaults };
    const { observers, logger } = setUp({}, { settings });
    const told: string[] = [];
    observers.hub.listen(({ id }) => void told.push(id));
    observers.settled(call(1));
    expect([observers.metrics.totals().calls, told.length, logger.lines.length]).toEqual([1, 1, 0]);
    settings.logCalls = true;
    observers.settled(call(2));
    expect([observers.metrics.totals().calls, told.length]).toEqual([2, 2]);
    expect(logger.lines).toMatchObject([{ event: "call", fields: { id: call(2).id } }]);
  });

  it("prices a call unless that is done already", () => {
    let asked = 0;
    const { observers } = setUp({}, { price: () => ({ costNanoUsd: (asked += 1) }) });
    observers.settled(call(1));
    observers.settled(call(2), { costNanoUsd: 40 });
    expect([asked, observers.metrics.totals().models[0]?.costNanoUsd]).toEqual([1, 41]);
  });

  it("never throws, and complains once a minute", () => {
    const { observers, logger } = setUp(
      {},
      {
        price: () => {
          throw new RangeError("with a secret");
        },
      },
    );
    observers.settled(call(1));
    observers.settled(call(2));
    expect(logger.lines).toEqual([{ level: "error", event: "observe.failed", fields: { error: "RangeError" } }]);
  });

  it("does nothing in the background without a collector", async () => {
    const { observers, time } = setUp();
    observers.settled(call(1));
    expect(time.next()).toBeNull();
    expect(observers.otlp()).toBeNull();
    await observers.close();
  });
});

describe("traces", () => {
  it("reach a collector in OTLP/JSON within five seconds, with the configured headers", async () => {
    const collector = await collect();
    const { observers, time } = setUp({
      otlpEndpoint: collector.endpoint,
      otlpHeaders: "authorization=Bearer%20t0ken",
    });
    observers.settled(call(1));
    observers.settled(call(2, { attempts: [sampleAttempt(), sampleAttempt({ number: 2 })] }));
    await time.pass(5_000);
    await collector.arrived(1);
    expect(spansIn(collector)).toHaveLength(5);
    expect(collector.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/traces",
      headers: { authorization: "Bearer t0ken", "content-type": "application/json" },
    });
    await observers.close();
    expect(observers.otlp()).toMatchObject({ exportedSpans: 5, droppedSpans: 0, failures: 0, queuedSpans: 0 });
  });

  it("are sent at once in batches of 512 spans when many wait", async () => {
    const collector = await collect();
    const { observers, time } = setUp({ otlpEndpoint: collector.endpoint });
    for (let index = 0; index < 600; index++) observers.settled(call(index));
    await time.pass(1);
    await collector.arrived(1);
    expect(spansIn(collector)).toHaveLength(512);
    await observers.close();
    expect(spansIn(collector)).toHaveLength(1_200);
  });

  it("are only of the configured share of calls", async () => {
    const collector = await collect();
    const { observers } = setUp({ otlpEndpoint: collector.endpoint, otlpSample: 0.25 });
    for (let index = 0; index < 400; index++) observers.settled(call(index));
    await observers.close();
    const traced = spansIn(collector).length / 2;
    expect(traced).toBeGreaterThan(60);
    expect(traced).toBeLessThan(140);
    expect(observers.metrics.totals().calls).toBe(400);
  });

  it("are sent again when the collector asks for it, after the time it names", async () => {
    const collector = await collect();
    collector.answers.push({ status: 503, retryAfter: "7" });
    const { observers, time, logger } = setUp({ otlpEndpoint: collector.endpoint });
    observers.settled(call(1));
    await time.pass(5_000);
    await collector.arrived(1);
    await expect.poll(() => time.next()).toBe(7_000);
    await time.pass(7_000);
    await collector.arrived(2);
    await observers.close();
    expect(collector.requests[1]?.body).toEqual(collector.requests[0]?.body);
    expect(observers.otlp()).toMatchObject({ exportedSpans: 2, droppedSpans: 0, failures: 1 });
    expect(logger.lines).toMatchObject([{ level: "warn", event: "otlp.failed", fields: { status: 503 } }]);
  });

  it("are not sent again when the collector refuses them", async () => {
    const collector = await collect();
    collector.answers.push({ status: 400 });
    const { observers, time } = setUp({ otlpEndpoint: collector.endpoint });
    observers.settled(call(1));
    await time.pass(5_000);
    await collector.arrived(1);
    await observers.close();
    expect(collector.requests.filter(({ path }) => path === "/v1/traces")).toHaveLength(1);
    expect(observers.otlp()).toMatchObject({ exportedSpans: 0, droppedSpans: 2 });
  });

  it("are given up after five tries, with growing waits", async () => {
    const asked: string[] = [];
    const post: OtlpPost = (url) => {
      asked.push(url);
      return Promise.reject(new TypeError("with a header's value"));
    };
    const { observers, time, logger } = setUp({ otlpEndpoint: "http://nowhere.invalid" }, { post });
    observers.settled(call(1));
    await time.pass(55_000);
    expect(asked).toHaveLength(5);
    expect(observers.otlp()).toMatchObject({ droppedSpans: 2, failures: 5, queuedSpans: 0 });
    expect(JSON.stringify(logger.lines)).not.toContain("value");
    await observers.close();
  });

  it("above the queue's bound are dropped and counted while the collector does not answer", async () => {
    const { observers, time } = setUp(
      { otlpEndpoint: "http://collector" },
      { post: () => new Promise(() => undefined) },
    );
    for (let index = 0; index < 300; index++) observers.settled(call(index));
    await time.pass(100);
    for (let index = 0; index < 3_000; index++) observers.settled(call(index));
    const state = observers.otlp();
    expect(state?.queuedSpans).toBe(4_096);
    expect((state?.droppedSpans ?? 0) + 4_096 + 512).toBe(6_600);
    const closing = observers.close(2_000);
    await time.pass(2_000);
    await closing;
    expect(observers.otlp()?.queuedSpans).toBe(0);
  });
});

describe("metrics for a collector", () => {
  it("go out every minute, cumulative, in OTLP/JSON", async () => {
    const collector = await collect();
    const { observers, time, answered } = setUp({ otlpEndpoint: collector.endpoint, otlpSample: 0 });
    const failed = sampleAttempt({ status: 503, rule: "upstream.overload", fault: "upstream", usage: null });
    observers.settled(call(1, { attempts: [failed, sampleAttempt({ number: 2 })] }));
    await time.pass(60_000);
    await answered(1);
    observers.settled(call(2));
    await time.pass(60_000);
    await answered(2);
    const pages = collector.requests.map(({ path, body }) => {
      expect(path).toBe("/v1/metrics");
      const metrics = metricsSchema.parse(body).resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
      return new Map(metrics.map((metric) => [metric.name, metric]));
    });
    expect(pages[1]?.get("gemini_proxy.calls")).toMatchObject({ sum: { dataPoints: [{ asDouble: 2 }] } });
    expect(pages[1]?.get("gemini_proxy.open_calls")).toMatchObject({ gauge: { dataPoints: [{ asDouble: 2 }] } });
    expect(pages[1]?.get("process.memory.usage")).toMatchObject({ unit: "By" });
    expect(pages[1]?.get("gemini_proxy.otlp_dropped_spans")).toMatchObject({ sum: { dataPoints: [{ asDouble: 0 }] } });
    expect(pages[0]?.get("gen_ai.client.token.usage")).toMatchObject({
      unit: "{token}",
      histogram: {
        dataPoints: [
          { count: "1", sum: 1_205 },
          { count: "1", sum: 850 },
        ],
      },
    });
    expect(pages[1]?.get("gen_ai.client.operation.duration")).toMatchObject({
      unit: "s",
      histogram: { dataPoints: [{ count: "1" }, { count: "2" }] },
    });
    expect(pages[1]?.get("gen_ai.server.request.duration")).toMatchObject({
      histogram: { dataPoints: [{ count: "2" }] },
    });
    expect(pages[1]?.has("gemini_proxy.total_requests")).toBe(false);
    await observers.close();
  });
});

describe("close", () => {
  it("sends what waits and metrics once more", async () => {
    const collector = await collect();
    const { observers } = setUp({ otlpEndpoint: collector.endpoint });
    observers.settled(call(1));
    await observers.close();
    expect(collector.requests.map(({ path }) => path).toSorted()).toEqual(["/v1/metrics", "/v1/traces"]);
    observers.settled(call(2));
    expect(observers.otlp()).toMatchObject({ queuedSpans: 0, exportedSpans: 2 });
  });

  it("does not wait for another try, and never longer than it may", async () => {
    let asked = 0;
    const post: OtlpPost = () => {
      asked += 1;
      return Promise.resolve({ status: 503, retryAfterMs: 60_000 });
    };
    const { observers, time } = setUp({ otlpEndpoint: "http://busy" }, { post });
    observers.settled(call(1));
    await time.pass(5_000);
    expect(asked).toBe(1);
    await observers.close();
    expect(asked).toBe(3);
    expect(observers.otlp()).toMatchObject({ droppedSpans: 2, queuedSpans: 0 });
  });
});

describe("a host that cannot send", () => {
  it("says so when a collector is configured", () => {
    const { observers, logger } = setUp({ otlpEndpoint: "http://collector" }, { post: null });
    expect(observers.otlp()).toBeNull();
    expect(logger.lines.map(({ event }) => event)).toEqual(["otlp.unsupported"]);
  });

  it("names unusable headers by their place only", () => {
    const { logger } = setUp({ otlpEndpoint: "http://collector", otlpHeaders: "sec ret=1" });
    expect(logger.lines).toMatchObject([{ event: "otlp.headers-unusable", fields: { places: [1] } }]);
    expect(JSON.stringify(logger.lines)).not.toContain("sec ret");
  });
});
