import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createIdMaker } from "../../core/ids.ts";
import type { CallRecord } from "../../core/records.ts";
import { nodeRandom } from "../../hosts/node/ports.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { PricedCall, Store } from "../../storage/types.ts";
import { createCliFolder, finish } from "../testing.ts";
import type { CliFolder } from "../testing.ts";

const toId = createIdMaker(nodeRandom);
const minute = 60_000;

function call(
  minutesAgo: number,
  change: Partial<CallRecord> = {},
  costNanoUsd: number | null = 1_500_000,
): PricedCall {
  const startedAt = Date.now() - minutesAgo * minute;
  const usage = {
    promptTokens: 10,
    cachedTokens: 4,
    outputTokens: 5,
    thoughtsTokens: 3,
    toolUseTokens: 0,
    totalTokens: 18,
    modalities: null,
    serviceTier: null,
  };
  const attempt = {
    credentialId: "cred_00000000000000aa",
    projectId: "projects/1",
    durationMicros: 900_000,
    firstByteMicros: 300_000,
    finishReason: null,
    modelServed: null,
    usage: null,
  };
  const record: CallRecord = {
    id: toId(startedAt),
    startedAt,
    clientId: "client_0000000000000001",
    dialect: "gemini",
    backend: "gemini-api",
    operation: "generate",
    method: "POST",
    path: "/v1beta/models/gemini-3.8-flash:generateContent",
    modelAsked: "gemini-3.8-flash",
    modelServed: "gemini-3.8-flash",
    stream: false,
    status: 200,
    outcome: "ok",
    errorCode: null,
    finishReason: "STOP",
    usage,
    firstByteMicros: 1_200_000,
    totalMicros: 2_100_000,
    overheadMicros: 800,
    requestBytes: 200,
    responseBytes: 400,
    attempts: [
      {
        ...attempt,
        number: 1,
        offsetMicros: 500,
        status: 429,
        rule: "quota.minute",
        fault: "project",
        words: "Quota exceeded.\u001B[31m",
      },
      {
        ...attempt,
        number: 2,
        offsetMicros: 950_000,
        status: 200,
        rule: "ok",
        fault: "none",
        words: null,
        finishReason: "STOP",
        usage,
      },
    ],
    ...change,
  };
  return { record, costNanoUsd, attemptCosts: record.attempts.map((_, index) => (index === 1 ? costNanoUsd : null)) };
}

async function fill(folder: CliFolder, calls: readonly PricedCall[]): Promise<Store> {
  mkdirSync(join(folder.path, "data"), { recursive: true });
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  await store.ledger.insert(calls);
  return store;
}

