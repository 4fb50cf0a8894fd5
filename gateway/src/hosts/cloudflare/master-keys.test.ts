import { afterEach, describe, expect, it } from "vitest";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { Store } from "../../storage/types.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { createVault, type Vault } from "../../vault/envelope.ts";
import { masterKeysOf } from "./master-keys.ts";
import { workerRandom } from "./ports.ts";

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function open(): Promise<Store> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return store;
}

/** The vault of an object that was just loaded. */
async function load(store: Store, text: string | null): Promise<Vault> {
  const logger = createKeptLogger();
  return createVault({ masterKeys: await masterKeysOf({ text, store, logger }), random: workerRandom });
}

describe("master keys of the state object", () => {
  it("without ENCRYPTION_KEY what was sealed is opened after the object was put to sleep", async () => {
    const store = await open();
    const sealed = await (await load(store, null)).seal("token", "cred_1");
    expect((await (await load(store, null)).open(sealed, "cred_1")).reveal()).toBe("token");
  });

  it("two objects without ENCRYPTION_KEY have keys of their own", async () => {
    const sealed = await (await load(await open(), null)).seal("token", "cred_1");
    await expect((await load(await open(), null)).open(sealed, "cred_1")).rejects.toThrow(/master key/);
  });

  it.each([
    ["a passphrase", "a passphrase that is long enough"],
    ["a key", "0".repeat(64)],
  ])(
    "what was sealed without ENCRYPTION_KEY is still opened when %s is set, which seals from then on",
    async (_, text) => {
      const store = await open();
      const old = await (await load(store, null)).seal("token", "cred_1");
      const vault = await load(store, text);
      expect((await vault.open(old, "cred_1")).reveal()).toBe("token");
      const sealed = await vault.seal("new", "cred_1");
      await expect((await load(store, null)).open(sealed, "cred_1")).rejects.toThrow(/master key/);
      expect((await (await load(store, text)).open(sealed, "cred_1")).reveal()).toBe("new");
    },
  );

  it("with ENCRYPTION_KEY from the start no key is kept in the object", async () => {
    const store = await open();
    await load(store, "a passphrase that is long enough");
    expect(await store.meta.get("vault_master_key")).toBeNull();
  });

  it("says once, when it makes a key, that the key lies beside what it seals", async () => {
    const store = await open();
    const logger = createKeptLogger();
    for (let time = 0; time < 2; time++) await masterKeysOf({ text: null, store, logger });
    expect(logger.lines.map(({ event }) => event)).toEqual(["vault.key-made"]);
    const kept = (await store.meta.get("vault_master_key")) ?? "";
    expect(kept).toMatch(/^[\w+/=-]{43,44}$/);
    expect(JSON.stringify(logger.lines)).not.toContain(kept);
  });
});
