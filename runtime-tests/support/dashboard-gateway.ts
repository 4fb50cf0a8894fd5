/**
 * A gateway as people start it first: in an empty folder, with nothing but an address to call Google at.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./wrangler-worker.ts";

/** A gateway that runs. */
export interface DashboardGateway {
  url: string;
  dataDir: string;
  /** What its first start printed; null: nothing. */
  adminToken: string | null;
  clientKey: string | null;
  /** All that was printed so far. */
  output(): string;
  /** A read of the admin API. @throws Error for anything but 200 */
  read<T>(path: string): Promise<T>;
  /** A call through it. @throws Error when it took a key that was not given */
  call(options?: CallOptions): Promise<{ status: number; id: string | null; text: string }>;
  stop(): Promise<number | null>;
}

/** What is called. */
export interface CallOptions {
  /** @default the client key of the first start */
  key?: string;
  /** @default "gemini-3.8-flash" */
  model?: string;
  /** @default "Hello there" */
  text?: string;
}

/** An empty folder for a gateway's data. */
export function makeDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "gemini-proxy-dashboard-"));
}

/**
 * Starts it and waits until it says where it listens.
 * @param options `environment`: settings beside port and folder; `token`: of the admin, when the environment has it
 */
export async function startDashboardGateway(options: {
  dataDir: string;
  environment: Record<string, string>;
}): Promise<DashboardGateway> {
  const { dataDir, environment } = options;
  const env: Record<string, string> = { HOST: "127.0.0.1", PORT: "0", DATA_DIR: dataDir, ...environment };
  for (const name of ["PATH", "HOME", "TMPDIR", "LANG"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const bin = join(root, "gateway/bin/gemini-proxy.js");
  const child = spawn(process.execPath, [bin, "start", "--dotenv", "none"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      printed += chunk.toString();
      // The banner ends in what to do next; what is printed once stands before.
      const address = /Listening on (http:\S+)\n[^]*\n/.exec(printed)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    void exited.then((code) => reject(new Error(`the gateway ended with ${code}:\n${printed}`)));
  });
  const told = (pattern: RegExp): string | null => pattern.exec(printed)?.[1] ?? null;
  const adminToken = (): string | null => told(/Admin token \(shown this once\): (\S+)/);
  const clientKey = (): string | null => told(/First client key \(shown this once\): (\S+)/);
  return {
    url,
    dataDir,
    get adminToken() {
      return adminToken();
    },
    get clientKey() {
      return clientKey();
    },
    output: () => printed,
    async read<T>(path: string) {
      const token = environment["ADMIN_TOKEN"] ?? adminToken() ?? "";
      const response = await fetch(`${url}/admin/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    async call({ key = clientKey() ?? "", model = "gemini-3.8-flash", text = "Hello there" } = {}) {
      const response = await fetch(`${url}/v1beta/models/${model}:generateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": key, "content-type": "application/json" },
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text }] }] }),
      });
      const id = response.headers.get("x-gproxy-request-id");
      return { status: response.status, id, text: await response.text() };
    },
    async stop() {
      child.kill("SIGTERM");
      const code = await exited;
      await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}
