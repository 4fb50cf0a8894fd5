/**
 * Runs gwbench: as the load generator with its mock upstream in one process, and as the mock alone in between, so that
 * a target never finds its upstream gone while it starts or rests.
 * @module
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { formFor, type Workload } from "../workloads.ts";
import { startProcess, trackProcess, waitForPort, type RunningProcess } from "./processes.ts";
import type { Programs } from "./programs.ts";
import type { Form, Sample } from "./types.ts";

/** Cores: the proxy has the first to itself. */
export const PROXY_CORE = 0;
export const LOAD_CORE = 1;

/** One load run. */
export interface LoadOptions {
  workload: Workload;
  port: number;
  headers: string[];
  forms: Form[];
  /** Processes whose CPU and memory are counted. */
  pids: number[];
  seconds: number;
  warmupSeconds: number;
  /** Asked in place of what the form asks. */
  request?: { path: string; bodyFile: string };
}

/** The mock upstream and the load generator of a run. */
export interface Generator {
  upstream: number;
  /** One load run. @throws Error when gwbench fails. */
  load: (options: LoadOptions) => Promise<Sample>;
  stop: () => Promise<void>;
}

/** Somebody else's cores above which a measurement is thrown away: half of what changes a figure visibly. */
const FOREIGN_LIMIT = { proxyCore: 0.05, loadCore: 0.15, steal: 0.03 };

/** Starts the mock upstream on a free port. @throws Error when it does not come up. */
export async function startGenerator(programs: Programs): Promise<Generator> {
  const upstream = await freePort();
  let mock = await serve(programs, upstream);
  return {
    upstream,
    load: async (options) => {
      await mock.stop();
      try {
        return await run(programs, loadArguments(options, upstream));
      } finally {
        mock = await serve(programs, upstream);
      }
    },
    stop: () => mock.stop(),
  };
}

/** A port that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : 0));
    });
  });
}

/** The request target of a workload in a form. */
export function pathOf(workload: Workload, form: Form): string {
  if (form === "chat") return "/v1/chat/completions";
  const model = `/v1beta/models/mock-${workload.scenario}`;
  return workload.stream ? `${model}:streamGenerateContent?alt=sse` : `${model}:generateContent`;
}

/** Judges who else used the two cores: see {@link FOREIGN_LIMIT}. */
export function judgeNoise(sample: Omit<Sample, "foreign" | "noisy">): { foreign: number; noisy: boolean } {
  const onProxyCore = sample.core0.busy - sample.cpu_util;
  const onLoadCore = sample.core1.busy - sample.gen_util;
  const steal = Math.max(sample.core0.steal, sample.core1.steal);
  // A proxy whose threads or children are not all on its core would make the first term negative: count cores together.
  const foreign = Math.max(0, onProxyCore) + Math.max(0, onLoadCore);
  const noisy =
    onProxyCore > FOREIGN_LIMIT.proxyCore || onLoadCore > FOREIGN_LIMIT.loadCore || steal > FOREIGN_LIMIT.steal;
  return { foreign, noisy };
}

// --- helpers ---

async function serve(programs: Programs, port: number): Promise<RunningProcess> {
  const args = ["serve", "--port", String(port)];
  const mock = startProcess(
    { command: programs.generator, args, directory: programs.bench, core: LOAD_CORE },
    programs.pinning,
  );
  if (!(await waitForPort(port, mock, 5))) throw new Error(`the mock upstream did not start: ${mock.complaint()}`);
  return mock;
}

function loadArguments(options: LoadOptions, upstream: number): string[] {
  const { workload } = options;
  const form = formFor(workload, options);
  const pairs: [string, string][] = [
    ["--serve", String(upstream)],
    ["--target", `127.0.0.1:${options.port}`],
    ["--path", options.request?.path ?? pathOf(workload, form)],
    ["--conns", String(workload.connections)],
    ...bodyOf(options),
    ...options.headers.map((header): [string, string] => ["-H", header]),
    ...options.pids.map((pid): [string, string] => ["--pid", String(pid)]),
  ];
  if (form === "chat") pairs.push(["--oai-model", `mock-${workload.scenario}`]);
  if (workload.rate !== undefined) pairs.push(["--rate", String(workload.rate)]);
  if (workload.kind === "hold") pairs.push(["--hold", String(Math.max(1, Math.round(options.seconds)))]);
  else pairs.push(["--duration", String(options.seconds)], ["--warmup", String(options.warmupSeconds)]);
  return ["load", ...pairs.flat()];
}

function bodyOf({ workload, request }: LoadOptions): [string, string][] {
  if (request !== undefined) return [["--body-file", request.bodyFile]];
  return [
    ["--body-size", String(workload.bodySize)],
    ["--body-kind", workload.bodyKind],
  ];
}

function run(programs: Programs, args: string[]): Promise<Sample> {
  const [command = programs.generator, ...rest] = [
    ...programs.pinning.map((word) => (word === "@core" ? String(LOAD_CORE) : word)),
    programs.generator,
    ...args,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    trackProcess(child);
    let text = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("latin1")));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) return reject(new Error(`the load generator failed: ${complaint.trim() || `code ${code}`}`));
      const line = JSON.parse(text) as Omit<Sample, "foreign" | "noisy">;
      resolve({ ...line, ...judgeNoise(line) });
    });
  });
}
