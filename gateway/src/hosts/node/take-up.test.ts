import { afterEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../settings/parse.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { createPricesControl, priceOverridesKey, type PricesHost } from "../administration/prices-control.ts";
import { createSettingsControl, type SettingsHost } from "../settings-control.ts";
import { createTakeUp } from "./take-up.ts";

const stores: GatewayStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

interface World {
  store: GatewayStore;
  settings: SettingsHost;
  prices: PricesHost;
  takeUp: () => Promise<void>;
  /** Credentials and clients are as new as the store, as after a change by the admin API. */
  admin: { reloads: number; change(): Promise<void> };
}

async function makeWorld(options: { read?: () => Promise<Record<string, string>> } = {}): Promise<World> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  const logger = createKeptLogger();
  const { list } = store.administration.settings;
  const settings = createSettingsControl({
    settings: parseSettings({}).settings,
    sources: new Map(),
    stored: await list(),
    save: (changes) => store.administration.settings.write(changes),
    read: options.read ?? list,
    logger,
  });
  const prices = await createPricesControl({ store, file: [], logger });
  let revision = await store.revision.get();
  const admin = {
    reloads: 0,
    async change() {
      await store.revision.raise();
      revision = await store.revision.get();
    },
  };
  const state = {
    async reloadIfChanged() {
      if ((await store.revision.get()) === revision) return false;
      admin.reloads += 1;
      revision = await store.revision.get();
      return true;
    },
  };
  return { store, settings, prices, admin, takeUp: createTakeUp({ state, store, settings, prices }) };
}

async function storeElsewhere({ store }: World, value: string): Promise<void> {
  await store.administration.settings.write({ PROXY_MAX_RETRIES: value });
  await store.revision.raise();
}

describe("what another process changed", () => {
  it("is taken up also when the admin API changed something between the change and the look", async () => {
    const world = await makeWorld();
    await world.takeUp();
    await storeElsewhere(world, "7");
    await world.store.meta.set(
      priceOverridesKey,
      JSON.stringify([{ models: ["m"], input: 1, output: 1, cached: null }]),
    );
    await world.admin.change();
    await world.takeUp();
    expect(world.settings.current.maxRetries).toBe(7);
    expect(world.prices.overrides()).toHaveLength(1);
  });

  it("is read again when it could not be read, and credentials are taken up meanwhile", async () => {
    let works = false;
    const world: World = await makeWorld({
      read: () => (works ? world.store.administration.settings.list() : Promise.reject(new Error("disk I/O error"))),
    });
    await storeElsewhere(world, "7");
    await expect(world.takeUp()).rejects.toThrow("disk I/O error");
    expect(world.admin.reloads).toBe(1);
    works = true;
    await world.takeUp();
    expect(world.settings.current.maxRetries).toBe(7);
  });

  it("is read once", async () => {
    let reads = 0;
    const world: World = await makeWorld({
      read: () => {
        reads += 1;
        return world.store.administration.settings.list();
      },
    });
    await storeElsewhere(world, "7");
    await world.takeUp();
    await world.takeUp();
    expect([reads, world.admin.reloads]).toEqual([1, 1]);
  });
});
