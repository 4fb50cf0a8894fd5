/**
 * Limits under load: 200 calls at once go over none of them by a single one, and the books agree to the token.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest } from "./support/targets.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const command = new URL("../gateway/bin/gemini-proxy.js", import.meta.url).pathname;
const key = (index: number): string => `AIzaSyLimitsTest-${String(index).padStart(22, "0")}`;
const run = promisify(execFile);

let emulator: Emulator;
let gateway: GatewayUnderTest;
let dataDir: string;
let limited: Record<"requests" | "day" | "open" | "money" | "tokens", string>;

interface Answer {
  status: number;
  headers: Headers;
  body: { usageMetadata?: { totalTokenCount: number }; error?: { details: { reason?: string }[] } };
}

async function call(clientToken: string, text = "Say something"): Promise<Answer> {
  const response = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, {
    method: "POST",
    headers: { "x-goog-api-key": clientToken, "content-type": "application/json" },
    body: JSON.stringify({
      contents: [{ role: "user", parts: [{ text }] }],
      generationConfig: { maxOutputTokens: 50 },
    }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
}

const many = (clientToken: string, count: number): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(clientToken, `Say something about number ${index}`)));
const reasonOf = (answer: Answer): string | undefined => answer.body.error?.details[0]?.reason;

async function createClient(name: string, ...flags: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [command, "clients", "create", "--name", name, "--json", ...flags], {
    env: { ...process.env, DATA_DIR: dataDir },
  });
  return (JSON.parse(stdout) as { key: string }).key;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-limits-"));
  limited = {
    requests: await createClient("requests", "--rpm", "50"),
    day: await createClient("day", "--rpd", "30"),
    open: await createClient("open", "--concurrency", "10"),
    money: await createClient("money", "--budget-day", "0.01"),
    tokens: await createClient("tokens", "--tpm", "5000"),
  };
  emulator = await startEmulator({
    latencyMs: 50,
    projects: Array.from({ length: 5 }, (_, index) => ({
      id: `projects/30${index}`,
      keys: [{ key: key(index) }],
      tier: "free" as const,
      quotas: { "*": { requestsPerMinute: 100, requestsPerDay: 100_000, inputTokensPerMinute: null } },
    })),
  });
  gateway = await startGateway("node24", {
    dataDir,
    environment: {
      GEMINI_API_KEYS: Array.from({ length: 5 }, (_, index) => key(index)).join(","),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      QUOTA_LIMITS: JSON.stringify({ "*": { "*": { rpm: 100, rpd: 100_000 } } }),
    },
  });
}, 90_000);

afterAll(async () => {
  await gateway?.stop();
  await emulator?.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe("200 calls at once", () => {
  it("over 50 requests a minute: exactly 50 pass, the others are told whose limit it is and when to come back", async () => {
    const answers = await many(limited.requests, 200);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(150);
    for (const answer of refused) {
      expect(reasonOf(answer)).toBe("CLIENT_RATE_LIMITED");
      expect(answer.headers.get("x-gproxy-limit")).toBe("local");
      expect(answer.headers.get("x-ratelimit-limit-requests")).toBe("50");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  });

  it("over 30 requests a day: exactly 30 pass", async () => {
    expect((await many(limited.day, 200)).filter(({ status }) => status === 200)).toHaveLength(30);
  });

  it("over 10 open at once: never more than 10 are at Google, and places come free", async () => {
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, emulator.totals().inFlight)), 1);
    const answers = await many(limited.open, 200);
    clearInterval(watch);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(10);
    const passed = answers.filter(({ status }) => status === 200);
    expect(passed.length).toBeGreaterThanOrEqual(10);
    expect(
      answers
        .filter((answer) => answer.status === 429)
        .every((answer) => reasonOf(answer) === "CLIENT_CONCURRENCY_EXCEEDED"),
    ).toBe(true);
    expect((await call(limited.open)).status).toBe(200);
  });

  it("over a budget of one cent: what was spent stays below it", async () => {
    const answers = await many(limited.money, 200);
    expect(answers.some((answer) => answer.status === 429 && reasonOf(answer) === "CLIENT_BUDGET_EXHAUSTED")).toBe(
      true,
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    await until(async () => ((await spent("money")).costUsd > 0 ? true : undefined), "the calls' rows");
    expect((await spent("money")).costUsd).toBeLessThanOrEqual(0.01);
  });

  it("over 5,000 tokens a minute: what was used stays below it", async () => {
    const answers = await many(limited.tokens, 200);
    const used = answers.reduce((sum, { body }) => sum + (body.usageMetadata?.totalTokenCount ?? 0), 0);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(5_000);
  });
});

describe("Google's own limits", () => {
  it("are never overshot: no 429 was drawn, whatever was asked, and the refused are told the pool's reason", async () => {
    const answers = (await Promise.all(Array.from({ length: 4 }, () => many(clientKey, 200)))).flat();
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(reasonOf(answer)).toBe("CREDENTIALS_EXHAUSTED");
      expect(answer.headers.get("x-gproxy-limit")).toBe("upstream");
    }
    expect(emulator.totals().byStatus["429"] ?? 0).toBe(0);
  });

  it("ledger and Google agree to the token", async () => {
    const { requests, tokens } = emulator.totals();
    const stats = await until(async () => {
      const now = await gateway.stats();
      return now.attempts === requests ? now : undefined;
    }, "all rows");
    expect(stats.tokens["prompt"]).toBe(tokens.prompt);
    expect(stats.tokens["total"]).toBe(tokens.total);
    expect(stats.tokens["output"]).toBe(tokens.candidates);
    expect(stats.tokens["thoughts"]).toBe(tokens.thoughts);
    expect(stats.tokens["cached"]).toBe(tokens.cached);
  });
});

// --- helpers ---

async function spent(name: string): Promise<{ costUsd: number }> {
  const { stdout } = await run(process.execPath, [command, "clients", "list", "--json"], {
    env: { ...process.env, DATA_DIR: dataDir },
  });
  const clients = JSON.parse(stdout) as { id: string; name: string }[];
  const id = clients.find((client) => client.name === name)?.id as string;
  return (await gateway.admin(`stats?clientId=${id}`)) as { costUsd: number };
}
