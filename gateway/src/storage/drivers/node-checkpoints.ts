/**
 * Checkpoints of the write-ahead log in a thread of their own: a checkpoint waits for the disk (about 10 ms each 4 MB
 * on a fast one, hundreds on a slow one), and on the main thread every open call would wait with it.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** Watches how much is written. */
export interface Checkpoints {
  wrote(rows: number): void;
  /** Ends the thread. SQLite checkpoints once more when the last connection closes. */
  stop(): Promise<void>;
}

/**
 * The thread starts with the first busy period; processes that write little (the command line) never start one and
 * keep SQLite's own checkpoints.
 */
export function startCheckpoints(options: { path: string; database: DatabaseSync }): Checkpoints {
  const { path, database } = options;
  let worker: Worker | null = null;
  let rowsSince = 0;
  let stopped = false;

  /** Pages of log at which SQLite checkpoints by itself, on the main thread. */
  const checkpointAt = (pages: number): void => {
    if (!stopped && database.isOpen) database.exec(`pragma wal_autocheckpoint = ${pages}`);
  };

  function start(): void {
    const thread = new Worker(program, { eval: true, workerData: { path, limitBytes: restartBytes }, execArgv: [] });
    thread.unref();
    // While the thread works, SQLite's own checkpoint is only the net below it.
    thread.once("message", () => checkpointAt(netPages));
    thread.once("error", () => checkpointAt(defaultPages));
    worker = thread;
  }

  return {
    wrote(rows) {
      rowsSince += rows;
      if (rowsSince < rowsPerCheckpoint) return;
      rowsSince = 0;
      if (worker === null) start();
      else worker.postMessage(null);
    },
    async stop() {
      stopped = true;
      await worker?.terminate();
    },
  };
}

// --- helpers ---

/** About 4 MB of rows. */
const rowsPerCheckpoint = 6_000;
/** 64 MB of log. */
const netPages = 16_384;
/** SQLite's default, 4 MB. */
const defaultPages = 1_000;
/** Log size from which it is brought to its end. */
const restartBytes = 8 * 1024 * 1024;

/**
 * Text and not a file of its own, so that bundling needs no second entry. `passive` copies what there is beside writers
 * at work; as they go on meanwhile, the log would grow for ever. `restart` copies the short rest with the writers' lock
 * held: they find the database busy and try again a moment later.
 */
const program = `
const { statSync } = require("node:fs");
const { DatabaseSync } = require("node:sqlite");
const { parentPort, workerData } = require("node:worker_threads");
const database = new DatabaseSync(workerData.path, { timeout: 1000 });
database.exec("pragma synchronous = normal");
parentPort.on("message", () => {
  try {
    database.prepare("pragma wal_checkpoint(passive)").get();
    if (statSync(workerData.path + "-wal").size > workerData.limitBytes) {
      database.prepare("pragma wal_checkpoint(restart)").get();
    }
  } catch {}
});
parentPort.postMessage("ready");
`;
