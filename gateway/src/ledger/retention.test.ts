import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleCall, sampleStart } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { GatewayStore } from "../storage/types-analytics.ts";
import { makeCalls } from "../testkit/many-calls.ts";
import { pruneLedger } from "./retention.ts";

const dayMs = 86_400_000;
let store: GatewayStore;
beforeEach(async () => {
  store = await openNodeSqlite({ path: ":memory:" });
  for (let start = 0; start < 3_000; start += 500) {
    await store.ledger.insert(Array.from({ length: 500 }, (_, index) => sampleCall(start + index)));
  }
});
afterEach(() => store.close());

const calls = async (): Promise<number> => (await store.ledger.size()).calls;

describe("pruneLedger", () => {
  it("keeps everything that is neither too old nor too much", async () => {
    expect(await pruneLedger({ store, now: sampleStart + 90 * dayMs })).toEqual({ deleted: 0, more: false });
    expect(await calls()).toBe(3_000);
  });

  it("deletes what is older than 90 days, and nothing else", async () => {
    expect(await pruneLedger({ store, now: sampleStart + 90 * dayMs + 1_200 })).toEqual({
      deleted: 1_200,
      more: false,
    });
    expect((await store.ledger.list({ after: "", limit: 1 }))[0]?.record.startedAt).toBe(sampleStart + 1_200);
  });

  it("deletes the oldest until the bytes are within the bound", async () => {
    const maxBytes = (await store.ledger.bytes()) / 2;
    const { deleted, more } = await pruneLedger({ store, now: sampleStart, maxBytes, slice: 100 });
    expect(more).toBe(false);
    expect(await store.ledger.bytes()).toBeLessThanOrEqual(maxBytes);
    expect(await calls()).toBe(3_000 - deleted);
    expect(deleted).toBeLessThan(2_000);
  });

  it("ends after so many slices and says that there is more", async () => {
    const late = { store, now: sampleStart + 200 * dayMs, slice: 100, maxSlices: 3 };
    expect(await pruneLedger(late)).toEqual({ deleted: 300, more: true });
    expect(await pruneLedger({ ...late, maxSlices: 100 })).toEqual({ deleted: 2_700, more: false });
  });

  it("ends when nothing is left, even if other tables are larger than the bound", async () => {
    expect(await pruneLedger({ store, now: sampleStart, maxBytes: 1 })).toEqual({ deleted: 3_000, more: false });
  });

  it("lets other work run between slices", async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await pruneLedger({ store, now: sampleStart + 200 * dayMs, slice: 100 });
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(29);
  });

  it("makes slices smaller while one takes long, and larger again", async () => {
    const sizes: number[] = [];
    let now = 0;
    let tookMs = 20;
    const ledger = {
      ...store.ledger,
      async prune(olderThanMs: number, limit: number) {
        sizes.push(limit);
        now += tookMs;
        if (limit < 100) tookMs = 0.5;
        return store.ledger.prune(olderThanMs, limit);
      },
    };
    const clock = { monotonic: () => now };
    await pruneLedger({ store: { ledger }, now: sampleStart + 200 * dayMs, slice: 400, clock });
    expect(sizes.slice(0, 4)).toEqual([400, 200, 100, 50]);
    expect(Math.max(...sizes.slice(4))).toBeGreaterThan(100);
    expect(await calls()).toBe(0);
  });

  it("keeps sums by days of calls that it deleted, and sums by quarters only as long as calls", async () => {
    const many = [...makeCalls({ count: 2_000, days: 20, endMs: sampleStart - 200 * dayMs })];
    await store.ledger.insert(many);
    const [first, last] = [many[0]?.record.startedAt ?? 0, many.at(-1)?.record.startedAt ?? 0];
    const all = async (range: { fromMs: number; toMs: number }): Promise<number> =>
      (await store.analytics.sums({ dimension: "all", key: null }, range)).get("")?.calls ?? 0;
    const ever = { fromMs: 0, toMs: sampleStart + 500 * dayMs };
    const quarters = async (): Promise<number> => {
      // By quarters where they are kept: a range of one is the whole day where they are not.
      const middle = Math.floor((first + last) / 2 / dayMs) * dayMs + dayMs / 2;
      return all({ fromMs: middle, toMs: middle + 900_000 });
    };
    expect(await all(ever)).toBe(5_000);
    const few = await quarters();
    expect(few).toBeLessThan(10);
    await pruneLedger({ store, now: last + 3_600_000 });
    expect(await quarters()).toBe(few);
    await pruneLedger({ store, now: last + 95 * dayMs });
    expect((await store.ledger.oldestMs()) ?? 0).toBeGreaterThanOrEqual(sampleStart);
    expect(await all(ever)).toBe(5_000);
    const bytes = await store.ledger.bytes();
    await pruneLedger({ store, now: last + 450 * dayMs });
    expect(await store.ledger.bytes()).toBeLessThan(bytes);
    expect(await all(ever)).toBe(5_000);
    expect(await all({ fromMs: first - dayMs, toMs: last + dayMs })).toBe(2_000);
  });
});
