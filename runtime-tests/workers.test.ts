/**
 * The Workers host under real `wrangler dev`, with the configuration that people deploy: what survives a restart, where
 * keys and bases may come from, what is said when settings are wrong, and that three books agree under load.
 * @module
 */
import { glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { until } from "./support/until.ts";
import {
  adminToken,
  admin,
  call,
  clientKey,
  key,
  ledger,
  model,
  secrets,
  type Answered,
  type Row,
} from "./support/worker-client.ts";
import { describeAdministration } from "./support/worker-admin-suite.ts";
import { describeDeployment } from "./support/worker-deploy-suite.ts";
import { describeInsideWorkerd } from "./support/worker-inside-suite.ts";
import { describeSettings } from "./support/worker-settings-suite.ts";
import { startPrefixForwarder, type Forwarder } from "./support/worker-forwarder.ts";
import { deployedConfig, root, startWorker, wrangler, type RunningWorker } from "./support/wrangler-worker.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gemini-proxy-workers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (name: string, variables: Record<string, string>, config = deployedConfig): Promise<RunningWorker> =>
  startWorker({ config, variables, folder: join(folder, name) });

describe("inside workerd", () => {
  describeInsideWorkerd();
});

describe("200 calls at concurrency 32 over 3 keys, one exhausted and one invalid, and a restart", () => {
  const total = 200;
  const answers: Answered[] = [];
  let emulator: Emulator;
  let worker: RunningWorker;

  beforeAll(async () => {
    emulator = await startEmulator({
      projects: [
        { id: "projects/1", keys: [{ key: key("good") }], tier: "unlimited" },
        { id: "projects/2", keys: [{ key: key("exhausted") }], tier: "free", quotas: { "*": { requestsPerDay: 5 } } },
        { id: "projects/3", keys: [{ key: key("invalid"), state: "invalid" }] },
      ],
    });
    const keys = ["good", "exhausted", "invalid"].map(key).join(",");
    const variables = { ...secrets, GEMINI_API_KEYS: keys, GOOGLE_GEMINI_API_BASE_URL: emulator.url };
    worker = await start("load", variables);
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < total) answers.push(await call(worker, next++));
    };
    await Promise.all(Array.from({ length: 32 }, client));
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await emulator?.close();
  });

  it("no client sees an error, and every answer is whole", () => {
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ text }) => !text.includes('"STOP"'))).toEqual([]);
  });

  it("ledger and upstream agree exactly: calls, attempts, tokens", async () => {
    expectSameBooks(await ledger(worker, total), emulator, new Set(answers.map(({ id }) => id)));
    expect(await admin(worker, "stats")).toMatchObject({ calls: total, attempts: emulator.record().length });
  });

  it("nothing is in flight any more", async () => {
    const { credentials } = await admin<{ credentials: Credential[] }>(worker, "status");
    expect(credentials.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0]);
  });

  it("health counts what can serve", async () => {
    const health = await (await fetch(`${worker.url}/health`)).json();
    expect(health).toEqual({ status: "healthy", timestamp: expect.any(String) as string });
    expect((await fetch(`${worker.url}/ready`)).status).toBe(200);
  });

  it("cooldowns, disables, ledger and client keys are there after a restart", async () => {
    const before = await admin<{ credentials: Credential[] }>(worker, "status");
    expect(before.credentials.map(({ state }) => state).toSorted()).toEqual(["active", "cooling", "disabled"]);
    const rows = await ledger(worker, total);
    await worker.stop();
    worker = await start("load", {
      ...secrets,
      GEMINI_API_KEYS: ["good", "exhausted", "invalid"].map(key).join(","),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    });
    const after = await admin<{ credentials: Credential[] }>(worker, "status");
    expect(after.credentials.map(kept)).toEqual(before.credentials.map(kept));
    expect(await ledger(worker, total)).toEqual(rows);
    const asked = emulator.record().length;
    const again = await Promise.all(Array.from({ length: 8 }, (_, index) => call(worker, index)));
    expect(again.map(({ status }) => status)).toEqual(Array(8).fill(200));
    // Nobody has to find out again: only the good key is asked.
    expect(
      emulator
        .record()
        .slice(asked)
        .map((one) => one.key),
    ).toEqual(Array(8).fill(key("good")));
  });

  it("the admin API is for the admin token only", async () => {
    for (const token of [`${adminToken}x`, adminToken.slice(0, -1), clientKey, ""]) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await fetch(`${worker.url}/admin/api/v1/status`, { headers })).status).toBe(401);
    }
    const headers = { authorization: `Bearer ${adminToken}` };
    expect((await fetch(`${worker.url}/admin/api/v1/nothing`, { headers })).status).toBe(404);
  });

  it("a state that cannot be opened is 503, degraded health, and named in the log", async () => {
    await worker.stop();
    const opened: string[] = [];
    for await (const file of glob(join(folder, "load/state/v3/do/*GatewayState/*.sqlite"))) {
      const database = new DatabaseSync(file);
      // The platform keeps a small database of its own beside the object's.
      if (database.prepare("select 1 from sqlite_schema where name = 'schema_migrations'").get() !== undefined) {
        database.exec("insert into schema_migrations (name) values ('9999-from-the-future')");
        opened.push(file);
      }
      database.close();
    }
    expect(opened).toHaveLength(1);
    worker = await start("load", {
      ...secrets,
      GEMINI_API_KEYS: key("good"),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    });
    const refused = await call(worker);
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
    const health = await fetch(`${worker.url}/health`);
    expect(await health.json()).toMatchObject({ status: "degraded", cause: "state-unreachable" });
    expect((await fetch(`${worker.url}/ready`)).status).toBe(503);
    const headers = { authorization: `Bearer ${adminToken}` };
    expect((await fetch(`${worker.url}/admin/api/v1/status`, { headers })).status).toBe(503);
    await until(async () => (worker.output().includes("newer gemini-proxy") ? true : undefined), "the log's words");
  });

  it("no secret is printed", () => {
    for (const secret of [key("good"), key("exhausted"), key("invalid"), clientKey, adminToken])
      expect(worker.output()).not.toContain(secret);
  });
});

