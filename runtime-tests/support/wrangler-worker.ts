/**
 * Workers under `wrangler dev`, as a developer starts them, and wrangler's other commands.
 * @module
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freePort } from "./free-port.ts";

/** The repository. */
export const root: string = new URL("../../", import.meta.url).pathname;
/** The configuration that people deploy. */
export const deployedConfig: string = join(root, "deploy/cloudflare/wrangler.jsonc");

/** A worker that runs. */
export interface RunningWorker {
  url: string;
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a worker and waits until /health answers with anything.
 * @param options `variables`: secrets and settings, as a `.dev.vars` file has them; `folder`: state is kept in it
 */
export async function startWorker(options: {
  config: string;
  variables: Record<string, string>;
  folder: string;
}): Promise<RunningWorker> {
  await mkdir(options.folder, { recursive: true });
  const file = join(options.folder, "variables.env");
  const lines = Object.entries(options.variables).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  await writeFile(file, lines.join("\n"), { mode: 0o600 });
  const port = await freePort();
  const address = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await freePort())];
  const files = ["--config", options.config, "--env-file", file, "--persist-to", join(options.folder, "state")];
  const child = spawnWrangler(["dev", ...files, ...address, "--show-interactive-dev-session=false"]);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + 60_000;
  while (!(await answers(`${url}/health`))) {
    if (child.exitCode === null && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    child.kill("SIGKILL");
    throw new Error(`the worker did not start:\n${printed}`);
  }
  return {
    url,
    output: () => printed,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Runs a command of wrangler to its end. */
export async function wrangler(words: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawnWrangler(words);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

// --- helpers ---

/** With nothing of the machine's own configuration, and without an account. */
function spawnWrangler(words: readonly string[]): ChildProcess {
  const bin = join(root, "runtime-tests/node_modules/wrangler/bin/wrangler.js");
  if (!existsSync(bin)) throw new Error("wrangler is missing: npm install in runtime-tests");
  const env: Record<string, string> = { WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1", NO_COLOR: "1" };
  for (const name of ["PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // Where a person stands who deploys: the configuration's build command is relative to that.
  const config = words[words.indexOf("--config") + 1] ?? deployedConfig;
  return spawn(process.execPath, [bin, ...words], { cwd: dirname(config), env, stdio: ["ignore", "pipe", "pipe"] });
}

async function answers(url: string): Promise<boolean> {
  try {
    // While it starts, wrangler takes requests that nobody answers.
    await (await fetch(url, { signal: AbortSignal.timeout(1_000) })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
