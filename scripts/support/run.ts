/**
 * Runs a program, with a time limit for it and everything it started.
 * @module
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root, without a slash at the end. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** How to run a program. */
export interface RunOptions {
  /** @default the repository's root */
  cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Then the whole process group is killed. @default 600,000 */
  timeoutMs?: number;
  /** `inherit`: shown as it comes, and not kept. @default "capture" */
  output?: "capture" | "inherit";
}

/** How it went. */
export interface RunResult {
  ok: boolean;
  /** Null when a signal ended it. */
  code: number | null;
  timedOut: boolean;
  /** Standard output and error, mixed as they came; empty with `inherit`. */
  text: string;
  /** Standard output alone; empty with `inherit`. */
  stdout: string;
  milliseconds: number;
}

/**
 * Runs a program to its end.
 * @param command program, found on PATH
 * @param commandArguments handed over as they are, no shell
 * @returns never rejects: a program that cannot be started is `ok: false` with the reason in `text`
 */
export function run(
  command: string,
  commandArguments: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { cwd = root, env = {}, timeoutMs = 600_000, output = "capture" } = options;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let text = "";
    let stdout = "";
    let timedOut = false;
    const child = spawn(command, commandArguments, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", output === "inherit" ? "inherit" : "pipe", output === "inherit" ? "inherit" : "pipe"],
      // A group of its own, so that a time limit also ends what it started.
      detached: process.platform !== "win32",
    });
    const forward = (signal: NodeJS.Signals): void => endGroup(child.pid, signal);
    const onSignal = (signal: NodeJS.Signals): void => {
      forward(signal);
      process.exit(signal === "SIGINT" ? 130 : 143);
    };
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
    const limit = setTimeout(() => {
      timedOut = true;
      forward("SIGKILL");
    }, timeoutMs);
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      stdout += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const end = (code: number | null): void => {
      clearTimeout(limit);
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      if (timedOut) text += `\nkilled after ${timeoutMs / 1000} s`;
      resolve({ ok: code === 0, code, timedOut, text, stdout, milliseconds: performance.now() - startedAt });
    };
    child.once("error", (error) => {
      text += `${command} could not be started: ${error.message}`;
      end(null);
    });
    child.once("close", end);
  });
}

/** Milliseconds as people read them: `4.2 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

// --- helpers ---

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It has ended already.
  }
}
