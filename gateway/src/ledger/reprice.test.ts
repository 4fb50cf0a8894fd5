import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { naiveSums } from "../storage/contract-naive.ts";
import { sampleUsage } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { GatewayStore } from "../storage/types-analytics.ts";
import { makeCalls } from "../testkit/many-calls.ts";
import { createReplaceablePrices, priceCall } from "./prices.ts";
import { repriceLedger } from "./reprice.ts";

const ever = { fromMs: 0, toMs: 4_000_000_000_000 };
const calls = [...makeCalls({ count: 1_200, days: 1, models: 4 })];
const model = "gemini-2.0-flash";

let store: GatewayStore;
beforeEach(async () => {
  store = await openNodeSqlite({ path: ":memory:" });
  await store.ledger.insert(calls);
});
afterEach(() => store.close());

const costs = async (): Promise<[string, number | null][]> =>
  (await store.ledger.list({ limit: 1_000 })).map((call) => [call.record.id, call.costNanoUsd]);

describe("repriceLedger", () => {
  it("gives every call the cost that it would have now, and the roll-ups with it", async () => {
    const prices = createReplaceablePrices([{ models: [model], input: 1_000, output: 2_000, cached: 10 }]);
    const done = await repriceLedger({ store, prices, range: ever, model: null, dryRun: false });
    expect(done.looked).toBe(1_200);
    const expected = calls.map((call) => priceCall(prices, call.record));
    expect(await store.ledger.list({ limit: 1_000 })).toEqual(expected.toReversed().slice(0, 1_000));
    for (const dimension of ["model", "credential"] as const) {
      const sums = await store.analytics.sums({ dimension, key: null }, ever);
      expect(sums).toEqual(naiveSums(expected, dimension, ever));
    }
    expect((await repriceLedger({ store, prices, range: ever, model: null, dryRun: false })).changed).toBe(0);
  });

  it("leaves other models and other times alone, and changes nothing when only asked what it would", async () => {
    const prices = createReplaceablePrices([{ models: [model], input: 5, output: 5, cached: 5 }]);
    const before = await costs();
    const dry = await repriceLedger({ store, prices, range: ever, model, dryRun: true });
    expect(await costs()).toEqual(before);
    const middle = calls[900]?.record.startedAt ?? 0;
    const range = { fromMs: middle, toMs: ever.toMs };
    const done = await repriceLedger({ store, prices, range, model, dryRun: false });
    expect(done.changed).toBeGreaterThan(0);
    expect(done.changed).toBeLessThan(dry.changed);
    const other = (await store.ledger.list({ limit: 1_000 })).filter(
      ({ record }) => record.startedAt < middle || (record.modelServed !== model && record.modelAsked !== model),
    );
    const old = new Map(before);
    for (const call of other) expect(call.costNanoUsd).toBe(old.get(call.record.id));
  });

  it("tells how far it is, and ends when told", async () => {
    const prices = createReplaceablePrices();
    const seen: number[] = [];
    const signal = { aborted: false };
    const onSlice = ({ looked }: { looked: number }): void => {
      seen.push(looked);
      signal.aborted = seen.length === 2;
    };
    await repriceLedger({ store, prices, range: ever, model: null, dryRun: false, onSlice, signal });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBeGreaterThan(seen[0] as number);
    expect(seen[1]).toBeLessThan(1_200);
  });
});

describe("createReplaceablePrices", () => {
  const usage = sampleUsage({ cachedTokens: 0 });

  it("prices by its latest rows", () => {
    const prices = createReplaceablePrices();
    const ask = (): number | null => prices.priceUsage({ usage, models: ["my-model"], at: 0 });
    expect(ask()).toBeNull();
    prices.replace([{ models: ["my-model"], input: 1, output: 1, cached: null }]);
    const first = ask();
    expect(first).toBeGreaterThan(0);
    prices.replace([{ models: ["my-model"], input: 2, output: 2, cached: null }]);
    expect(ask()).toBe((first as number) * 2);
    prices.replace([]);
    expect(ask()).toBeNull();
  });

  it("keeps its rows when others cannot be used", () => {
    const prices = createReplaceablePrices([{ models: ["my-model"], input: 1, output: 1, cached: null }]);
    const before = prices.priceUsage({ usage, models: ["my-model"], at: 0 });
    expect(() => prices.replace([{ models: ["x"], from: "soon", input: 1, output: 1, cached: null }])).toThrow(
      RangeError,
    );
    expect(prices.priceUsage({ usage, models: ["my-model"], at: 0 })).toBe(before);
  });
});