describe("gemini-proxy logs and stats", () => {
  const folder = createCliFolder();
  const old = call(180);
  const failed = call(
    20,
    { status: 429, outcome: "error", modelAsked: "gemini-4-neon", modelServed: null, usage: null, attempts: [] },
    null,
  );
  const recent = call(5);

  beforeAll(async () => {
    const store = await fill(folder, [old, failed, recent]);
    await store.clients.add({
      id: "client_0000000000000001",
      name: "app",
      digest: "d",
      prefix: "gp-aaaa",
      source: "stored",
      enabled: true,
      expiresAt: null,
      allowedModels: null,
      createdAt: 1,
    });
    await store.close();
  });

  const idsOf = async (...words: string[]): Promise<string[]> =>
    (await folder.run(["logs", "list", "--json", ...words])).json<{ id: string }[]>().map(({ id }) => id);

  it("lists newest first, with every filter, and pages", async () => {
    const [o, f, r] = [old.record.id, failed.record.id, recent.record.id];
    expect(await idsOf()).toEqual([r, f, o]);
    expect(await idsOf("--since", "1h")).toEqual([r, f]);
    expect(await idsOf("--until", "1h")).toEqual([o]);
    expect(await idsOf("--status", "429")).toEqual([f]);
    expect(await idsOf("--outcome", "error")).toEqual([f]);
    expect(await idsOf("--model", "gemini-4-neon")).toEqual([f]);
    expect(await idsOf("--client", "app", "--limit", "1")).toEqual([r]);
    expect(await idsOf("--key", "cred_00000000000000aa")).toEqual([r, o]);
    expect(await idsOf("--before", f)).toEqual([o]);
  });

  it("gives a row a call with its attempts and their cost", async () => {
    const [row] = (await folder.run(["logs", "list", "--json", "--limit", "1"])).json<Record<string, unknown>[]>();
    expect(row).toMatchObject({ id: recent.record.id, status: 200, costUsd: 0.0015, usage: { totalTokens: 18 } });
    expect(row?.["attempts"]).toMatchObject([
      { number: 1, rule: "quota.minute", costUsd: null },
      { number: 2, rule: "ok", costUsd: 0.0015 },
    ]);
  });

  it("prints aligned tables without colours into a pipe", async () => {
    const { stdout } = await folder.run(["logs", "list"]);
    const [head = "", ...lines] = stdout.trimEnd().split("\n");
    expect(head.split(/ {2,}/)).toEqual([
      "TIME",
      "ID",
      "STATUS",
      "OUTCOME",
      "MODEL",
      "CLIENT",
      "TRIES",
      "IN",
      "OUT",
      "COST",
      "FIRST",
      "TOTAL",
    ]);
    expect(lines).toHaveLength(3);
    expect(lines.map((line) => line.indexOf("app"))).toEqual(lines.map(() => head.indexOf("CLIENT")));
    expect(stdout).not.toContain("\u001B");
  });

  it("shows one call with its attempts and lets no terminal codes through", async () => {
    const { stdout, code } = await folder.run(["logs", "show", recent.record.id]);
    expect(code).toBe(0);
    expect(stdout).toContain("18 (prompt 10, of it cached 4, output 5, thoughts 3)");
    expect(stdout).toContain("Try 1: Quota exceeded.");
    expect(stdout).not.toContain("\u001B");
    expect((await folder.run(["logs", "show", "nothing"])).code).toBe(1);
  });

  it("sums up, also by model, and does not take unknown cost for zero", async () => {
    const sums = (await folder.run(["stats", "--json"])).json<Record<string, unknown>>();
    expect(sums).toMatchObject({ calls: 3, attempts: 4, errors: 1, costUsd: 0.003, callsWithoutCost: 1 });
    expect(sums["tokens"]).toEqual({ prompt: 20, cached: 8, output: 10, thoughts: 6, toolUse: 0, total: 36 });
    const by = (await folder.run(["stats", "--by", "client", "--since", "1h", "--json"])).json<{ groups: unknown[] }>();
    expect(by).toMatchObject({ calls: 2, by: "client", groups: [{ name: "app", calls: 2 }] });
    expect((await folder.run(["stats", "--by", "model"])).stdout).toMatch(/gemini-4-neon +1/);
  });

  it("refuses filters that it cannot read", async () => {
    for (const words of [
      ["--since", "yesterday"],
      ["--status", "abc"],
      ["--outcome", "fine"],
      ["--client", "nobody"],
      ["--limit", "0"],
    ])
      expect((await folder.run(["logs", "list", ...words])).code).toBe(2);
  });
});

it("tails calls as they are recorded, also those that began before others", async () => {
  const folder = createCliFolder();
  const known = call(3);
  const store = await fill(folder, [known]);
  const slow = call(2);
  const tail = folder.spawn(["logs", "tail", "--json"]);
  const ended = finish(tail);
  const seen: string[] = [];
  const waitFor = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (seen.includes(id)) resolve();
      };
      tail.stdout?.on("data", (text: string) => {
        for (const line of text.trimEnd().split("\n")) seen.push((JSON.parse(line) as { id: string }).id);
        look();
      });
      look();
    });
  await waitFor(known.record.id);
  const fresh = call(0);
  await store.ledger.insert([fresh]);
  await waitFor(fresh.record.id);
  await store.ledger.insert([slow]);
  await waitFor(slow.record.id);
  tail.kill("SIGINT");
  expect((await ended).code).toBe(0);
  await store.close();
});
