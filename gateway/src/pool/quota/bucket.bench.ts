/**
 * Measures a bucket: `node --expose-gc gateway/src/pool/quota/bucket.bench.ts` prints one JSON line a state: nanoseconds
 * of asking for room, of taking, and of settling (median, fastest and slowest of five rounds over 1,000 buckets) and bytes
 * a bucket, then the first ask after midnight of 200,000 buckets.
 * @module
 */
import type { QuotaReservation } from "../../core/credential.ts";
import { createQuotaBucket } from "./bucket.ts";
import type { BucketLimit, QuotaBucket } from "./types.ts";

const noon = Date.parse("2026-06-15T19:00:00Z");
const cost = { requests: 1, tokens: 1_000 };
const perMinute = limit("requests", "minute", 10);
const roomy = [
  limit("requests", "minute", 1_000_000),
  limit("tokens", "minute", 4e9),
  limit("requests", "day", 1e9),
  limit("tokens", "day", 1e12),
];
const bucketCount = 1_000;
const callsARound = 1_000_000;
const memoryCount = 20_000;

interface State {
  name: string;
  limits: readonly BucketLimit[];
  /** Uses before, one each `gapMs`. */
  uses: number;
  gapMs: number;
}

const states: State[] = [
  { name: "no limit known", limits: [], uses: 1, gapMs: 0 },
  { name: "day limit only", limits: [limit("requests", "day", 1e9)], uses: 1, gapMs: 0 },
  { name: "all four limits, 10 uses in the minute", limits: roomy, uses: 10, gapMs: 6_000 },
  { name: "all four limits, a use each second", limits: roomy, uses: 60, gapMs: 1_000 },
  { name: "10 a minute, used up", limits: [perMinute, ...roomy.slice(1)], uses: 10, gapMs: 5_000 },
];

for (const state of states) print({ ...measure(state), bytes: Math.round(bytesOf(state)) });
print(afterMidnight());

// --- helpers ---

function measure(state: State): Record<string, unknown> {
  const buckets = Array.from({ length: bucketCount }, () => fill(state));
  const now = noon + state.uses * state.gapMs;
  const [room, take, settle]: [number[], number[], number[]] = [[], [], []];
  const inFlight: QuotaReservation[] = Array.from({ length: bucketCount });
  let sum = 0;
  for (let round = 0; round < 6; round++) {
    const times = { room: 0, take: 0, settle: 0 };
    // 1,000 calls of each bucket in 10 s, a thousand in flight.
    for (let batch = 0; batch < callsARound / bucketCount; batch++) {
      const at = now + round * 10_000 + batch * 10;
      times.room += timed(() => {
        for (const bucket of buckets) sum += bucket.roomAt(cost, at);
      });
      times.take += timed(() => {
        for (let index = 0; index < bucketCount; index++) inFlight[index] = bucketAt(index).take(cost, at);
      });
      times.settle += timed(() => {
        for (let index = 0; index < bucketCount; index++)
          bucketAt(index).settle(inFlight[index] as QuotaReservation, { tokens: 900 }, at);
      });
    }
    // The first round warms up.
    if (round === 0) continue;
    room.push(times.room);
    take.push(times.take);
    settle.push(times.settle);
  }
  const asked = sum === 0 ? "room" : "none";
  return { name: state.name, asked, roomAt: spread(room), take: spread(take), settle: spread(settle) };

  function bucketAt(index: number): QuotaBucket {
    return buckets[index] as QuotaBucket;
  }
}

function fill(state: State): QuotaBucket {
  const bucket = createQuotaBucket({ projectId: "p", model: "m" });
  for (const one of state.limits) bucket.learn(one, noon);
  for (let index = 0; index < state.uses; index++) bucket.take(cost, noon + index * state.gapMs);
  return bucket;
}

/** With array buffers, which are outside the heap. Zero without `--expose-gc`. */
function bytesOf(state: State): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return 0;
  gc();
  const before = memory();
  const buckets = Array.from({ length: memoryCount }, () => fill(state));
  gc();
  return (memory() - before) / buckets.length;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = (globalThis as unknown as Meter).process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What is needed of the process: the core compiles without a runtime's types. */
interface Meter {
  process: { memoryUsage(): { heapUsed: number; arrayBuffers: number } };
}

function afterMidnight(): Record<string, unknown> {
  const count = 200_000;
  const state: State = { name: "", limits: [limit("requests", "day", 1)], uses: 1, gapMs: 0 };
  const buckets = Array.from({ length: count }, () => fill(state));
  const midnight = noon + 86_400_000;
  const nanoseconds = timed(() => {
    for (const bucket of buckets) bucket.roomAt(cost, midnight);
  });
  return { name: "first ask after midnight", buckets: count, roomAt: Math.round((nanoseconds * callsARound) / count) };
}

function limit(metric: "requests" | "tokens", window: "minute" | "day", value: number): BucketLimit {
  return { metric, window, value, source: "google", learnedAt: noon };
}

function spread(list: number[]): { median: number; fastest: number; slowest: number } {
  const [fastest = 0, , median = 0, , slowest = 0] = list.sort((left, right) => left - right).map(Math.round);
  return { median, fastest, slowest };
}

/** Nanoseconds, divided by the calls of a round. */
function timed(step: () => void): number {
  // oxlint-disable-next-line no-restricted-globals -- a bench script reads the platform's clock
  const start = performance.now();
  step();
  // oxlint-disable-next-line no-restricted-globals -- a bench script reads the platform's clock
  return ((performance.now() - start) * 1e6) / callsARound;
}

function print(line: Record<string, unknown>): void {
  // oxlint-disable-next-line no-console -- a bench script prints its result
  console.log(JSON.stringify(line));
}
