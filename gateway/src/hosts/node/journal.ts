/**
 * The ledger's journal as files: `<number>.lines` in a directory of their own.
 *
 * Lines are written by the end of the turn of the event loop in which they came, so a killed process loses at most what
 * happened in its last turn. They are not synced: the operating system has them, which survives the process but not a
 * loss of power.
 *
 * Measured (node 24, one core): one `writeSync` a turn costs 4 to 6 µs, one asynchronous `write` 15 to 25 µs. So writes
 * are synchronous while the disk is quick; a write that was slow makes them asynchronous for some seconds.
 * @module
 */
import { closeSync, mkdirSync, openSync, readdirSync, write, writeSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../core/ports.ts";
import type { Journal, JournalSegment } from "../../ledger/types.ts";

/** Where and how the journal is kept. */
export interface FileJournalOptions {
  /** Made with mode 0700 when missing. One process at a time. */
  directory: string;
  logger: Logger;
  /** Most characters of lines that wait for the disk; more are dropped and counted. @default 16 MiB */
  mostPending?: number;
  /** A synchronous write that took longer, in milliseconds, makes the next ones asynchronous. @default 100 */
  slowMs?: number;
}

/**
 * Opens the journal and takes the directory's lock.
 * @throws Error when another process has the directory, or it cannot be written
 */
export async function createFileJournal(options: FileJournalOptions): Promise<Journal> {
  const { directory, logger, mostPending = 16 * 1024 * 1024, slowMs = 100 } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lock(directory);
  const found = readdirSync(directory)
    .filter((name) => segmentName.test(name))
    .sort();
  const left = found.map((name) => join(directory, name));
  let number = found.length === 0 ? 0 : Number.parseInt(found.at(-1) as string, 10);
  const scratch = Buffer.allocUnsafeSlow(64 * 1024);

  let current = nextFile();
  /** Files with unwritten lines, oldest first. */
  const unwritten: SegmentFile[] = [];
  /** Characters or bytes of those lines. */
  let pending = 0;
  let armed = false;
  let inFlight = false;
  let asyncUntil = 0;
  let retryTimer: NodeJS.Timeout | null = null;
  let dropped = 0;
  let closed = false;
  let waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  function nextFile(): SegmentFile {
    number += 1;
    return {
      path: join(directory, `${String(number).padStart(12, "0")}.lines`),
      descriptor: -1,
      lines: "",
      rest: null,
      done: false,
    };
  }

  function add(file: SegmentFile, line: string): void {
    if (file.lines === "" && file.rest === null) unwritten.push(file);
    file.lines += `${line}\n`;
    pending += line.length + 1;
    if (armed) return;
    armed = true;
    setImmediate(endOfTurn);
  }

  function endOfTurn(): void {
    armed = false;
    if (!inFlight && retryTimer === null) writeAll();
  }

  /** Writes what waits: all of it, or until the disk is slow or refuses. */
  function writeAll(): void {
    let file: SegmentFile | undefined;
    while ((file = unwritten[0]) !== undefined) {
      const bytes = file.rest ?? encode(file.lines);
      if (file.rest === null) {
        pending -= file.lines.length;
        file.lines = "";
        pending += bytes.length;
      }
      const started = performance.now();
      try {
        if (file.descriptor < 0) file.descriptor = openSync(file.path, "a", 0o600);
        if (started < asyncUntil) return writeLater(file, bytes, started);
        advance(file, bytes, writeSync(file.descriptor, bytes));
      } catch (error) {
        return refused(file, bytes, error);
      }
      const took = performance.now() - started;
      if (took > slowMs) {
        asyncUntil = performance.now() + asyncForMs;
        logger.log("warn", "journal.slow", { tookMs: Math.round(took), bytes: bytes.length });
      }
    }
    settle(null);
  }

  function writeLater(file: SegmentFile, bytes: Uint8Array, started: number): void {
    const own = Uint8Array.from(bytes);
    file.rest = own;
    inFlight = true;
    write(file.descriptor, own, 0, own.length, null, (error, count) => {
      inFlight = false;
      if (error !== null) return refused(file, own, error);
      if (performance.now() - started > slowMs) asyncUntil = performance.now() + asyncForMs;
      advance(file, own, count);
      writeAll();
    });
  }

  /** So many bytes are with the operating system. */
  function advance(file: SegmentFile, bytes: Uint8Array, count: number): void {
    pending -= count;
    file.rest = count < bytes.length ? Uint8Array.from(bytes.subarray(count)) : null;
    if (retryTimer !== null) works();
    if (file.rest !== null || file.lines !== "") return;
    unwritten.shift();
    if (file.done) closeFile(file);
  }

  /** The disk is full or gone: the lines stay in memory, within the bound, and are tried again with the file opened anew. */
  function refused(file: SegmentFile, bytes: Uint8Array, error: unknown): void {
    file.rest ??= Uint8Array.from(bytes);
    closeFile(file);
    if (retryTimer === null) logger.log("error", "journal.failing", { cause: wordsOf(error), path: file.path });
    clearTimeout(retryTimer ?? undefined);
    retryTimer = setTimeout(() => void (inFlight || writeAll()), retryMs).unref();
    settle(error);
  }

  function works(): void {
    clearTimeout(retryTimer ?? undefined);
    retryTimer = null;
    logger.log("info", "journal.works", { dropped });
  }

  function settle(error: unknown): void {
    const settled = waiters;
    waiters = [];
    for (const waiter of settled) {
      if (error === null) waiter.resolve();
      else waiter.reject(error);
    }
  }

  function encode(lines: string): Uint8Array {
    // Three bytes a UTF-16 unit at most. The scratch buffer is used up before the next call: see `advance`.
    return lines.length * 3 <= scratch.length ? scratch.subarray(0, scratch.write(lines)) : Buffer.from(lines);
  }

  function flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      waiters.push({ resolve, reject });
      if (!inFlight) writeAll();
    });
  }

  function toSegment(path: string): JournalSegment {
    return {
      async read() {
        await flush();
        return toWholeLines(await readFile(path, "utf8").catch(emptyIfMissing));
      },
      async release() {
        await flush();
        await rm(path, { force: true });
      },
    };
  }

  return {
    append(line) {
      if (closed || pending > mostPending) {
        if (dropped === 0 || dropped % 10_000 === 0)
          logger.log("error", "journal.dropped", { dropped: dropped + 1, closed });
        dropped += 1;
        return false;
      }
      add(current, line);
      return true;
    },
    rotate(carry) {
      const old = current;
      current = nextFile();
      old.done = true;
      if (old.lines === "" && old.rest === null) closeFile(old);
      for (const line of carry) add(current, line);
      return toSegment(old.path);
    },
    recover: () => Promise.resolve(left.map(toSegment)),
    flush,
    async close() {
      if (closed) return;
      closed = true;
      try {
        await flush();
      } catch (error) {
        logger.log("error", "journal.unwritten", { cause: wordsOf(error), bytes: pending });
      }
      clearTimeout(retryTimer ?? undefined);
      for (const file of [...unwritten, current]) closeFile(file);
      unlock();
    },
  };
}

