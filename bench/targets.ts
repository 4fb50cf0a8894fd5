/**
 * How each target of the benchmark is started. One entry a target; a target that does not start, or does not answer
 * as it should, is reported as "not run" with the reason.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Programs } from "./lib/programs.ts";
import type { Form } from "./lib/types.ts";

/** What a target needs to know to start. */
export interface StartContext {
  programs: Programs;
  port: number;
  /** Port of the mock upstream. */
  upstream: number;
  /** An empty directory of its own, removed after the run. */
  directory: string;
}

/** A command line, or the reason why there is none. */
export type Start =
  | { command: string; args: string[]; env?: Record<string, string>; health?: string }
  | { unavailable: string };

/** One thing to measure. */
export interface Target {
  name: string;
  title: string;
  /** The request forms it speaks, the one that costs it least first. */
  forms: Form[];
  /** Headers that every call carries, as "name: value". */
  headers: (upstream: number) => string[];
  /** Undefined for the mock upstream itself, which is called without a proxy. */
  start?: (context: StartContext) => Start;
  /** False: measured only when asked for by `--only`. @default true */
  byDefault?: boolean;
}

/** The target that ratios of CPU refer to, on Node and on Bun, and the one that ratios of throughput refer to. */
export const BASELINE = "bare-undici";
export const BUN_BASELINE = "bun-fetch";
export const LIMIT = "nginx";
export const DIRECT = "direct";
export const PEER = "portkey";

/** Bun's fetch has at most 256 calls under way, the others wait in silence; it can only be told so at its start. */
const BUN_CONNECTIONS = { BUN_CONFIG_MAX_HTTP_REQUESTS: "16384" };

/** All targets in the order in which they take turns. */
export const TARGETS: Target[] = [
  {
    name: DIRECT,
    title: "the mock upstream itself, no proxy",
    forms: ["native"],
    headers: clientKey,
  },
  { name: LIMIT, title: "nginx, one worker, unbuffered", forms: ["native"], headers: clientKey, start: startNginx },
  bare(BASELINE, "node:http + undici 8 dispatch, nothing on: the baseline"),
  { ...bare("bare-undici7", "the same on undici 7"), byDefault: false },
  gateway("gateway-node", "this gateway on Node, logging on", { host: "node", logging: true }),
  gateway("gateway-node-off", "this gateway on Node, logging off", { host: "node", logging: false }),
  {
    name: BUN_BASELINE,
    title: "Bun.serve + fetch, nothing on: the baseline on Bun",
    forms: ["native"],
    headers: clientKey,
    start: ({ programs, port, upstream }) =>
      programs.bun === undefined
        ? { unavailable: "no Bun binary" }
        : {
            command: programs.bun,
            args: [join(programs.bench, "servers/bun-fetch.mjs")],
            env: { ...bareEnv(port, upstream), ...BUN_CONNECTIONS },
          },
  },
  gateway("gateway-bun", "this gateway on Bun (fetch host), logging on", { host: "bun", logging: true }),
  gateway("gateway-bun-off", "this gateway on Bun, logging off", { host: "bun", logging: false }),
  {
    name: PEER,
    title: "@portkey-ai/gateway, no console",
    // Chat only: its pass-through to Google fails on Node 24 ("TypeError: immutable"), translation is what works.
    forms: ["chat"],
    headers: (upstream) => [
      "authorization: Bearer bench-client-key",
      "x-portkey-provider: google",
      `x-portkey-custom-host: http://127.0.0.1:${upstream}/v1beta`,
    ],
    start: ({ programs, port }) =>
      programs.portkey === undefined
        ? { unavailable: "@portkey-ai/gateway is not installed" }
        : {
            command: process.execPath,
            args: [programs.portkey, `--port=${port}`, "--headless"],
            env: { NODE_ENV: "production" },
          },
  },
];

// --- helpers ---

function clientKey(): string[] {
  return ["x-goog-api-key: bench-client-key"];
}

function bareEnv(port: number, upstream: number): Record<string, string> {
  return { PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstream}` };
}

function bare(name: string, title: string): Target {
  return {
    name,
    title,
    forms: ["native"],
    headers: clientKey,
    start: ({ programs, port, upstream }) => ({
      command: process.execPath,
      args: [join(programs.bench, `servers/${name}.mjs`)],
      env: bareEnv(port, upstream),
    }),
  };
}

function gateway(name: string, title: string, options: { host: "node" | "bun"; logging: boolean }): Target {
  return {
    name,
    title,
    forms: ["native", "chat"],
    headers: clientKey,
    start: ({ programs, port, upstream, directory }) => {
      const env: Record<string, string> = {
        HOST: "127.0.0.1",
        PORT: String(port),
        DATA_DIR: join(directory, "data"),
        PROXY_API_KEY: "bench-client-key",
        GEMINI_API_KEYS: fakeKeys(8).join(","),
        GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${upstream}/`,
        LOG_LEVEL: "error",
      };
      if (!options.logging) env.LEDGER = "off";
      const health = `http://127.0.0.1:${port}/health`;
      if (options.host === "node") {
        const args = [join(programs.root, "gateway/bin/gemini-proxy.js"), "start"];
        return { command: process.execPath, args, env, health };
      }
      if (programs.bun === undefined) return { unavailable: "no Bun binary" };
      Object.assign(env, BUN_CONNECTIONS);
      return { command: programs.bun, args: [join(programs.root, "gateway/src/hosts/bun/main.ts")], env, health };
    },
  };
}

/** Keys of the right shape. Put together here, so that no scanner takes a literal for a leaked secret. */
function fakeKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => "AIza" + `SyBench${index}`.padEnd(35, "Mock"));
}

function startNginx({ programs, port, upstream, directory }: StartContext): Start {
  if (programs.nginx === undefined) return { unavailable: "nginx is missing: install the package nginx-light" };
  const template = readFileSync(join(programs.bench, "nginx.conf"), "utf8");
  const file = join(directory, "nginx.conf");
  writeFileSync(file, template.replaceAll("@PORT@", String(port)).replaceAll("@UPSTREAM@", String(upstream)));
  return { command: programs.nginx, args: ["-p", directory, "-c", file, "-e", "stderr"] };
}
