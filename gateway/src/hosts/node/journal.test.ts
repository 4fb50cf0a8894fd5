import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Logger } from "../../core/ports.ts";
import { createPrices } from "../../ledger/prices.ts";
import { recoverJournal } from "../../ledger/recorder.ts";
import type { Journal } from "../../ledger/types.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createFileJournal } from "./journal.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const events: string[] = [];
const logger: Logger = { log: (_level, event) => void events.push(event) };
beforeEach(() => void events.splice(0));

const open = (options: { mostPending?: number; slowMs?: number } = {}): Promise<Journal> =>
  createFileJournal({ directory, logger, ...options });
const files = (): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".lines"))
    .sort();
const content = (name: string): string => readFileSync(join(directory, name), "utf8");
const turn = (): Promise<void> => new Promise(setImmediate);

async function leftLines(): Promise<string[]> {
  const journal = await open();
  const lines: string[] = [];
  for (const segment of await journal.recover()) lines.push(...(await segment.read()));
  await journal.close();
  return lines;
}

describe("createFileJournal", () => {
  it("writes the lines of a turn by its end, in one file that only its owner can read", async () => {
    const journal = await open();
    expect(files()).toEqual([]);
    for (const line of ["a", "b \u00fc\u2603\u{1f600}", "c"]) expect(journal.append(line)).toBe(true);
    expect(files()).toEqual([]);
    await turn();
    expect(files()).toEqual(["000000000001.lines"]);
    expect(content("000000000001.lines")).toBe("a\nb \u00fc\u2603\u{1f600}\nc\n");
    expect(statSync(join(directory, "000000000001.lines")).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o077).toBe(0);
    await journal.close();
  });

  it("writes lines that are longer than its buffer", async () => {
    const journal = await open();
    const long = "\u00e9".repeat(100_000);
    journal.append(long);
    journal.append("short");
    await journal.flush();
    expect(content("000000000001.lines")).toBe(`${long}\nshort\n`);
    await journal.close();
  });

  it("begins a new segment with the carried lines and deletes the old one when released", async () => {
    const journal = await open();
    journal.append("old");
    const old = journal.rotate(["carried"]);
    journal.append("new");
    expect(await old.read()).toEqual(["old"]);
    await old.release();
    expect(files()).toEqual(["000000000002.lines"]);
    expect(content("000000000002.lines")).toBe("carried\nnew\n");
    await journal.close();
  });

  it("has the carried lines on disk before it deletes the segment that they came from", async () => {
    const journal = await open();
    journal.append("began");
    await turn();
    // In the same turn: nothing of the new segment has been written on its own account yet.
    const released = journal.rotate(["began"]).release();
    expect(content("000000000002.lines")).toBe("began\n");
    await released;
    await journal.close();
  });

  it("makes no file for a segment without lines, and releases it all the same", async () => {
    const journal = await open();
    const empty = journal.rotate([]);
    expect(await empty.read()).toEqual([]);
    await empty.release();
    await journal.close();
    expect(readdirSync(directory)).toEqual(["lock"]);
  });

  it("gives the segments of a former process, oldest first, without a torn last line", async () => {
    const journal = await open();
    journal.append("one");
    journal.rotate([]);
    journal.append("two");
    journal.append("three");
    await journal.close();
    truncateSync(join(directory, "000000000002.lines"), "two\nthr".length);
    writeFileSync(join(directory, "notes.txt"), "not ours\n");

    const next = await open();
    const segments = await next.recover();
    expect(await Promise.all(segments.map((segment) => segment.read()))).toEqual([["one"], ["two"]]);
    next.append("four");
    await turn();
    expect(files()).toEqual(["000000000001.lines", "000000000002.lines", "000000000003.lines"]);
    for (const segment of segments) await segment.release();
    expect(files()).toEqual(["000000000003.lines"]);
    await next.close();
  });

  it("is refused while another process or another part of this one has the directory", async () => {
    const journal = await open();
    await expect(open()).rejects.toThrow(/in use by another gateway/);
    const other = `import { createFileJournal } from ${JSON.stringify(import.meta.resolve("./journal.ts"))};
      await createFileJournal({ directory: process.argv[1], logger: console });`;
    expect(() =>
      execFileSync(process.execPath, ["--input-type=module", "-e", other, directory], { stdio: "pipe" }),
    ).toThrow(/in use by another gateway/);
    await journal.close();
    await (await open()).close();
  });

  it("drops nothing and keeps the order while the disk is slow, and drops beyond the bound", async () => {
    // Every write counts as slow: from the second on they are asynchronous.
    const journal = await open({ slowMs: -1, mostPending: 50_000 });
    const kept: string[] = [];
    for (let index = 0; index < 3_000; index += 1) {
      const line = `line ${index} ${"x".repeat(40)}`;
      if (journal.append(line)) kept.push(line);
      if (index % 7 === 0) await turn();
      if (index % 500 === 499) await journal.flush();
    }
    expect(events).toContain("journal.slow");
    expect(kept.length).toBe(3_000);
    for (let index = 0; index < 3_000; index += 1)
      if (journal.append(`more ${index} ${"x".repeat(40)}`)) kept.push(`more ${index} ${"x".repeat(40)}`);
    expect(kept.length).toBeLessThan(6_000);
    expect(events).toContain("journal.dropped");
    await journal.flush();
    expect(journal.append("after")).toBe(true);
    await journal.close();
    expect(await leftLines()).toEqual([...kept, "after"]);
  });

  it("rotates while a write is under way", async () => {
    const journal = await open({ slowMs: -1 });
    const expected: string[] = [];
    const segments = [];
    for (let index = 0; index < 300; index += 1) {
      expected.push(`line ${index}`);
      journal.append(`line ${index}`);
      if (index % 3 === 0) await turn();
      if (index % 20 === 0) segments.push(journal.rotate([]));
    }
    const lines: string[] = [];
    for (const segment of segments) lines.push(...(await segment.read()));
    expect(lines).toEqual(expected.slice(0, lines.length));
    expect(lines.length).toBe(281);
    await journal.close();
    expect(await leftLines()).toEqual(expected);
  });

  it.runIf(process.platform === "linux")(
    "keeps lines in memory while the disk is full, and writes them in order when it is not",
    async () => {
      const journal = await open({ mostPending: 1_000 });
      const path = join(directory, "000000000001.lines");
      // A device that is always full (ENOSPC).
      symlinkSync("/dev/full", path);
      journal.append("one");
      await turn();
      expect(events).toEqual(["journal.failing"]);
      journal.append("two");
      await expect(journal.flush()).rejects.toThrow(/ENOSPC/);
      const rotated = journal.rotate(["three"]);
      let dropped = 0;
      for (let index = 0; index < 100; index += 1) if (!journal.append("x".repeat(50))) dropped += 1;
      expect(dropped).toBeGreaterThan(70);
      rmSync(path);
      while (files().length < 2) await pause(10);
      expect(events).toEqual(["journal.failing", "journal.dropped", "journal.works"]);
      expect(await rotated.read()).toEqual(["one", "two"]);
      expect(content("000000000002.lines").split("\n")[0]).toBe("three");
      await journal.close();
    },
  );

  it("takes no more lines after it was closed", async () => {
    const journal = await open();
    journal.append("a");
    await journal.close();
    await journal.close();
    expect(journal.append("b")).toBe(false);
    expect(await leftLines()).toEqual(["a"]);
  });
});

