import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import { sampleRecord } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { PricedCall, Store } from "../storage/types.ts";
import { createDisk, createFailingStore, readAllCalls, simulateTime } from "../testkit/ledger-harness.ts";
import { createPrices, priceCall } from "./prices.ts";
import { createRecorder, recoverJournal, type RecorderOptions } from "./recorder.ts";
import type { Recorder } from "./types.ts";

const prices = createPrices();

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function collectLogs(): Logger & { events: string[] } {
  const events: string[] = [];
  return { events, log: (_level, event) => void events.push(event) };
}

async function setUp(options: Partial<RecorderOptions> = {}) {
  const time = simulateTime();
  const disk = createDisk();
  const real = await openNodeSqlite({ path: ":memory:" });
  stores.push(real);
  const failing = createFailingStore(real);
  const logger = collectLogs();
  const make = (): Recorder =>
    createRecorder({ store: failing.store, journal: disk.journal(), prices, ...time, logger, ...options });
  return { ...time, ...failing, disk, logger, make };
}

function settleAll(recorder: Recorder, from: number, to: number): CallRecord[] {
  const records = Array.from({ length: to - from }, (_, index) => sampleRecord(from + index));
  for (const record of records) {
    recorder.began(record.id, record.startedAt);
    recorder.settled(record);
  }
  return records;
}

const priced = (records: readonly CallRecord[]): PricedCall[] => records.map((record) => priceCall(prices, record));
const idle = { queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null };

