import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startCheckpoints } from "./node-checkpoints.ts";

let directory: string;
let database: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
  database = new DatabaseSync(join(directory, "x.sqlite"));
  database.exec("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (v text)");
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(directory, { recursive: true });
});

function autocheckpoint(): number {
  return (database.prepare("pragma wal_autocheckpoint").get() as { wal_autocheckpoint: number }).wal_autocheckpoint;
}

describe("startCheckpoints", () => {
  it("copies the log into the database from another thread", async () => {
    const path = join(directory, "x.sqlite");
    const checkpoints = startCheckpoints({ path, database });
    database.exec(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select hex(randomblob(100)) from n",
    );
    // And SQLite's own checkpoint, on this thread, is far off from then on.
    while (statSync(path).size <= 1_000_000 || autocheckpoint() !== 16_384) {
      checkpoints.wrote(6_000);
      await pause(5);
    }
    expect(statSync(path).size).toBeGreaterThan(1_000_000);
    await checkpoints.stop();
    database.close();
    expect(new DatabaseSync(path).prepare("select count(*) as n from t").get()).toEqual({ n: 5_000 });
  });

  it("starts no thread for a process that writes little", async () => {
    const checkpoints = startCheckpoints({ path: join(directory, "x.sqlite"), database });
    checkpoints.wrote(5_999);
    await checkpoints.stop();
    expect(autocheckpoint()).toBe(0);
  });
});
