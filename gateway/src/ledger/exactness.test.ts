import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord } from "../core/records.ts";
import { naiveSums } from "../storage/contract-naive.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { GatewayStore } from "../storage/types-analytics.ts";
import type { PricedCall } from "../storage/types.ts";
import { anyRecord } from "../testkit/any-record.ts";
import { createDisk, createFailingStore, readAllCalls, simulateTime } from "../testkit/ledger-harness.ts";
import { createKeptLogger } from "../testkit/simulated.ts";
import { createPrices, priceCall } from "./prices.ts";
import { createRecorder, recoverJournal } from "./recorder.ts";
import type { Recorder } from "./types.ts";

const prices = createPrices();

describe("ledger in = ledger out", () => {
  type Step =
    | { kind: "begin" | "settle"; pick: number }
    | { kind: "pass"; amount: number }
    | { kind: "fail"; amount: number; after: number }
    | { kind: "kill" | "close" | "flush" };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("begin" as const), pick: fc.nat() }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("settle" as const), pick: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), amount: fc.nat({ max: 5_000 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("fail" as const),
        amount: fc.nat({ max: 30 }),
        after: fc.nat({ max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("kill" as const, "close" as const, "flush" as const) }) },
  );

  it("holds through failing stores, full queues, kills and restarts in any order", async () => {
    const records = fc.uniqueArray(anyRecord(fc.string({ unit: "grapheme" })), {
      minLength: 5,
      maxLength: 40,
      selector: (record) => record.id,
    });
    const bounds = fc.record({
      capacity: fc.integer({ min: 1, max: 12 }),
      batch: fc.integer({ min: 1, max: 8 }),
      segmentLength: fc.integer({ min: 100, max: 4_000 }),
    });
    await fc.assert(
      fc.asyncProperty(records, fc.array(step, { maxLength: 120 }), bounds, async (all, steps, options) => {
        const store = await openNodeSqlite({ path: ":memory:" });
        await play(store, options, all, steps);
        await store.close();
      }),
      { numRuns: 200 },
    );
  });

  async function play(
    real: GatewayStore,
    options: { capacity: number; batch: number; segmentLength: number },
    all: readonly CallRecord[],
    steps: readonly Step[],
  ): Promise<void> {
    const { clock, schedule, pass, stop } = simulateTime();
    const { store, fail } = createFailingStore(real);
    const disk = createDisk();
    const start = (): Recorder =>
      createRecorder({
        store,
        journal: disk.journal(),
        prices,
        clock,
        schedule,
        logger: createKeptLogger(),
        ...options,
      });
    let recorder = start();
    const waiting = [...all];
    const open: CallRecord[] = [];
    const settled: CallRecord[] = [];
    const interrupted: CallRecord[] = [];
    async function restart(): Promise<void> {
      stop();
      interrupted.push(...open.splice(0));
      fail(0);
      await recoverJournal({ journal: disk.journal(), store, prices });
      recorder = start();
    }
    for (const each of steps) {
      if (each.kind === "begin") {
        const record = waiting.pop();
        if (record === undefined) continue;
        recorder.began(record.id, record.startedAt);
        open.push(record);
      } else if (each.kind === "settle") {
        const [record] = open.splice(each.pick % Math.max(1, open.length), 1);
        if (record === undefined) continue;
        recorder.settled(record);
        settled.push(record);
      } else if (each.kind === "pass") await pass(each.amount);
      else if (each.kind === "fail") fail(each.amount, each.after);
      else if (each.kind === "flush") await recorder.flush().catch(() => undefined);
      else {
        if (each.kind === "close") await recorder.close();
        await restart();
      }
    }
    await recorder.close();
    await restart();
    expect(recorder.state().lost).toBe(0);
    const byId = (calls: readonly PricedCall[]): PricedCall[] =>
      [...calls].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
    const found = await readAllCalls(real);
    const lost = new Set(interrupted.map((record) => record.id));
    expect(byId(found.filter((call) => !lost.has(call.record.id)))).toEqual(
      byId(settled.map((record) => priceCall(prices, record))),
    );
    expect(found.filter((call) => lost.has(call.record.id)).map((call) => call.record.outcome)).toEqual(
      interrupted.map(() => "interrupted"),
    );
    expect(found.length).toBe(settled.length + interrupted.length);
    const ever = { fromMs: 0, toMs: 5_000_000_000_000 };
    const sums = await real.analytics.sums({ dimension: "credential", key: null }, ever);
    expect(sums).toEqual(naiveSums(found, "credential", ever));
  }
});
