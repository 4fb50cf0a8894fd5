/**
 * A day of load on free keys, by a simulated clock: the gateway in front of the emulator, both in this process, over the
 * two days of the year on which a Pacific day has not 24 hours.
 * @module
 */
import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import type { CallRecord } from "../gateway/src/core/records.ts";
import { createGateway, type MemoryGateway } from "../gateway/src/hosts/fetch/create-gateway.ts";
import { createSeededRandom, createSimulatedClock, type SimulatedClock } from "../gateway/src/testkit/simulated.ts";

const model = "gemini-3.8-flash";
const clientKey = "gp-simulated-day-0123456789abcdefghijkl";
const projects = 20;
const perDay = 20;
const perMinute = 10;
const hour = 3_600_000;
/** Midnight in Los Angeles at the begin of the day before the change. */
const days = {
  "an ordinary day": { start: Date.UTC(2026, 5, 10, 7), lengths: [24, 24] },
  "spring (a day of 23 hours)": { start: Date.UTC(2026, 2, 7, 8), lengths: [24, 23, 24] },
  "autumn (a day of 25 hours)": { start: Date.UTC(2026, 9, 31, 7), lengths: [24, 25, 24] },
};

interface World {
  clock: SimulatedClock;
  emulator: Emulator;
  gateway: MemoryGateway;
  records: CallRecord[];
  /** One call; gives the status. */
  call(): Promise<number>;
}

let emulator: Emulator | null = null;

afterEach(async () => {
  await emulator?.close();
  emulator = null;
});

async function createWorld(start: number, settings: Record<string, string> = {}): Promise<World> {
  const clock = createSimulatedClock(start);
  const records: CallRecord[] = [];
  const keys = Array.from({ length: projects }, (_, index) => keyOf(index));
  emulator = await startEmulator({
    now: () => clock.now(),
    projects: keys.map((key, index) => ({
      id: `projects/${2000 + index}`,
      keys: [{ key }],
      tier: "free" as const,
      quotas: { "*": { requestsPerMinute: perMinute, requestsPerDay: perDay, inputTokensPerMinute: 250_000 } },
    })),
  });
  const gateway = createGateway({
    environment: {
      GEMINI_API_KEYS: keys.join(","),
      PROXY_API_KEY: clientKey,
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      ...settings,
    },
    digest: { sha256: (text) => createHash("sha256").update(text).digest("hex") },
    clock,
    random: createSeededRandom(11),
    onCall: (record) => void records.push(record),
  });
  return {
    clock,
    emulator,
    gateway,
    records,
    async call() {
      const response = await gateway.fetch(
        new Request(`http://gateway.example/v1beta/models/${model}:generateContent`, {
          method: "POST",
          headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
          body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Say something short" }] }] }),
        }),
      );
      await response.arrayBuffer();
      return response.status;
    },
  };
}

function keyOf(index: number): string {
  return `AIzaSyDay-0000000000000000000000000${String(index).padStart(4, "0")}`;
}

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}

/** Calls at random moments of a Pacific day, more by day than by night, some in bursts. */
function momentsOf(hours: number, count: number, random: { next(): number }): number[] {
  const moments: number[] = [];
  while (moments.length < count) {
    const at = random.next() * hours * hour;
    const awake = at > 7 * hour && at < 23 * hour;
    if (!awake && random.next() < 0.8) continue;
    const burst = random.next() < 0.1 ? 12 : 1;
    for (let index = 0; index < burst && moments.length < count; index++)
      moments.push(Math.min(at + index * 300, hours * hour - 1));
  }
  return moments.sort((one, other) => one - other);
}

describe.each([
  ["limits learned from refusals", {}],
  [
    "limits configured by tier",
    { QUOTA_LIMITS: JSON.stringify({ "*": { "*": { rpm: perMinute, rpd: perDay, tpm: 250_000 } } }) },
  ],
])("20 free projects of 20 requests a day and 10 a minute, %s", (_name, settings) => {
  it.each(Object.entries(days))(
    "serve %s at the first try while there is capacity, and everything again after midnight",
    async (_day, { start, lengths }) => {
      const world = await createWorld(start, settings);
      const random = createSeededRandom(5);
      const capacity = projects * perDay;
      let midnight = start;
      for (const hours of lengths) {
        const before = world.records.length;
        // 90 % of what the day can give: a call that finds nothing would be the gateway's fault.
        const moments = momentsOf(hours, capacity * 0.9, random);
        for (const moment of moments) {
          world.clock.advance(midnight + moment - world.clock.now());
          expect(await world.call()).toBe(200);
        }
        const calls = world.records.slice(before);
        const attempts = calls.reduce((sum, { attempts: tries }) => sum + tries.length, 0);
        const atOnce = calls.filter(({ attempts: tries }) => tries.length === 1).length;
        expect(calls).toHaveLength(moments.length);
        expect(atOnce / calls.length).toBeGreaterThan(0.99);
        expect(attempts / calls.length).toBeLessThan(1.05);
        // Nobody rests who could serve, and nobody is out for good.
        const served = countBy(
          world.emulator.record().filter(({ time, status }) => time >= midnight && status === 200),
          ({ key }) => key ?? "",
        );
        for (const { name, disabled, cooldowns } of world.gateway.view()) {
          expect(disabled).toBeNull();
          for (const { cause } of cooldowns) {
            expect(["day-quota", "minute-quota"]).toContain(cause);
            if (cause === "day-quota") expect(served.get(keyOf(Number(name.slice(4)) - 1))).toBe(perDay);
          }
        }
        midnight += hours * hour;
      }
      expect(world.emulator.totals().byStatus["429"] ?? 0).toBeLessThan(capacity * 0.01);
    },
    120_000,
  );

  it("give the whole day's capacity to the last call, then one 429 with the time of midnight and no call to Google", async () => {
    const { start } = days["autumn (a day of 25 hours)"];
    const dst = start + 24 * hour;
    const world = await createWorld(dst, settings);
    let served = 0;
    // One a second is less than ten a minute for each.
    for (; served < projects * perDay; served++) {
      world.clock.advance(1_000);
      expect(await world.call()).toBe(200);
    }
    const asked = world.emulator.totals().requests;
    expect(await world.call()).toBe(429);
    expect(await world.call()).toBe(429);
    // Learning needs one refusal a project at most; a known limit none.
    expect(world.emulator.totals().requests - asked).toBeLessThanOrEqual(
      Object.keys(settings).length === 0 ? projects : 0,
    );
    const midnight = dst + 25 * hour;
    world.clock.advance(midnight - 1 - world.clock.now());
    expect(await world.call()).toBe(429);
    world.clock.advance(2);
    for (let index = 0; index < projects * 5; index++) {
      world.clock.advance(1_000);
      expect(await world.call()).toBe(200);
    }
  }, 120_000);
});
