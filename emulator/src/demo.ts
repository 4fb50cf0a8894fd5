/**
 * `npm run demo`: the gateway in front of the emulator, with keys in different states and some traffic, so that the
 * product can be seen without a Google account. Options: `--seconds N` ends by itself, `--rate N` calls a second.
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startEmulator } from "./emulator.ts";
import type { ProjectConfig } from "./types.ts";

const { values } = parseArgs({ options: { seconds: { type: "string" }, rate: { type: "string", default: "4" } } });
const clientKey = "gp-demo-client-key-only-for-this-demo-0001";
const adminToken = "gpa-demo-admin-token-only-for-this-demo-1";
const port = process.env["PORT"] ?? "8787";
const url = `http://127.0.0.1:${port}`;

const projects: (ProjectConfig & { note: string })[] = [
  { id: "projects/1001", note: "paid, healthy", tier: "paid1", keys: [{ key: demoKey("paid") }] },
  { id: "projects/1002", note: "free: 10 calls a minute, 20 a day", tier: "free", keys: [{ key: demoKey("free") }] },
  {
    id: "projects/1003",
    note: "free, Pro has no quota (limit: 0)",
    tier: "free",
    quotas: { "gemini-2.5-pro": { requestsPerDay: 0, requestsPerMinute: 0 } },
    keys: [{ key: demoKey("free-two") }],
  },
  { id: "projects/1004", note: "invalid key", keys: [{ key: demoKey("invalid"), state: "invalid" }] },
  {
    id: "projects/1005",
    note: "prepaid credits used up",
    state: "prepaid-depleted",
    keys: [{ key: demoKey("prepaid") }],
  },
];

const emulator = await startEmulator({ projects, latencyMs: 80, tokenRate: 400 });
const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-demo-"));
const command = fileURLToPath(new URL("../../gateway/bin/gemini-proxy.js", import.meta.url));
// As `npm start` does; without the dashboard the demo goes on, and its page says what is missing.
const build = fileURLToPath(new URL("../../scripts/dashboard-build.ts", import.meta.url));
spawnSync(process.execPath, [build, "--if-needed"], { stdio: ["ignore", "ignore", "inherit"] });
// Stored, not from the environment, so that the command shows them from any terminal.
const imported = spawnSync(process.execPath, [command, "keys", "import", "-"], {
  input: JSON.stringify(projects.map(({ note, keys }) => ({ name: note, key: keys[0]?.key }))),
  env: { ...process.env, DATA_DIR: dataDir },
  encoding: "utf8",
});
if (imported.status !== 0) console.error(imported.stderr);
const gateway = spawn(process.execPath, [command, "start"], {
  // Its own greeting would only double what is told below.
  stdio: ["ignore", "ignore", "inherit"],
  env: {
    ...process.env,
    PORT: port,
    DATA_DIR: dataDir,
    PROXY_API_KEY: clientKey,
    ADMIN_TOKEN: adminToken,
    GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    GOOGLE_OPENAI_API_BASE_URL: `${emulator.url}/v1beta/openai`,
    LOG_LEVEL: "error",
  },
});
let ending = false;
/** Set once the gateway answers; cleared at the end. */
const timers: NodeJS.Timeout[] = [];
gateway.once("exit", (code) => void end(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end(0));

await untilHealthy();
console.log(`
Demo: the gateway at ${url}, a Google of its own at ${emulator.url}
Keys: ${projects.map(({ note }) => note).join("; ")}.

Dashboard: ${url}/
  log in with this admin token: ${adminToken}

Try it:
  curl "${url}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse" -H "x-goog-api-key: ${clientKey}" \\
    -H "content-type: application/json" -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'
Look at it from another terminal:
  DATA_DIR=${dataDir} npx gemini-proxy keys list
  DATA_DIR=${dataDir} npx gemini-proxy logs tail
  DATA_DIR=${dataDir} npx gemini-proxy stats --by credential
  curl ${url}/admin/api/v1/status -H "Authorization: Bearer ${adminToken}"
Ctrl-C ends it and deletes its data.
`);

const counts = { calls: 0, ok: 0, refused: 0, other: 0 };
timers.push(setInterval(() => void oneCall(), 1000 / Math.max(0.1, Number(values.rate))));
timers.push(
  setInterval(() => {
    const { byStatus } = emulator.totals();
    console.log(
      `${counts.calls} calls: ${counts.ok} answered, ${counts.refused} refused (429), ${counts.other} other; upstream saw ${JSON.stringify(byStatus)}`,
    );
  }, 5_000),
);
if (values.seconds !== undefined) setTimeout(() => void end(counts.ok > 0 ? 0 : 1), Number(values.seconds) * 1000);

// --- helpers ---

function demoKey(name: string): string {
  // Told apart by the end: the rest is masked.
  return `AIzaSyDemo-${name.padStart(28, "0")}`;
}

async function untilHealthy(): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      if ((await fetch(`${url}/health`)).ok) return;
    } catch {
      // Not up yet: the process gives no other sign on standard output that a script could rely on.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.error("The gateway did not start. Is the port taken? Choose another: PORT=8788 npm run demo");
  await end(1);
}

async function oneCall(): Promise<void> {
  const model = counts.calls % 5 === 4 ? "gemini-2.5-pro" : "gemini-3.8-flash";
  const openai = counts.calls % 3 === 2;
  counts.calls += 1;
  const prompt = `Question ${counts.calls}: what rests, and until when?`;
  try {
    const response = openai
      ? await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${clientKey}`, "content-type": "application/json" },
          body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: prompt }] }),
        })
      : await fetch(`${url}/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
          method: "POST",
          headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
          body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: prompt }] }] }),
        });
    await response.arrayBuffer();
    if (response.ok) counts.ok += 1;
    else if (response.status === 429) counts.refused += 1;
    else counts.other += 1;
  } catch {
    counts.other += 1;
  }
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  for (const timer of timers) clearInterval(timer);
  if (gateway.exitCode === null) {
    const exited = new Promise((resolve) => gateway.once("exit", resolve));
    gateway.kill("SIGTERM");
    await exited;
  }
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
  process.exit(code);
}
