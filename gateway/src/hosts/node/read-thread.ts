/**
 * The ledger's reads in a thread of their own. It is started by the first question and ends when none came for a while:
 * who never opens the dashboard pays no memory for it.
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { AdminError } from "../../admin/admin-errors.ts";
import type { Logger } from "../../core/ports.ts";
import type { AnalyticsStore } from "../../storage/types-analytics.ts";
import { readMethods, type ReadAnswer, type ReadMethod, type ReadQuestion } from "./read-protocol.ts";

/** Reads, answered elsewhere. */
export interface ReadThread {
  analytics: AnalyticsStore;
  /** Ends the thread; questions that wait are refused. */
  close(): Promise<void>;
}

/** What bounds it. Milliseconds. */
export interface ReadThreadLimits {
  /** From question to answer. The thread that is late is ended, since a statement of SQLite cannot be. @default 30 s */
  timeoutMs: number;
  /** Questions that wait or are under way. @default 64 */
  most: number;
  /** Without a question for so long the thread ends. @default 5 min */
  idleMs: number;
  /** After a crash no new thread for so long; doubled by each further one without an answer between, up to 30 s. @default 250 ms */
  restartMs: number;
}

const usualLimits: ReadThreadLimits = { timeoutMs: 30_000, most: 64, idleMs: 300_000, restartMs: 250 };
const longestRestartMs = 30_000;
/** After a thread that did not start another one is tried so much later. */
const retryStartMs = 60_000;
/** A question that wants more is ended with its thread, and calls go on. */
const mostHeapMegabytes = 256;

/**
 * Makes the reads.
 * @param options `path`: the database's file; `fallback`: answers in this thread when none can be started;
 *   `entry`: the thread's program. @default read-worker beside this file
 */
