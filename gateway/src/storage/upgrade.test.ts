import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeCalls } from "../testkit/many-calls.ts";
import { naiveSums } from "./contract-naive.ts";
import { sampleCall, sampleRecord, sampleRetriedCall } from "./contract-samples.ts";
import type { SqlDriver } from "./driver.ts";
import { createNodeSqliteDriver } from "./drivers/node-sqlite.ts";
import { openNodeSqlite } from "./drivers/open-node.ts";
import { compileCallInsert } from "./ledger-write.ts";
import { migrate } from "./migrate.ts";
import { first } from "./migrations/0001-first.ts";
import { resourcesAndQuotas } from "./migrations/0002-resources-and-quotas.ts";
import { rollups } from "./migrations/0004-rollups.ts";
import type { Database } from "./schema.ts";
import { createStore } from "./store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
});
afterEach(() => rmSync(directory, { recursive: true }));
const path = (): string => join(directory, "old.sqlite");

/** A database as the first version made it, with a row in each table. */
async function makeOld(): Promise<void> {
  const driver = await createNodeSqliteDriver({ path: path() });
  const db = new Kysely<Database>({ dialect: driver.dialect });
  expect(await migrate(driver, db, [first])).toEqual(["0001-first"]);
  await driver.writeBatch(compileCallInsert(db)([sampleCall(0), sampleRetriedCall(1)]));
  const rows: [string, (string | number | null)[]][] = [
    ["insert into credentials values (?,?,?,?,?,?,?,?,?)", ["cred_1", "work", "v1.x", "f1", "p1", 2.5, 1, 0, 10]],
    ["insert into clients values (?,?,?,?,?,?,?,?,?)", ["client_1", "me", "d1", "gp-a", "stored", 1, 9, '["m*"]', 20]],
    ["insert into cooldowns values (?,?,?,?,?,?,?,?)", ["project", "p1", "", 5, 4, "day-quota", "quota.day", "w"]],
    ["insert into disabled values (?,?,?,?,?,?,?)", ["credential", "cred_1", "leaked", 4, null, "key.leaked", "w"]],
    ["insert into meta values (?,?)", ["a", "b"]],
    ["insert into counters values (?,?)", ["revision", 7]],
  ];
  for (const [sql, row] of rows) await driver.writeBatch([{ sql, rows: [row] }]);
  await driver.close();
}

describe("a database that the first version made", () => {
  it("opens, keeps every row, and takes what is new", async () => {
    await makeOld();
    const store = await openNodeSqlite({ path: path() });
    expect(await store.credentials.list()).toEqual([
      {
        id: "cred_1",
        name: "work",
        sealed: "v1.x",
        fingerprint: "f1",
        projectId: "p1",
        weight: 2.5,
        tier: 1,
        enabled: false,
        createdAt: 10,
        baseUrl: null,
        sealedProxy: null,
        quotaTier: null,
      },
    ]);
    expect(await store.clients.list()).toEqual([
      {
        id: "client_1",
        name: "me",
        digest: "d1",
        prefix: "gp-a",
        source: "stored",
        enabled: true,
        expiresAt: 9,
        allowedModels: ["m*"],
        createdAt: 20,
        limits: null,
        ipRanges: null,
        aliases: null,
        resourceScope: "own",
      },
    ]);
    expect(await store.health.list()).toMatchObject({
      cooldowns: [{ cause: "day-quota" }],
      disabled: [{ words: "w" }],
    });
    expect(await store.ledger.get(sampleRecord(0).id)).toEqual(sampleCall(0));
    expect(await store.ledger.get(sampleRecord(1).id)).toEqual(sampleRetriedCall(1));
    expect([await store.meta.get("a"), await store.revision.raise()]).toEqual(["b", 8]);
    expect(await store.credentials.update("cred_1", { quotaTier: "free" })).toBe(true);
    await store.close();

    const again = await openNodeSqlite({ path: path() });
    expect((await again.credentials.list())[0]?.quotaTier).toBe("free");
    await again.close();
  });

  it("is brought up to date once when two processes open it at the same time", async () => {
    await makeOld();
    const stores = await Promise.all([1, 2, 3].map(() => openNodeSqlite({ path: path() })));
    for (const store of stores) expect(await store.credentials.list()).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("gets roll-ups of the calls that it has, once, however many processes open it, however often one dies half-way", async () => {
    const calls = [...makeCalls({ count: 12_000, days: 30 })];
    const old = await createNodeSqliteDriver({ path: path() });
    const oldDb = new Kysely<Database>({ dialect: old.dialect });
    await migrate(old, oldDb, [first]);
    await old.writeBatch(compileCallInsert(oldDb)(calls));
    await old.close();

    for (const writes of [3, 4, 2]) {
      const dying = await createNodeSqliteDriver({ path: path() });
      let left = writes;
      const driver: SqlDriver = {
        ...dying,
        writeBatch: (groups) => (left-- > 0 ? dying.writeBatch(groups) : Promise.reject(new Error("killed"))),
      };
      // The first of them also brings the schema up to date.
      await createStore({ driver }).catch((error: Error) => expect(error.message).toMatch(/killed/));
      await dying.close();
    }
    const stores = await Promise.all([1, 2].map(() => openNodeSqlite({ path: path() })));
    const fresh = sampleCall(5);
    await stores[0]?.ledger.insert([...calls.slice(0, 10), fresh]);
    const ever = { fromMs: 0, toMs: Date.UTC(2030, 0) };
    for (const store of stores) {
      for (const dimension of ["all", "client", "credential", "rule"] as const) {
        const sums = await store.analytics.sums({ dimension, key: null }, ever);
        expect(sums).toEqual(naiveSums([...calls, fresh], dimension, ever));
      }
      const from = Math.floor((calls[6_000]?.record.startedAt ?? 0) / 900_000) * 900_000;
      const range = { fromMs: from, toMs: from + 27 * 3_600_000 };
      const sums = await store.analytics.sums({ dimension: "model", key: null }, range);
      expect(sums).toEqual(naiveSums(calls, "model", range));
    }
    await Promise.all(stores.map((store) => store.close()));
  });

  it("finds resources that expire by an index, not by reading all", async () => {
    await (await openNodeSqlite({ path: path() })).close();
    const database = new DatabaseSync(path());
    const plan = database.prepare("explain query plan select name from resources where expires_at <= 5").all();
    database.close();
    expect(JSON.stringify(plan)).toContain("resources_expires_at");
  });
});

it("names every table of SQLite's text in Postgres' too, without what only SQLite has", () => {
  for (const migration of [first, resourcesAndQuotas, rollups]) {
    const [sqlite, postgres] = [migration.up("sqlite"), migration.up("postgres")];
    expect(postgres.map((sql) => sql.split("(")[0])).toEqual(sqlite.map((sql) => sql.split("(")[0]));
    expect(postgres.join()).not.toContain("rowid");
  }
});
