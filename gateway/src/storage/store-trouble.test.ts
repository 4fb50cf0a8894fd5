import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isStoreTrouble } from "./store-trouble.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-trouble-"));
  path = join(folder, "a.sqlite");
  const database = new DatabaseSync(path);
  database.exec("create table t (a integer not null)");
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

function failureOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("it went well");
}

it("is a database that another process holds", () => {
  const [one, other] = [new DatabaseSync(path), new DatabaseSync(path, { timeout: 0 })];
  one.exec("begin immediate");
  expect(isStoreTrouble(failureOf(() => other.exec("insert into t values (1)")))).toBe(true);
  for (const database of [one, other]) database.close();
});

it("is a database that may not or cannot be written", () => {
  const reader = new DatabaseSync(path, { readOnly: true });
  expect(isStoreTrouble(failureOf(() => reader.exec("insert into t values (1)")))).toBe(true);
  reader.close();
  const full = new DatabaseSync(path);
  full.exec("pragma max_page_count = 2");
  const rows = "with recursive n(a) as (select 1 union all select a + 1 from n limit 100000) select a from n";
  expect(isStoreTrouble(failureOf(() => full.exec(`insert into t ${rows}`)))).toBe(true);
  full.close();
});

it("is no mistake in a statement, no broken rule, nothing of another make", () => {
  const database = new DatabaseSync(path);
  expect(isStoreTrouble(failureOf(() => database.exec("selekt")))).toBe(false);
  expect(isStoreTrouble(failureOf(() => database.exec("insert into t values (null)")))).toBe(false);
  database.close();
  for (const error of [new Error("database is locked"), null, undefined, "busy", { errcode: "5" }])
    expect(isStoreTrouble(error)).toBe(false);
});
