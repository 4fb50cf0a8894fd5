/**
 * Measures the ledger's roll-ups: `node gateway/src/testkit/analytics.bench.ts [calls] [file]` prints one JSON line a
 * figure. First what an insert costs (microseconds of CPU a call, medians of rounds of 5,000 calls at 500 calls/s), with the
 * roll-ups and without them; then, over a ledger of so many calls (default 500000) in 90 days with 20 models, 50 clients
 * and 200 keys, what reads cost (milliseconds, medians of seven). The file, when named, is kept and used again.
 * @module
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { createNodeSqliteDriver } from "../storage/drivers/node-sqlite.ts";
import { openNodeSqliteReader } from "../storage/drivers/open-node-reader.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import { compileCallInsert } from "../storage/ledger-write.ts";
import type { Database } from "../storage/schema.ts";
import type { AnalyticsStore, RollupDimension, SearchFilter, TimeRange } from "../storage/types-analytics.ts";
import type { PricedCall } from "../storage/types.ts";
import { makeCalls } from "./many-calls.ts";

const endMs = Date.UTC(2026, 10, 21, 12);
const dayMs = 86_400_000;
const days = 90;
const roundSize = 5_000;
const rounds = 8;

const count = Number(process.argv[2] ?? 500_000);
const folder = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
const path = process.argv[3] ?? join(folder, "bench.sqlite");

try {
  for (const credentials of [50, 10_000]) for (const batch of [125, 250, 500]) await measureInsert(credentials, batch);
  await fill();
  await measureReads();
} finally {
  rmSync(folder, { recursive: true });
}

// --- helpers ---

function print(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function median(values: readonly number[], digits: number): number {
  return Number([...values].sort((a, b) => a - b)[values.length >> 1]?.toFixed(digits));
}

async function measureInsert(credentials: number, batch: number): Promise<void> {
  const store = await openNodeSqlite({ path: join(folder, "with.sqlite") });
  await (await openNodeSqlite({ path: join(folder, "without.sqlite") })).close();
  const bare = await createNodeSqliteDriver({ path: join(folder, "without.sqlite") });
  const toGroups = compileCallInsert(new Kysely<Database>({ dialect: bare.dialect }));
  const micros: { with: number[]; without: number[] } = { with: [], without: [] };
  const calls = [...makeCalls({ count: roundSize * rounds, days: (roundSize * rounds) / 500 / 86_400, credentials })];
  for (let round = 0; round < rounds; round += 1) {
    const batches: PricedCall[][] = [];
    for (let from = round * roundSize; from < (round + 1) * roundSize; from += batch) {
      batches.push(calls.slice(from, from + batch));
    }
    micros.with.push(await cpuOf(batches, (part) => store.ledger.insert(part)));
    micros.without.push(await cpuOf(batches, (part) => bare.writeBatch(toGroups(part))));
  }
  await store.close();
  await bare.close();
  for (const name of ["with", "without"]) rmSync(join(folder, `${name}.sqlite`), { force: true });
  const [withRollups, without] = [median(micros.with, 1), median(micros.without, 1)];
  print({ what: "insert", credentials, batch, withRollups, without, unit: "us CPU/call" });
}

async function cpuOf(batches: readonly PricedCall[][], write: (part: PricedCall[]) => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (const part of batches) await write(part);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / roundSize;
}

async function fill(): Promise<void> {
  if (existsSync(path)) return;
  const began = performance.now();
  const store = await openNodeSqlite({ path });
  let part: PricedCall[] = [];
  for (const call of makeCalls({ count, days, endMs })) {
    if (part.push(call) < 2_000) continue;
    await store.ledger.insert(part);
    part = [];
  }
  await store.ledger.insert(part);
  const inserted = performance.now();
  while (await store.ledger.rollUp({ now: endMs + 600_000, limit: 100_000 }));
  const seconds = [inserted - began, performance.now() - inserted].map((ms) => Math.round(ms / 1000));
  print({
    what: "filled",
    calls: count,
    insertSeconds: seconds[0],
    rollUpSeconds: seconds[1],
    bytes: await store.ledger.bytes(),
  });
  await store.close();
}

async function measureReads(): Promise<void> {
  const { analytics, close } = await openNodeSqliteReader({ path });
  for (const [what, read] of reads(analytics)) {
    const ms: number[] = [];
    let found = 0;
    for (let time = 0; time < 7; time += 1) {
      const began = performance.now();
      found = await read();
      ms.push(performance.now() - began);
    }
    print({ what, median: median(ms, 1), best: Number(Math.min(...ms).toFixed(1)), found, unit: "ms" });
  }
  await close();
}

function reads(analytics: AnalyticsStore): [string, () => Promise<number>][] {
  const ever: TimeRange = { fromMs: endMs - days * dayMs, toMs: endMs };
  const sums = (dimension: RollupDimension) => async (): Promise<number> =>
    (await analytics.sums({ dimension, key: null }, ever)).size;
  const series = (dimension: RollupDimension, hours: number) => async (): Promise<number> => {
    const first = Math.ceil(ever.fromMs / dayMs) * dayMs - hours * 3_600_000;
    const ranges = Array.from({ length: days }, (_, index) => ({
      fromMs: first + index * dayMs,
      toMs: first + (index + 1) * dayMs,
    }));
    const keys = [...(await analytics.sums({ dimension, key: null }, { fromMs: endMs - dayMs, toMs: endMs })).keys()];
    return (await analytics.series({ dimension, key: null }, ranges, keys.slice(0, 20))).size;
  };
  const search = (filter: SearchFilter) => async (): Promise<number> =>
    (await analytics.search(filter, { limit: 50, cursor: null })).calls.length;
  const histogram = (filter: SearchFilter) => async (): Promise<number> =>
    (await analytics.histogram(filter, ever, 36 * 3_600_000)).bars.length;
  const rare = { clientId: "client_000049", model: "gemini-3.9-flash-lite", status: "503" };
  return [
    ["sums of 90 days by model", sums("model")],
    ["sums of 90 days by client", sums("client")],
    ["sums of 90 days by credential", sums("credential")],
    ["sums of 90 days by client and model", sums("client-model")],
    ["series of 90 days, UTC, 20 models", series("model", 0)],
    ["series of 90 days, UTC+7, 20 models", series("model", 7)],
    ["series of 90 days, UTC+5:45, 20 models", series("model", 5.75)],
    ["series of 90 days, UTC+7, 20 credentials", series("credential", 7)],
    ["search: newest 50", search({})],
    ["search: one client", search({ clientId: "client_000003" })],
    ["search: a rare client, model and status", search(rare)],
    ["search: a client that there is not", search({ clientId: "nobody" })],
    ["search: slower than 59.9 s", search({ minMs: 59_900 })],
    ["search: nothing, without an index", search({ operation: "none" })],
    ["histogram of 90 days", histogram({})],
    ["histogram of 90 days, one model", histogram({ model: "gemini-2.5-pro" })],
    ["histogram of 90 days, two filters", histogram({ model: "gemini-2.5-pro", clientId: "client_000003" })],
  ];
}
