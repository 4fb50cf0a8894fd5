/**
 * The real gateway over the made ledger, and its admin API as a browser asks it.
 * @module
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, PROXY_CORE } from "../lib/generator.ts";
import { processTree, startProcess, waitForHealth } from "../lib/processes.ts";
import type { Programs } from "../lib/programs.ts";
import { databaseFile } from "./world.ts";

/** How late the main thread's timers were, and what CPU it used between two of them. Milliseconds. */
export interface LoopDelay {
  p99: number;
  max: number;
  cpuP99: number;
  cpuMax: number;
}

/** A running gateway. */
export interface Gateway {
  port: number;
  /** Header of a call, as "name: value". */
  callHeaders: string[];
  pids(): number[];
  /** @throws Error when the answer is none, or its status is not 2xx */
  ask(path: string, options?: AskOptions): Promise<Answer>;
  /** CPU that all its threads have used so far, milliseconds. */
  cpuMs(): number;
  /** Of the main thread since it was asked the last time. */
  loopDelay(): Promise<LoopDelay>;
  /** Has the system forget what it keeps of the database in memory. */
  forgetFile(): void;
  stop(): Promise<void>;
}

/** Beside the path. */
export interface AskOptions {
  method?: "GET" | "PATCH" | "POST";
  body?: unknown;
  signal?: AbortSignal;
  /** Told of each piece of the answer, which is then not kept. */
  onChunk?: (chunk: Uint8Array) => void;
}

/** An answer of the admin API. */
export interface Answer {
  /** From the request to the last byte. */
  milliseconds: number;
  bytes: number;
  text: string;
}

/** Starts it. @throws Error with its last words when it does not come up. */
export async function startGateway(options: {
  programs: Programs;
  directory: string;
  upstream: number;
}): Promise<Gateway> {
  const { programs, directory, upstream } = options;
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const loopFile = join(directory, "loop-delay.jsonl");
  rmSync(loopFile, { force: true });
  const child = startProcess(
    {
      command: process.execPath,
      args: [
        "--import",
        join(import.meta.dirname, "loop-delay.mjs"),
        join(programs.root, "gateway/bin/gemini-proxy.js"),
        "start",
      ],
      env: {
        HOST: "127.0.0.1",
        PORT: String(port),
        DATA_DIR: directory,
        PROXY_API_KEY: clientKey,
        ADMIN_TOKEN: adminToken,
        GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${upstream}/`,
        LEDGER_MAX_BYTES: "64GB",
        LOG_LEVEL: "error",
        BENCH_LOOP_FILE: loopFile,
      },
      directory,
      core: PROXY_CORE,
    },
    // On both cores: its reading thread and its checkpoints are meant to run beside the main thread.
    [],
  );
  if (!(await waitForHealth(`${base}/health`, child, 180))) {
    const complaint = child.complaint();
    await child.stop();
    throw new Error(`the gateway did not start: ${complaint}`);
  }
  let loopLines = 0;
  return {
    port,
    callHeaders: [`x-goog-api-key: ${clientKey}`],
    pids: () => processTree(child.pid),
    cpuMs: () => cpuOf(child.pid),
    ask: (path, more = {}) => ask(`${base}/admin/api/v1${path}`, more),
    async loopDelay() {
      process.kill(child.pid, "SIGUSR2");
      for (let waited = 0; waited < 5_000; waited += 20) {
        await sleep(20);
        const lines = readLines(loopFile);
        const line = lines[loopLines];
        if (line === undefined) continue;
        loopLines = lines.length;
        return JSON.parse(line) as LoopDelay;
      }
      throw new Error("the gateway's main thread did not answer a signal in 5 s");
    },
    forgetFile() {
      // GNU dd advises the system that the pages of a file are not needed any more; pages that are in use stay.
      for (const file of [databaseFile, `${databaseFile}-wal`])
        spawnSync("dd", [`if=${join(directory, file)}`, "iflag=nocache", "count=0", "status=none"]);
    },
    stop: () => child.stop(),
  };
}

// --- helpers ---

const clientKey = "bench-client-key";
const adminToken = "bench-admin-token-of-a-run";

async function ask(url: string, options: AskOptions): Promise<Answer> {
  const { method = "GET", body, signal, onChunk } = options;
  const began = performance.now();
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  let bytes = 0;
  let text = "";
  if (onChunk !== undefined && response.ok && response.body !== null) {
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      onChunk(chunk);
    }
  } else {
    text = await response.text();
    bytes = Buffer.byteLength(text);
  }
  const milliseconds = performance.now() - began;
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return { milliseconds, bytes, text };
}

function cpuOf(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(tasks)) {
    try {
      nanoseconds += Number(readFileSync(join(tasks, thread, "schedstat"), "latin1").split(" ", 1)[0]);
    } catch {
      // Ended while we looked.
    }
  }
  return nanoseconds / 1e6;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
