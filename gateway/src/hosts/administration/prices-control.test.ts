import { afterEach, describe, expect, it } from "vitest";
import { sampleRecord, sampleUsage } from "../../storage/contract-samples.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { createPricesControl, priceOverridesKey, type PricesHost } from "./prices-control.ts";

const stores: GatewayStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function makeStore(): Promise<GatewayStore> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return store;
}

const logger = createKeptLogger();
const row = (input: number): object => ({ models: ["own-model"], input, output: input, cached: null });
const usage = sampleUsage({ promptTokens: 1_000_000, cachedTokens: 0, modalities: null });
const priceOf = (prices: PricesHost): number | null =>
  prices.inForce.priceUsage({ usage, models: ["own-model"], at: 1 });

describe("own price rows", () => {
  it("hold at once when they are set, and after a restart", async () => {
    const store = await makeStore();
    const prices = await createPricesControl({ store, file: [], logger });
    expect(priceOf(prices)).toBe(null);
    const { inForce } = prices;
    await prices.setOverrides([row(2)]);
    expect(inForce.priceUsage({ usage, models: ["own-model"], at: 1 })).toBeGreaterThanOrEqual(2e9);
    expect(prices.overrides()).toEqual([row(2)]);
    const again = await createPricesControl({ store, file: [], logger });
    expect(priceOf(again)).toBe(priceOf(prices));
    const record = sampleRecord(1, { modelAsked: "own-model" });
    expect(again.price(record).record).toBe(record);
  });

  it("stand before those of the file, which stand before the table's", async () => {
    const store = await makeStore();
    const file = [{ models: ["own-model"], input: 7, output: 7, cached: null }];
    const prices = await createPricesControl({ store, file, logger });
    const fromFile = priceOf(prices);
    await prices.setOverrides([row(2)]);
    expect(priceOf(prices)).toBeLessThan(fromFile as number);
    await prices.setOverrides([]);
    expect(priceOf(prices)).toBe(fromFile);
  });

  it("that are wrong are refused by name, and nothing changes", async () => {
    const store = await makeStore();
    const prices = await createPricesControl({ store, file: [], logger });
    await prices.setOverrides([row(2)]);
    const before = priceOf(prices);
    await expect(prices.setOverrides([{ ...row(1), input: -1 }])).rejects.toThrow(/row 1: 'input'/);
    expect([priceOf(prices), await store.meta.get(priceOverridesKey)]).toEqual([before, JSON.stringify([row(2)])]);
  });

  it("that another process stored are taken up, and unusable ones are logged and left out", async () => {
    const store = await makeStore();
    const prices = await createPricesControl({ store, file: [], logger });
    await store.meta.set(priceOverridesKey, JSON.stringify([row(3)]));
    await prices.reload();
    const three = priceOf(prices);
    expect(three).not.toBe(null);
    await store.meta.set(priceOverridesKey, "[{]");
    await prices.reload();
    expect(priceOf(prices)).toBe(three);
    expect(logger.lines.map(({ event }) => event)).toEqual(["prices.unusable"]);
  });
});