describe("keys in KV, and bases with a path as Cloudflare's AI Gateway has", () => {
  let emulator: Emulator;
  let forwarder: Forwarder;
  let worker: RunningWorker;

  beforeAll(async () => {
    const names = ["kv-list", "kv-zero", "kv-one"];
    emulator = await startEmulator({
      projects: names.map((name) => ({
        id: `projects/${name.length}${name}`,
        keys: [{ key: key(name) }],
        tier: "unlimited",
      })),
      recordHeaders: true,
    });
    forwarder = await startPrefixForwarder("/v1/account/gateway/google-ai-studio", emulator.url);
    const config = join(folder, "wrangler.json");
    // The dashboard's files are relative to the folder that it is deployed from.
    const {
      assets: _assets,
      build: _build,
      ...deployed
    } = JSON.parse((await readFile(deployedConfig, "utf8")).replace(/^\s*\/\/.*$|,(?=\s*[}\]])/gm, "")) as Record<
      string,
      unknown
    >;
    const main = join(root, "gateway/src/hosts/cloudflare/worker.ts");
    const namespaces = [{ binding: "GEMINI_KEYS", id: "keys-of-an-older-worker" }];
    await writeFile(config, JSON.stringify({ ...deployed, main, env: {}, kv_namespaces: namespaces }));
    const entries = join(folder, "entries.json");
    await writeFile(
      entries,
      JSON.stringify([
        { key: "GEMINI_API_KEYS_CONFIG", value: JSON.stringify({ keys: [key("kv-list")] }) },
        { key: "key_0", value: key("kv-zero") },
        { key: "key_1", value: key("kv-one") },
      ]),
    );
    const state = ["--local", "--persist-to", join(folder, "kv/state")];
    const put = await wrangler([
      "kv",
      "bulk",
      "put",
      entries,
      "--config",
      config,
      "--binding",
      "GEMINI_KEYS",
      ...state,
    ]);
    expect(put.code, put.output).toBe(0);
    worker = await start(
      "kv",
      { ...secrets, GEMINI_UPSTREAM_URL: forwarder.url, OPENAI_UPSTREAM_URL: `${forwarder.url}/v1beta/openai` },
      config,
    );
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await forwarder?.close();
    await emulator?.close();
  });

  it("serves with every key of KV", async () => {
    for (let index = 0; index < 3; index++) expect(await call(worker, index)).toMatchObject({ status: 200 });
    const used = emulator.record().map((one) => String(one.key));
    expect(used.toSorted()).toEqual(["kv-list", "kv-zero", "kv-one"].map(key).toSorted());
  });

  it("native and OpenAI calls go under the path, with the gateway's authorization and without the client's", async () => {
    const pass = { "cf-aig-authorization": "Bearer aig-token" };
    expect(await call(worker, 1, pass)).toMatchObject({ status: 200 });
    expect(emulator.record().at(-1)).toMatchObject({ path: `/v1beta/models/${model}:generateContent`, headers: pass });
    const response = await fetch(`${worker.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${clientKey}`, "content-type": "application/json", ...pass },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ object: "chat.completion" });
    const record = emulator.record().at(-1);
    expect(record).toMatchObject({ path: "/v1beta/openai/chat/completions", headers: pass });
    expect(JSON.stringify(record)).not.toContain(clientKey);
    expect(forwarder.refused()).toEqual([]);
  });
});

describeAdministration();
describeSettings();
describeDeployment();

// --- helpers ---

interface Credential {
  id: string;
  name: string;
  state: string;
  inFlight: number;
  uses: number;
  cooldowns: unknown[];
  disabled: unknown;
}
/** What a restart must not change: counts since the start begin anew, and what is learned is known under one name. */
function kept({ id, name, state, cooldowns, disabled }: Credential): unknown {
  return { id, name, state, cooldowns, disabled };
}

function expectSameBooks(rows: readonly Row[], emulator: Emulator, ids: ReadonlySet<string | null>): void {
  const record = emulator.record();
  expect(new Set(rows.map(({ id }) => id))).toEqual(ids);
  expect(rows.every(({ outcome }) => outcome === "ok")).toBe(true);
  const attempts = rows.flatMap((row) => row.attempts);
  const statuses = (list: readonly { status: number | null }[]): string[] =>
    list.map((one) => String(one.status)).toSorted();
  expect(statuses(attempts)).toEqual(statuses(record));
  const sum = (values: (number | undefined)[]): number => values.reduce<number>((all, value) => all + (value ?? 0), 0);
  for (const [ours, theirs] of [
    ["totalTokens", "total"],
    ["promptTokens", "prompt"],
    ["outputTokens", "candidates"],
    ["thoughtsTokens", "thoughts"],
  ] as const)
    expect(sum(rows.map(({ usage }) => usage?.[ours])), ours).toBe(sum(record.map(({ usage }) => usage?.[theirs])));
}
