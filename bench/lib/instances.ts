/**
 * Running instances of targets: started on a free port with a directory of their own, ready when they say so.
 * @module
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../targets.ts";
import { freePort, PROXY_CORE, type Generator } from "./generator.ts";
import { processTree, startProcess, waitForHealth, waitForPort } from "./processes.ts";
import type { Programs } from "./programs.ts";

/** A target that takes calls, or the reason why it does not. */
export interface Instance {
  target: Target;
  port: number;
  headers: string[];
  /** Undefined while it can be measured. */
  failure: () => string | undefined;
  /** Processes to account for; empty for the direct upstream. */
  pids: () => number[];
  stop: () => Promise<void>;
}

/** Starts a target. Never throws for a target's own failure: `failure()` says what is wrong. */
export async function startInstance(
  target: Target,
  options: { programs: Programs; generator: Generator; temporaryDirectory: string },
): Promise<Instance> {
  const { programs, generator } = options;
  const headers = target.headers(generator.upstream);
  const idle = { target, port: generator.upstream, headers, pids: () => [], stop: () => Promise.resolve() };
  if (target.start === undefined) return { ...idle, failure: () => undefined };
  const directory = mkdtempSync(join(options.temporaryDirectory, `${target.name}-`));
  mkdirSync(join(directory, "data"));
  const port = await freePort();
  const start = target.start({ programs, port, upstream: generator.upstream, directory });
  if ("unavailable" in start) return { ...idle, failure: () => start.unavailable };
  const child = startProcess({ ...start, directory, core: PROXY_CORE }, programs.pinning);
  const ready = start.health === undefined ? waitForPort(port, child) : waitForHealth(start.health, child);
  if (!(await ready)) {
    const running = child.isRunning();
    const complaint = child.complaint();
    await child.stop();
    const what = running ? "did not get ready in 20 s" : "did not start";
    return { ...idle, failure: () => (complaint === "" ? what : `${what} (${complaint})`) };
  }
  return {
    target,
    port,
    headers,
    failure: () => (child.isRunning() ? undefined : `stopped during the run (${child.complaint()})`),
    pids: () => processTree(child.pid),
    stop: () => child.stop(),
  };
}