export function createReadThread(options: {
  path: string;
  fallback: AnalyticsStore;
  logger: Logger;
  entry?: URL;
  limits?: Partial<ReadThreadLimits>;
}): ReadThread {
  const { path, fallback, logger, entry = findEntry() } = options;
  const limits = { ...usualLimits, ...options.limits };
  const waiting: Question[] = [];
  let thread: Thread | null = null;
  let current: Question | null = null;
  /** Until then reads run in this thread. */
  let hereUntil = entry === null ? Infinity : 0;
  let closed = false;
  let crashes = 0;
  let restAt = 0;
  let number = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(place: URL): Thread {
    const worker = new Worker(place, {
      workerData: { path },
      // It needs no setting, so it gets no secret. Node 22 warns of node:sqlite and type stripping.
      env: { NODE_NO_WARNINGS: "1" },
      resourceLimits: { maxOldGenerationSizeMb: mostHeapMegabytes },
      name: "ledger reads",
    });
    worker.unref();
    const made: Thread = {
      worker,
      isReady: false,
      ended: new Promise((resolve) => worker.once("exit", () => resolve())),
    };
    worker.on("message", (answer: ReadAnswer) => heard(made, answer));
    worker.on("error", (error: unknown) => gone(made, error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => gone(made, `it ended with code ${code}`));
    return made;
  }

  function heard(from: Thread, answer: ReadAnswer): void {
    if (from !== thread) return;
    if (answer.kind === "ready") {
      from.isReady = true;
      return next();
    }
    if (current === null || answer.id !== current.id) return;
    const question = current;
    current = null;
    crashes = 0;
    if (answer.kind === "value") question.resolve(answer.value);
    else question.reject(new Error(answer.message));
    next();
  }

  /** The thread ended by itself, or was ended. Whoever waits for it is told; the others wait for a new one. */
  function gone(which: Thread, cause: string): void {
    if (which !== thread) return;
    thread = null;
    const question = current;
    current = null;
    if (closed) return;
    if (!which.isReady) return answerAllHere(cause);
    crashes += 1;
    restAt = Date.now() + Math.min(longestRestartMs, limits.restartMs * 2 ** (crashes - 1));
    logger.log("error", "reads.thread-ended", { cause });
    question?.reject(unavailable("The reading thread ended."));
    // What crashes a thread may do so again: the others are refused rather than fed to the next one.
    for (const one of waiting.splice(0)) one.reject(unavailable("The reading thread ended."));
  }

  function answerAllHere(cause: string): void {
    hereUntil = Date.now() + retryStartMs;
    logger.log("warn", "reads.in-process", { words: "No thread for the ledger's reads: they run among calls.", cause });
    for (const one of waiting.splice(0)) void answerHere(one);
  }

  async function answerHere({ method, parameters, resolve, reject }: Question): Promise<void> {
    try {
      const read = fallback[method] as (...all: readonly unknown[]) => Promise<unknown>;
      resolve(await read(...parameters));
    } catch (error) {
      reject(error);
    }
  }

  function next(): void {
    clearTimeout(idle);
    if (current !== null) return;
    if (waiting.length === 0) {
      idle = setTimeout(end, limits.idleMs);
      idle.unref();
      return;
    }
    try {
      thread ??= start(entry as URL);
    } catch (error) {
      // Where the platform has no threads left.
      return answerAllHere(error instanceof Error ? error.message : String(error));
    }
    if (!thread.isReady) return;
    current = waiting.shift() as Question;
    const { id, method, parameters } = current;
    thread.worker.postMessage({ id, method, parameters } satisfies ReadQuestion);
  }

  function end(): void {
    const ended = thread;
    thread = null;
    void ended?.worker.terminate();
  }

  function late(question: Question): void {
    const isCurrent = question === current;
    const at = waiting.indexOf(question);
    if (at >= 0) waiting.splice(at, 1);
    question.reject(unavailable("The reading took too long. Ask for a shorter range."));
    if (thread !== null && !thread.isReady) {
      const hung = thread;
      gone(hung, "it did not start in time");
      void hung.worker.terminate();
    } else if (isCurrent) {
      current = null;
      end();
      next();
    }
  }

  function ask(method: ReadMethod, parameters: readonly unknown[]): Promise<unknown> {
    if (closed) return Promise.reject(unavailable("The gateway ends."));
    const size = waiting.length + (current === null ? 0 : 1);
    if (size >= limits.most) return Promise.reject(unavailable("Too many readings wait already."));
    const isHere = Date.now() < hereUntil;
    if (!isHere && thread === null && Date.now() < restAt)
      return Promise.reject(unavailable("The reading thread is being started again."));
    return new Promise((resolve, reject) => {
      const question: Question = {
        id: (number += 1),
        method,
        parameters,
        resolve: finish(resolve),
        reject: finish(reject),
      };
      const timer = setTimeout(late, limits.timeoutMs, question);
      timer.unref();
      function finish<Value>(settle: (value: Value) => void): (value: Value) => void {
        return (value) => {
          clearTimeout(timer);
          settle(value);
        };
      }
      if (isHere) return void answerHere(question);
      waiting.push(question);
      next();
    });
  }

  return {
    analytics: Object.fromEntries(
      readMethods.map((method) => [method, (...parameters: readonly unknown[]) => ask(method, parameters)]),
    ) as unknown as AnalyticsStore,
    async close() {
      closed = true;
      clearTimeout(idle);
      const refused = unavailable("The gateway ends.");
      current?.reject(refused);
      for (const one of waiting.splice(0)) one.reject(refused);
      const ended = thread;
      end();
      await ended?.ended;
    },
  };
}

// --- helpers ---

interface Thread {
  worker: Worker;
  /** Its database is open. */
  isReady: boolean;
  ended: Promise<void>;
}

interface Question extends ReadQuestion {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function unavailable(message: string): AdminError {
  return new AdminError("unavailable", { message, retryAfterSeconds: 1 });
}

/** Beside this file; in the published build this code may stand in dist/ or in a folder of it. */
function findEntry(): URL | null {
  const places = import.meta.url.endsWith(".ts") ? ["./read-worker.ts"] : ["./read-worker.js", "../read-worker.js"];
  const found = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(fileURLToPath(url)));
  return found ?? null;
}
