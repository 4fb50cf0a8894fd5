import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyRecord } from "../../testkit/any-record.ts";
import { sampleCall, sampleRecord } from "../contract-samples.ts";
import { storageContract } from "../contract.ts";
import { openNodeSqlite } from "./open-node.ts";
import type { GatewayStore } from "../types-analytics.ts";
import { createNodeSqliteDriver } from "./node-sqlite.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
});
afterEach(() => rmSync(directory, { recursive: true }));
const file = (): string => join(directory, "x.sqlite");

async function withStore(path: string, work: (store: GatewayStore) => Promise<void>): Promise<void> {
  const store = await openNodeSqlite({ path });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

describe("storage contract on node:sqlite in memory", () => {
  it.each(storageContract())("$name", ({ run }) => expect(withStore(":memory:", run)).resolves.toBeUndefined());
});

describe("storage contract on node:sqlite in a file", () => {
  it.each(storageContract())("$name", ({ run }) => expect(withStore(file(), run)).resolves.toBeUndefined());
});

describe("node:sqlite", () => {
  it("gives back any record and cost as they were written", () =>
    withStore(":memory:", (store) =>
      fc.assert(
        fc.asyncProperty(
          anyRecord(fc.string({ unit: "grapheme" })),
          fc.array(fc.option(fc.nat()), { minLength: 4, maxLength: 4 }),
          async (record, [cost, ...costs]) => {
            const call = {
              record,
              costNanoUsd: cost ?? null,
              attemptCosts: record.attempts.map((_, index) => costs[index] ?? null),
            };
            await store.ledger.insert([call]);
            expect(await store.ledger.get(record.id)).toEqual(call);
            expect(await store.ledger.list({ limit: 1 })).toEqual([call]);
            await store.ledger.prune(Number.MAX_SAFE_INTEGER, 10);
          },
        ),
        { numRuns: 300 },
      ),
    ));
});

describe("node:sqlite file", () => {
  it("keeps everything across a restart, in one file that only its owner can read", async () => {
    await withStore(file(), async (store) => {
      await store.ledger.insert([sampleCall(0)]);
      await store.revision.raise();
      for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
    });
    expect(readdirSync(directory)).toEqual(["x.sqlite"]);
    await withStore(file(), async (store) => {
      expect(await store.ledger.get(sampleRecord(0).id)).toEqual(sampleCall(0));
      expect(await store.revision.get()).toBe(1);
    });
  });

  it("is shared by two openers, each of which sees what the other wrote", async () => {
    await withStore(file(), (first) =>
      withStore(file(), async (second) => {
        await first.meta.set("a", "1");
        expect(await second.meta.get("a")).toBe("1");
        expect([await first.revision.raise(), await second.revision.raise(), await first.revision.get()]).toEqual([
          1, 2, 2,
        ]);
      }),
    );
  });

  it("waits for another writer's lock without holding the event loop", async () => {
    await withStore(file(), async (store) => {
      const other = new DatabaseSync(file());
      other.exec("begin immediate");
      const writes = [store.ledger.insert([sampleCall(0)]), store.meta.set("a", "1")];
      let ticks = 0;
      const timer = setInterval(() => {
        if (++ticks === 5) other.exec("commit");
      }, 5);
      await Promise.all(writes);
      clearInterval(timer);
      other.close();
      expect(ticks).toBeGreaterThanOrEqual(5);
      expect(await store.meta.get("a")).toBe("1");
      expect((await store.ledger.size()).calls).toBe(1);
    });
  });

  it("gives up when the lock is not let go, and works again afterwards", async () => {
    const driver = await createNodeSqliteDriver({ path: file(), busyMs: 30 });
    await driver.writeBatch([{ sql: "create table t (a integer)", rows: [[]] }]);
    const other = new DatabaseSync(file());
    other.exec("begin immediate");
    const insert = { sql: "insert into t values (?)", rows: [[1], [2]] };
    await expect(driver.writeBatch([insert])).rejects.toThrow(/locked/);
    other.exec("rollback");
    await driver.writeBatch([insert]);
    expect(other.prepare("select count(*) as n from t").get()).toEqual({ n: 2 });
    other.close();
    await driver.close();
  });

  it("is brought up to date once when two processes open it at the same time", async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openNodeSqlite({ path: file() })));
    for (const store of stores) expect(await store.credentials.list()).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("is refused when a newer version made it, or when it is no database", async () => {
    await withStore(file(), async () => undefined);
    const database = new DatabaseSync(file());
    database.exec("insert into schema_migrations values ('0999-later')");
    database.close();
    await expect(openNodeSqlite({ path: file() })).rejects.toThrow(/'0999-later' of a newer gemini-proxy/);
    await expect(openNodeSqlite({ path: directory })).rejects.toThrow();
  });

  it("gives freed pages back to new rows: deleted calls make room", async () => {
    await withStore(file(), async (store) => {
      const fill = async (from: number): Promise<void> => {
        for (let start = from; start < from + 5_000; start += 500) {
          await store.ledger.insert(Array.from({ length: 500 }, (_, index) => sampleCall(start + index)));
        }
      };
      await fill(0);
      const full = await store.ledger.bytes();
      while ((await store.ledger.prune(Number.MAX_SAFE_INTEGER, 500)) > 0);
      expect(await store.ledger.bytes()).toBeLessThan(full / 4);
      await fill(5_000);
      await fill(10_000);
      expect(await store.ledger.bytes()).toBeGreaterThan(full);
    });
  });

  it("loses nothing under load, with checkpoints in their thread, and leaves no log behind", async () => {
    await withStore(file(), async (store) => {
      for (let start = 0; start < 40_000; start += 500) {
        await store.ledger.insert(Array.from({ length: 500 }, (_, index) => sampleCall(start + index)));
        await new Promise(setImmediate);
      }
      expect((await store.ledger.size()).calls).toBe(40_000);
    });
    expect(readdirSync(directory)).toEqual(["x.sqlite"]);
    await withStore(file(), async (store) => expect((await store.ledger.size()).calls).toBe(40_000));
  });
});
