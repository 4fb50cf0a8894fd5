/**
 * Child processes of a run: started pinned to a core, in a group of their own, and ended whatever happens.
 * @module
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What to start and where. */
export interface Command {
  command: string;
  args: string[];
  /** The whole environment but PATH and HOME: the user's own keys are not handed on to anything. */
  env?: Record<string, string>;
  directory: string;
  core: number;
}

/** A started process. */
export interface RunningProcess {
  pid: number;
  /** True until the process has ended. */
  isRunning: () => boolean;
  /** One line on how it ended or what it complained about. */
  complaint: () => string;
  /** Ends the process and its group; resolves once it is gone. */
  stop: () => Promise<void>;
}

/** Starts a process pinned to a core. The kernel ends it with us, also when we are killed (where setpriv is known). */
export function startProcess(command: Command, pinning: readonly string[]): RunningProcess {
  const [program = command.command, ...args] = [
    ...pinning.map((word) => (word === "@core" ? String(command.core) : word)),
    command.command,
    ...command.args,
  ];
  const child = spawn(program, args, {
    cwd: command.directory,
    env: { PATH: process.env.PATH, HOME: command.directory, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail = tailOf(child);
  let ending: string | undefined;
  child.on("error", (error) => (ending = error.message));
  child.on("exit", (code, signal) => {
    ending = signal === null ? `exited with code ${code}` : `ended by ${signal}`;
  });
  trackProcess(child);
  return {
    pid: child.pid ?? 0,
    isRunning: () => ending === undefined,
    complaint: () => [ending, tail()].filter(Boolean).join(": ").slice(0, 300),
    stop: () => endProcess(child, () => ending === undefined),
  };
}

/** Resolves true once a TCP connection to the port succeeds, false when the process ends or the time is over. */
export async function waitForPort(port: number, child: RunningProcess, seconds = 20): Promise<boolean> {
  return waitUntil(() => canConnect(port), child, seconds);
}

/** As {@link waitForPort}, but for GET of a path answered with 200. */
export async function waitForHealth(url: string, child: RunningProcess, seconds = 20): Promise<boolean> {
  return waitUntil(() => isHealthy(url), child, seconds);
}

/** Has {@link cleanUpAtExit} end this process too; it must lead a group of its own (`detached`). */
export function trackProcess(child: ChildProcess): void {
  living.add(child);
  child.on("exit", () => living.delete(child));
}

/** A process and all that it started, as process ids. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ", 1)[0]));
    } catch {
      // Ended while we looked.
    }
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Has everything started here ended, and the directory removed, when this process ends in whatever way. */
export function cleanUpAtExit(temporaryDirectory: string): void {
  process.on("exit", () => {
    for (const child of living) signalGroup(child, "SIGKILL");
    rmSync(temporaryDirectory, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
}

// --- helpers ---

const living = new Set<ChildProcess>();

/** Keeps the last of what a process says, so that a chatty one costs no memory. */
function tailOf(child: ChildProcess): () => string {
  let text = "";
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString("utf8")).slice(-2000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => {
    const lines = text.split("\n").map((line) => line.trim());
    return lines.findLast((line) => /error|fail|cannot|missing|denied/i.test(line)) ?? lines.findLast(Boolean) ?? "";
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

async function endProcess(child: ChildProcess, isRunning: () => boolean): Promise<void> {
  signalGroup(child, "SIGTERM");
  for (let waited = 0; isRunning() && waited < 3000; waited += 20) await sleep(20);
  signalGroup(child, "SIGKILL");
  for (let waited = 0; isRunning() && waited < 2000; waited += 20) await sleep(20);
}

async function waitUntil(probe: () => Promise<boolean>, child: RunningProcess, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end && child.isRunning()) {
    if (await probe()) return child.isRunning();
    await sleep(50);
  }
  return false;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
