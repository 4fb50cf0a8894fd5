/**
 * Starts the installed package as a user would, asks it for its health, and ends it.
 * @module
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "./free-port.ts";
import { seconds } from "./run.ts";

/**
 * Starts the package twice in a folder where it is installed: with `npx` the first time, which must introduce itself, and
 * with its own command the second time, which must not show the key again and must end with 0 on SIGTERM. (npx and its
 * shell do not hand a signal on, so their exit code says nothing.)
 * @param options `folder` becomes the working directory and gets the data; `path` is the PATH with the Node to call with
 * @returns one line a problem; empty when all went well
 */
export async function startInstalled(options: { folder: string; path: string; timeoutMs: number }): Promise<string[]> {
  const first = await startOnce({
    ...options,
    command: ["npx", "--no-install", "gemini-proxy", "start"],
    whileItRuns: (port, text) => tryDashboard(port, text()),
  });
  if (first.problems.length > 0) return first.problems;
  if (!clientKey.test(first.text)) return [`the first start printed no client key\n${first.text}`];
  // The ledger's reads must have run in their thread.
  if (first.text.includes("reads.in-process")) return [`the reading thread did not start\n${first.text}`];
  if (!first.text.includes(String(first.port))) return [`the first start did not say where it listens\n${first.text}`];
  const second = await startOnce({
    ...options,
    command: [join(options.folder, "node_modules/.bin/gemini-proxy"), "start"],
  });
  if (second.problems.length > 0) return second.problems;
  if (clientKey.test(second.text)) return ["the second start printed a client key again"];
  return second.code === 0 ? [] : [`SIGTERM ended it with ${second.code}, not 0\n${second.text}`];
}

// --- helpers ---

const clientKey = /\bgp-[\w-]{20,}/;

interface Start {
  port: number;
  /** What it printed, the last 4,000 characters. */
  text: string;
  code: number | null;
  problems: string[];
}

/** Starts a command in a process group of its own, waits for health, and sends SIGTERM to the group, as terminals do. */
async function startOnce(options: {
  command: readonly string[];
  folder: string;
  path: string;
  timeoutMs: number;
  /** Tries more of it. @returns problems */
  whileItRuns?: (port: number, text: () => string) => Promise<string[]>;
}): Promise<Start> {
  const port = await findFreePort();
  const startedAt = performance.now();
  const [program = "", ...programArguments] = options.command;
  const child = spawn(program, programArguments, {
    cwd: options.folder,
    // Nothing that the gateway would read as a setting.
    env: { ...networkVariables(), HOME: process.env["HOME"], PATH: options.path, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const start: Start = { port, text: "", code: null, problems: [] };
  const keep = (chunk: string): void => void (start.text = (start.text + chunk).slice(-4_000));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  // `close`, not `exit`: it waits until everything that holds the output is gone.
  const closed = new Promise<"closed">((resolve) => {
    child.once("error", (error) => {
      keep(error.message);
      resolve("closed");
    });
    child.once("close", (code) => {
      start.code = code;
      resolve("closed");
    });
  });
  try {
    const outcome = await Promise.race([untilHealthy(port, options.timeoutMs, () => child.exitCode !== null), closed]);
    if (outcome !== "healthy") {
      const why =
        outcome === "closed"
          ? "it ended before it answered"
          : `no answer on /health within ${seconds(options.timeoutMs)}`;
      start.problems.push(`${options.command.join(" ")}: ${why}\n${start.text}`);
      return start;
    }
    console.log(
      `  ${program.split("/").at(-1)} ${programArguments.join(" ")}: answered after ${seconds(performance.now() - startedAt)}`,
    );
    start.problems.push(...((await options.whileItRuns?.(port, () => start.text)) ?? []));
    signalGroup(child.pid, "SIGTERM");
    const ended = await Promise.race([closed, sleep(20_000, "late" as const, { ref: false })]);
    if (ended === "late")
      start.problems.push(`${options.command.join(" ")}: still runs 20 s after SIGTERM\n${start.text}`);
    else if (await isHealthy(port)) start.problems.push(`${options.command.join(" ")}: still answers after SIGTERM`);
    return start;
  } finally {
    signalGroup(child.pid, "SIGKILL");
  }
}

/** The page, a file of it, and a question to the ledger, as a browser and a tool would ask. */
async function tryDashboard(port: number, text: string): Promise<string[]> {
  const base = `http://127.0.0.1:${port}`;
  const signal = AbortSignal.timeout(30_000);
  const page = await fetch(`${base}/`, { headers: { accept: "text/html" }, signal });
  const html = await page.text();
  const script = /src="(\/ui\/assets\/[^"]+\.js)"/.exec(html)?.[1];
  if (page.status !== 200 || script === undefined) return [`/ is no dashboard: ${page.status} ${html.slice(0, 500)}`];
  const asset = await fetch(`${base}${script}`, { headers: { "accept-encoding": "br" }, signal });
  await asset.arrayBuffer();
  if (asset.status !== 200 || asset.headers.get("content-encoding") !== "br")
    return [`${script}: ${asset.status}, not as brotli`];
  const token = /\bgpa-[\w-]{20,}/.exec(text)?.[0];
  if (token === undefined) return [`the first start printed no admin token\n${text}`];
  const headers = { authorization: `Bearer ${token}` };
  const now = Date.now();
  const query = `fromMs=${now - 3_600_000}&toMs=${now}`;
  const summary = await fetch(`${base}/admin/api/v1/usage/summary?${query}`, { headers, signal });
  const answered = await summary.text();
  return summary.status === 200 ? [] : [`/admin/api/v1/usage/summary: ${summary.status} ${answered}`];
}

/** How this machine reaches the network: with an old Node the command fetches a newer one. */
function networkVariables(): NodeJS.ProcessEnv {
  const network = /^(NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => network.test(name)));
}

async function untilHealthy(port: number, timeoutMs: number, hasEnded: () => boolean): Promise<"healthy" | "late"> {
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline && !hasEnded(); await sleep(100))
    if (await isHealthy(port)) return "healthy";
  return "late";
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Everything has ended already.
  }
}