describe("createRecorder", () => {
  it("writes what settled within a quarter of a second as one batch, with its price", async () => {
    const { make, pass, store, inserts } = await setUp();
    const recorder = make();
    const records = settleAll(recorder, 0, 20);
    await pass(249);
    expect(inserts).toEqual([]);
    await pass(1);
    expect(inserts).toEqual([20]);
    expect(await readAllCalls(store)).toEqual(priced(records));
    expect((await readAllCalls(store))[0]?.costNanoUsd).toBeGreaterThan(0);
    expect(recorder.state()).toEqual(idle);
  });

  it("writes at once when a batch is full, and never more than a batch in one transaction", async () => {
    const { make, pass, inserts } = await setUp({ batch: 10 });
    const recorder = make();
    settleAll(recorder, 0, 25);
    await pass(0);
    expect(inserts).toEqual([10, 10]);
    await pass(250);
    expect(inserts).toEqual([10, 10, 5]);
  });

  it("has a line for each start and each end before anything is in the store", async () => {
    const { make, disk } = await setUp();
    const recorder = make();
    recorder.began("open", 5);
    settleAll(recorder, 0, 2);
    expect(disk.segments.flat().map((line) => line[0])).toEqual(["b", "b", "s", "b", "s"]);
  });

  it("deletes a segment when all its records are committed, and carries open calls into the next one", async () => {
    const { make, disk, pass } = await setUp({ segmentLength: 2_000 });
    const recorder = make();
    recorder.began("open", 5);
    settleAll(recorder, 0, 20);
    expect(disk.segments.length).toBeGreaterThan(2);
    await pass(250);
    expect(disk.segments.length).toBe(1);
    expect(disk.segments[0]?.[0]).toBe("b\topen\t5");
  });

  it("leaves an empty journal behind when everything was written at the end", async () => {
    const { make, disk, store } = await setUp();
    const recorder = make();
    const records = settleAll(recorder, 0, 20);
    await recorder.close();
    expect(disk.segments).toEqual([[]]);
    expect(await readAllCalls(store)).toEqual(priced(records));
  });

  it("resolves flush when everything that settled before is in the store", async () => {
    const { make, store } = await setUp({ batch: 7 });
    const recorder = make();
    const records = settleAll(recorder, 0, 20);
    await recorder.flush();
    expect(await readAllCalls(store)).toEqual(priced(records));
    await recorder.flush();
  });

  it("tries again with growing pauses while the store fails, and loses nothing", async () => {
    const { make, pass, fail, store, logger } = await setUp();
    const recorder = make();
    fail(30);
    const records = settleAll(recorder, 0, 40);
    await pass(250);
    expect(recorder.state()).toMatchObject({ queued: 40, lost: 0, lastError: "database or disk is full" });
    await expect(recorder.flush()).rejects.toThrow("disk is full");
    await pass(120_000);
    expect(recorder.state()).toEqual({ ...idle, failures: 30 });
    expect(await readAllCalls(store)).toEqual(priced(records));
    expect(logger.events).toEqual(["ledger.failing", "ledger.works"]);
  });

  it("does not hammer a store that fails, however many calls settle", async () => {
    const { make, pass, fail } = await setUp();
    const recorder = make();
    fail(Infinity);
    for (let second = 0; second < 60; second += 1) {
      settleAll(recorder, second * 10, second * 10 + 10);
      await pass(1_000);
    }
    // Pauses of 0.5, 1, 2, 4, 8 and then 10 seconds; two tries each, the first time down from a batch to one record.
    expect(recorder.state().failures).toBeLessThan(40);
  });

  it("keeps records in the journal alone when the queue is full, and reads them back", async () => {
    const { make, pass, fail, store, disk } = await setUp({ capacity: 50, batch: 10, segmentLength: 5_000 });
    const recorder = make();
    fail(Infinity);
    const records = settleAll(recorder, 0, 300);
    await pass(60_000);
    expect(recorder.state()).toMatchObject({ queued: 50, spilled: 250, lost: 0 });
    fail(0);
    await pass(20_000);
    expect(recorder.state()).toMatchObject({ queued: 0, spilled: 0, lost: 0, lastError: null });
    expect(await readAllCalls(store)).toEqual(priced(records));
    records.push(...settleAll(recorder, 300, 320));
    await recorder.close();
    expect(await readAllCalls(store)).toEqual(priced(records));
    expect(disk.segments).toEqual([[]]);
  });

  it("tries again with pauses when the journal cannot be read back", async () => {
    const { make, pass, store, disk } = await setUp({ capacity: 5, batch: 3 });
    const recorder = make();
    disk.unreadable = true;
    const records = settleAll(recorder, 0, 20);
    await pass(60_000);
    expect(recorder.state()).toMatchObject({ queued: 0, spilled: 15, lost: 0, lastError: "input/output error" });
    expect(recorder.state().failures).toBeLessThan(15);
    disk.unreadable = false;
    await pass(20_000);
    expect(recorder.state()).toMatchObject({ spilled: 0, lastError: null });
    expect(await readAllCalls(store)).toEqual(priced(records));
  });

  it("flush and close bring back what had spilled", async () => {
    const { make, store, disk } = await setUp({ capacity: 5, batch: 3 });
    const recorder = make();
    const records = settleAll(recorder, 0, 60);
    expect(recorder.state()).toMatchObject({ queued: 5, spilled: 55 });
    await recorder.close();
    expect(await readAllCalls(store)).toEqual(priced(records));
    expect(disk.segments).toEqual([[]]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    "keeps each segment until its last record is committed: killed after %i batches",
    async (batches) => {
      const { make, pass, fail, store, disk } = await setUp({ batch: 2, segmentLength: 1_000 });
      const recorder = make();
      fail(Infinity, batches);
      const records = settleAll(recorder, 0, 5);
      await pass(1_000);
      records.push(...settleAll(recorder, 5, 12));
      await pass(1_000);
      fail(0);
      await recoverJournal({ journal: disk.journal(), store, prices });
      expect(await readAllCalls(store)).toEqual(priced(records));
    },
  );

  it.each([1, 2, 3])("keeps it also when the store fails twice, with %i batches in between", async (batches) => {
    const { make, pass, fail, store, disk } = await setUp({ batch: 2, segmentLength: 2_600 });
    const recorder = make();
    // The first batch goes well; of the second one all tries fail (both, the first, the other), and there is a pause.
    fail(3, 1);
    const records = settleAll(recorder, 0, 5);
    await pass(251);
    expect((await readAllCalls(store)).length).toBe(2);
    records.push(...settleAll(recorder, 5, 9));
    fail(Infinity, batches);
    await pass(20_000);
    fail(0);
    await recoverJournal({ journal: disk.journal(), store, prices });
    expect(await readAllCalls(store)).toEqual(priced(records));
  });

  it("sets a record aside that the store refuses while it takes others", async () => {
    const { make, pass, poison, store, logger } = await setUp();
    const recorder = make();
    poison.add(sampleRecord(7).id);
    const records = settleAll(recorder, 0, 40);
    await pass(5_000);
    expect(await readAllCalls(store)).toEqual(priced(records.filter((_, index) => index !== 7)));
    expect(recorder.state()).toMatchObject({ queued: 0, lost: 1, lastError: null });
    expect(logger.events).toContain("ledger.lost");
  });

  it("sets it aside also when it came alone, once the store has taken another", async () => {
    const { make, pass, poison, store } = await setUp();
    const recorder = make();
    poison.add(sampleRecord(0).id);
    settleAll(recorder, 0, 1);
    await pass(60_000);
    expect(recorder.state()).toMatchObject({ queued: 1, lost: 0 });
    const [good] = settleAll(recorder, 1, 2);
    await pass(60_000);
    expect(recorder.state()).toMatchObject({ queued: 0, lost: 1 });
    expect(await readAllCalls(store)).toEqual(priced([good as CallRecord]));
  });

  it("says how many records are lost when neither queue nor journal takes them", async () => {
    const { make, fail, disk, logger } = await setUp({ capacity: 10 });
    const recorder = make();
    fail(Infinity);
    disk.refuse = true;
    settleAll(recorder, 0, 12);
    expect(recorder.state()).toMatchObject({ queued: 10, spilled: 0, lost: 2 });
    expect(logger.events).toEqual(["ledger.lost", "ledger.lost"]);
  });

  it("works without a journal, and counts what it could not write at the end", async () => {
    const { make, fail, store, pass } = await setUp({ journal: null });
    const recorder = make();
    const records = settleAll(recorder, 0, 5);
    await pass(250);
    expect(await readAllCalls(store)).toEqual(priced(records));
    fail(Infinity);
    settleAll(recorder, 5, 8);
    await recorder.close();
    expect(recorder.state().lost).toBe(3);
  });

  it("leaves in the journal what the store does not take at the end, and what settles later", async () => {
    const { make, fail, store, disk } = await setUp();
    const recorder = make();
    recorder.began("late", 3);
    fail(Infinity);
    const records = settleAll(recorder, 0, 5);
    await recorder.close();
    recorder.settled(sampleRecord(9));
    fail(0);
    expect(await recoverJournal({ journal: disk.journal(), store, prices })).toEqual({
      replayed: 6,
      interrupted: 1,
      unusable: 0,
    });
    const calls = await readAllCalls(store);
    expect(calls.slice(0, 6)).toEqual(priced([...records, sampleRecord(9)]));
    expect(calls[6]?.record).toMatchObject({
      id: "late",
      startedAt: 3,
      outcome: "interrupted",
      status: 0,
      usage: null,
    });
    expect(calls[6]?.costNanoUsd).toBeNull();
  });
});

describe("recoverJournal", () => {
  it("tells only what was missing, and finds nothing the second time", async () => {
    const { make, disk, store } = await setUp();
    const recorder = make();
    settleAll(recorder, 0, 10);
    await recorder.flush();
    settleAll(recorder, 10, 13);
    recorder.began("open", 1);
    expect(await recoverJournal({ journal: disk.journal(), store, prices })).toEqual({
      replayed: 3,
      interrupted: 1,
      unusable: 0,
    });
    expect((await store.ledger.size()).calls).toBe(14);
    expect(disk.segments).toEqual([[]]);
    expect(await recoverJournal({ journal: disk.journal(), store, prices })).toEqual({
      replayed: 0,
      interrupted: 0,
      unusable: 0,
    });
  });

  it("keeps the segments when the store takes nothing", async () => {
    const { make, disk, store, fail } = await setUp();
    settleAll(make(), 0, 3);
    fail(Infinity);
    await expect(recoverJournal({ journal: disk.journal(), store, prices })).rejects.toThrow("disk is full");
    fail(0);
    expect((await recoverJournal({ journal: disk.journal(), store, prices })).replayed).toBe(3);
  });

  it("passes over what cannot be read or written, and counts it", async () => {
    const { make, disk, store, poison } = await setUp();
    settleAll(make(), 0, 5);
    disk.segments[0]?.push("\u0000\u0000\u0000", "s\tcut");
    poison.add(sampleRecord(2).id);
    expect(await recoverJournal({ journal: disk.journal(), store, prices })).toEqual({
      replayed: 4,
      interrupted: 0,
      unusable: 3,
    });
  });
});