describe("kill -9", () => {
  const prices = createPrices();
  const resolve = (path: string): string => JSON.stringify(import.meta.resolve(path));

  /** Settles calls as fast as it can; says on standard output which ones, after the turn in which they settled. */
  const child = `
    import { writeSync } from "node:fs";
    import { join } from "node:path";
    import { createPrices } from ${resolve("../../ledger/prices.ts")};
    import { createRecorder } from ${resolve("../../ledger/recorder.ts")};
    import { sampleRecord, sampleRetriedCall } from ${resolve("../../storage/contract-samples.ts")};
    import { openNodeSqlite } from ${resolve("../../storage/drivers/open-node.ts")};
    import { createFileJournal } from ${resolve("./journal.ts")};
    const [directory, first, segmentLength] = process.argv.slice(1);
    const logger = { log: (...line) => console.error(...line) };
    const store = await openNodeSqlite({ path: join(directory, "x.sqlite") });
    const journal = await createFileJournal({ directory: join(directory, "journal"), logger });
    const schedule = (callback, ms) => { const timer = setTimeout(callback, ms); return () => clearTimeout(timer); };
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    const recorder = createRecorder({ store, journal, prices: createPrices(), clock, schedule, logger, flushEveryMs: 5, segmentLength: Number(segmentLength) });
    const open = [];
    for (let index = Number(first); ; ) {
      for (let call = 0; call < 5; call += 1) {
        const record = index % 7 === 0 ? sampleRetriedCall(index).record : sampleRecord(index);
        index += 1;
        writeSync(1, "began " + record.id + "\\n");
        recorder.began(record.id, record.startedAt);
        open.push(record);
      }
      const settled = open.splice(0, open.length - 20);
      for (const record of settled) recorder.settled(record);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      if (settled.length > 0) writeSync(1, settled.map((record) => "settled " + record.id + "\\n").join(""));
    }`;

  /** Runs the child until it has settled some calls, then kills it at no particular moment. */
  async function runAndKill(
    first: number,
    segmentLength: number,
    delayMs: number,
  ): Promise<{ began: string[]; settled: string[] }> {
    // A file and no pipe: a pipe that is not read fast enough would refuse the child's words.
    const report = join(directory, `report-${first}`);
    const descriptor = openSync(report, "w");
    const run = spawn(
      process.execPath,
      ["--input-type=module", "-e", child, directory, String(first), String(segmentLength)],
      {
        stdio: ["ignore", descriptor, "inherit"],
      },
    );
    closeSync(descriptor);
    const exited = new Promise((resolve) => run.once("close", resolve));
    while (run.exitCode === null && !readFileSync(report, "utf8").includes("settled")) await pause(5);
    await pause(delayMs);
    run.kill("SIGKILL");
    await exited;
    expect(run.signalCode).toBe("SIGKILL");
    const lines = readFileSync(report, "utf8").split("\n");
    // May have been cut in the middle.
    lines.pop();
    const of = (word: string): string[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    return { began: of("began"), settled: of("settled") };
  }

  it("loses no call that was reported as settled, doubles none, and accounts for every call that began", async () => {
    mkdirSync(join(directory, "journal"));
    const began: string[] = [];
    const settled = new Set<string>();
    let replayed = 0;
    let interrupted = 0;
    for (let round = 0; round < 6; round += 1) {
      const seen = await runAndKill(
        round * 1_000_000,
        [1_000_000, 20_000][round % 2] as number,
        [0, 3, 30, 90, 150, 250][round] as number,
      );
      began.push(...seen.began);
      for (const id of seen.settled) settled.add(id);
      const store = await openNodeSqlite({ path: join(directory, "x.sqlite") });
      const journal = await createFileJournal({ directory: join(directory, "journal"), logger });
      const recovered = await recoverJournal({ journal, store, prices });
      expect(recovered.unusable).toBe(0);
      replayed += recovered.replayed;
      interrupted += recovered.interrupted;
      await journal.close();

      const outcomes = new Map<string, string>();
      let rows = 0;
      for (let after = ""; ;) {
        const page = await store.ledger.list({ after, limit: 1_000 });
        if (page.length === 0) break;
        for (const call of page) outcomes.set(call.record.id, call.record.outcome);
        rows += page.length;
        after = page.at(-1)?.record.id as string;
      }
      await store.close();
      expect(rows).toBe(outcomes.size);
      expect([...settled].filter((id) => outcomes.get(id) !== "ok")).toEqual([]);
      // The mark of a call that began in the last turn may not have been written; it was in flight for microseconds.
      const missing = began.filter((id) => !outcomes.has(id));
      expect(missing.length).toBeLessThanOrEqual(5 * (round + 1));
      expect(missing.every((id) => !settled.has(id))).toBe(true);
      expect(rows - [...outcomes.values()].filter((outcome) => outcome === "ok").length).toBe(interrupted);
    }
    // Each round waits for the first ones; how many more there are is the machine's speed.
    expect(settled.size).toBeGreaterThanOrEqual(6);
    expect(replayed).toBeGreaterThan(0);
    // Twenty are in flight in each round, less the marks of its last turn.
    expect(interrupted).toBeGreaterThanOrEqual(6 * (20 - 5));
  }, 60_000);

  it("puts nothing back twice when the recovery itself is cut off", async () => {
    mkdirSync(join(directory, "journal"));
    const { settled } = await runAndKill(0, 1_000_000, 50);
    const store = await openNodeSqlite({ path: join(directory, "x.sqlite") });
    // A recovery that reads and writes everything, and is killed before it deletes the segments.
    const journal = await createFileJournal({ directory: join(directory, "journal"), logger });
    const kept = {
      recover: async () => (await journal.recover()).map((segment) => ({ ...segment, release: async () => undefined })),
    };
    const first = await recoverJournal({ journal: kept, store, prices });
    const { calls } = await store.ledger.size();
    // And one more torn line, of a process that died as soon as it began.
    appendFileSync(join(directory, "journal", "000000009999.lines"), "b\tnever-whole");
    await journal.close();
    const again = await createFileJournal({ directory: join(directory, "journal"), logger });
    expect(await recoverJournal({ journal: again, store, prices })).toEqual({
      replayed: 0,
      interrupted: 0,
      unusable: 0,
    });
    expect((await store.ledger.size()).calls).toBe(calls);
    expect(calls).toBeGreaterThanOrEqual(settled.length + first.interrupted);
    expect(readdirSync(join(directory, "journal"))).toEqual(["lock"]);
    await again.close();
    await store.close();
  }, 30_000);
});
