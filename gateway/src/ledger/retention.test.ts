import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleCall, sampleStart } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store } from "../storage/types.ts";
import { pruneLedger } from "./retention.ts";

const dayMs = 86_400_000;
let store: Store;
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
});