// --- helpers ---

interface SegmentFile {
  path: string;
  /** -1: not open. Opened with its first line, so that an idle process leaves no file. */
  descriptor: number;
  lines: string;
  /** Bytes that the disk did not take, or is taking. */
  rest: Uint8Array | null;
  /** Nothing more is appended. */
  done: boolean;
}

const segmentName = /^\d{12}\.lines$/;
const asyncForMs = 5_000;
const retryMs = 250;

function closeFile(file: SegmentFile): void {
  if (file.descriptor >= 0) closeSync(file.descriptor);
  file.descriptor = -1;
}

/** A line without its newline was cut off in the middle: even if it can be read, its last number may be short. */
function toWholeLines(text: string): string[] {
  const lines = text.split("\n");
  lines.pop();
  return lines;
}

function emptyIfMissing(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
  throw error;
}

/**
 * Takes the directory for this process. SQLite's lock on a file is one of the operating system: it ends with the
 * process, however that ends, and holds between containers of one host, where process ids say nothing.
 */
function lock(directory: string): () => void {
  const database = new DatabaseSync(join(directory, "lock"), { timeout: 0 });
  try {
    database.exec("pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    database.close();
    // SQLITE_BUSY (https://www.sqlite.org/rescode.html#busy); anything else is about the file.
    if ((error as { errcode?: unknown }).errcode !== 5) throw error;
    const text = `The journal ${directory} is in use by another gateway. Stop that one, or set another DATA_DIR.`;
    throw new Error(text, { cause: error });
  }
  return () => database.close();
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
