/**
 * For tests of the CLI: runs the real command as a child process in a folder of its own.
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a command has left behind. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Standard output read as JSON. */
  json<Value>(): Value;
}

/** A folder with its data directory (`data`), in which commands run. */
export interface CliFolder {
  path: string;
  run(words: readonly string[], options?: { env?: Record<string, string>; input?: string }): Promise<CliResult>;
  /** Starts without waiting for the end; standard output and error are piped. */
  spawn(words: readonly string[], options?: { env?: Record<string, string> }): ChildProcess;
}

/** The command as people call it. */
export const binary: string = fileURLToPath(new URL("../../bin/gemini-proxy.js", import.meta.url));

/** Hundreds of processes load the same sources: compiled once, they start in two thirds of the time. */
const compileCache = join(tmpdir(), "gemini-proxy-test-compile-cache");

/** Makes a fresh folder under the system's temporary one. */
export function createCliFolder(): CliFolder {
  const path = mkdtempSync(join(tmpdir(), "gemini-proxy-cli-"));
  // Nothing of the surrounding environment: a GEMINI_API_KEY of the developer must not take part.
  const start = (words: readonly string[], env: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [binary, ...words], {
      cwd: path,
      env: { PATH: process.env["PATH"] ?? "", HOME: path, NODE_COMPILE_CACHE: compileCache, ...env },
    });
  return {
    path,
    spawn: (words, options = {}) => start(words, options.env ?? {}),
    run: (words, options = {}) => {
      const child = start(words, options.env ?? {});
      child.stdin?.end(options.input ?? "");
      return finish(child);
    },
  };
}

/** Waits for the end of a child and gathers what it wrote. */
export function finish(child: ChildProcess): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr, json: <Value>() => JSON.parse(stdout) as Value }));
  });
}
