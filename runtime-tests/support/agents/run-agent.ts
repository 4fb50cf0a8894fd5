/**
 * Runs an agent: in a HOME and a project of its own, with nothing of this machine's settings, and no way out but the
 * gateway.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Agent, AgentRun, AgentTask } from "./types.ts";

/** Folders of one agent. */
export interface Workspace {
  home: string;
  project: string;
}

/** Longest time that a run may take; many times what it takes on a quiet machine. */
const patienceMs = 90_000;
const programs = new URL("../../node_modules/.bin/", import.meta.url).pathname;

/**
 * Makes an empty HOME with a project in it, and removes it afterwards.
 * @param options `files`: of the project, name to content; `use`: what is done there
 * @returns what `use` gives
 */
export async function inWorkspace<T>(options: {
  name: string;
  files?: Record<string, string | Uint8Array>;
  use: (workspace: Workspace) => Promise<T>;
}): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), `agent-${options.name}-`));
  const project = join(home, "project");
  await mkdir(project);
  try {
    for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(join(project, name), content);
    return await options.use({ home, project });
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Runs an agent to its end.
 * @throws when the program is not installed
 */
export async function runAgent(agent: Agent, task: AgentTask): Promise<AgentRun> {
  const program = join(programs, agent.program);
  if (!existsSync(program)) throw new Error(`${agent.program} is missing: npm ci --prefix runtime-tests`);
  const launch = agent.launch(task);
  for (const [path, content] of Object.entries(launch.files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const door = await closedDoor();
  const began = performance.now();
  const child = spawn(program, launch.arguments, {
    cwd: task.project,
    // A group of its own: agents start helpers, and all must go.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      HOME: task.home,
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      HTTP_PROXY: door.url,
      HTTPS_PROXY: door.url,
      NO_PROXY: "127.0.0.1,localhost",
      ...launch.environment,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timer = setTimeout(() => killGroup(child.pid), patienceMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve(status));
      // A helper that holds the pipe open must not hold the test.
      child.once("exit", () => setTimeout(() => killGroup(child.pid), 2_000).unref());
    });
    return { code, stdout, stderr, tookMs: performance.now() - began };
  } finally {
    clearTimeout(timer);
    killGroup(child.pid);
    await door.close();
  }
}

// --- helpers ---

/** A proxy that lets nobody through: what an agent asks of the world beside the gateway fails at once, everywhere. */
async function closedDoor(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => response.writeHead(403).end());
  server.on("connect", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
