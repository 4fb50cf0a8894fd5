import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/src/emulator.ts";
import type { Emulator } from "../../../../emulator/src/emulator.ts";
import { createCliFolder } from "../../cli/testing.ts";
import { parseSettings } from "../../settings/parse.ts";
import { credentialsFile, idToken } from "../../testkit/account-world.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { startNodeGateway, type NodeGateway } from "../node/start.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const email = "ada@example.com";
const refreshToken = "1//ada-refresh-token-0001";
const text = credentialsFile({ refresh_token: refreshToken, id_token: idToken({ sub: "1", email }) });
const clientKey = "gp-a-client-key-of-some-length";

async function emulate(): Promise<Emulator> {
  const emulator = await startEmulator({
    projects: [{ id: "projects/1001", keys: [{ key: "AIzaSy-key-of-the-second-tier-00000000x" }], tier: "unlimited" }],
    accounts: [{ email, refreshToken, project: "ada-project", quotas: { "*": { requestsPerMinute: null } } }],
  });
  closing.push(() => emulator.close());
  return emulator;
}

function variables(emulator: Emulator, more: Record<string, string> = {}): Record<string, string> {
  return {
    PORT: "0",
    PROXY_API_KEY: clientKey,
    CODE_ASSIST_BASE_URL: emulator.url,
    GOOGLE_OAUTH_BASE_URL: emulator.url,
    GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    CODE_ASSIST_CLIENT_ID: "emulator-client",
    CODE_ASSIST_CLIENT_SECRET: "emulator-secret",
    ...more,
  };
}

async function start(environment: Record<string, string>): Promise<NodeGateway & { logs(): string }> {
  const logger = createKeptLogger();
  const gateway = await startNodeGateway({
    ...parseSettings({ DATA_DIR: mkdtempSync(join(tmpdir(), "gemini-proxy-")), ...environment }),
    logger,
  });
  closing.push(() => gateway.close());
  return { ...gateway, logs: () => JSON.stringify(logger.lines) };
}

async function generate(gateway: NodeGateway, model = "gemini-2.5-pro"): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, {
    method: "POST",
    headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
    body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hello" }] }] }),
  });
  return { status: answer.status, body: await answer.text() };
}

const refreshes = (emulator: Emulator): number => emulator.totals().byAccount[email]?.byOperation["oauthToken"] ?? 0;

describe("a running gateway with an account", () => {
  it("serves calls by it, and tokens that end in the middle of a load cost one refresh and no client's error", async () => {
    const emulator = await emulate();
    const gateway = await start(variables(emulator, { GCP_SERVICE_ACCOUNT: text }));
    const first = await generate(gateway);
    expect(first, first.body).toMatchObject({ status: 200 });
    expect(first.body).toContain("candidates");
    expect(refreshes(emulator)).toBe(1);
    const answers: Promise<{ status: number }>[] = [];
    for (let number = 0; number < 40; number++) {
      if (number === 20) emulator.expireTokens(email);
      answers.push(generate(gateway));
    }
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(refreshes(emulator)).toBe(2);
    expect(gateway.logs()).not.toMatch(/1\/\/|ya29|emulator-secret/);
  });

  it("gives way to a key of the next tier when the account must log in again, and tells why", async () => {
    const emulator = await emulate();
    emulator.setAccount({ email, refreshToken, state: "revoked" });
    const gateway = await start(
      variables(emulator, {
        GCP_SERVICE_ACCOUNT: text,
        GEMINI_API_KEY: JSON.stringify([{ key: "AIzaSy-key-of-the-second-tier-00000000x", tier: 1 }]),
      }),
    );
    expect((await generate(gateway)).status).toBe(200);
    expect((await generate(gateway)).status).toBe(200);
    expect(refreshes(emulator)).toBe(1);
    expect(gateway.logs()).toContain("account.login-needed");
  });

  it("tells a client of accounts alone that they are out, why, and where it says what to do", async () => {
    const emulator = await emulate();
    emulator.setAccount({ email, refreshToken, state: "revoked" });
    const gateway = await start(variables(emulator, { GCP_SERVICE_ACCOUNT: text }));
    const refused = await generate(gateway);
    expect(refused.status).toBe(503);
    expect(refused.body).toContain("'gemini-proxy accounts list'");
    expect(refused.body).toContain("1 logged out");
    expect(refused.body).not.toMatch(/ada@|1\/\/|ya29/);
  });

  it("takes up an account that the command adds, and the tokens of a new log-in after a revocation", async () => {
    const emulator = await emulate();
    const folder = createCliFolder();
    const path = join(folder.path, "oauth_creds.json");
    const environment = variables(emulator, { DATA_DIR: join(folder.path, "data") });
    const gateway = await start(environment);
    expect((await generate(gateway)).status).toBe(503);
    writeFileSync(path, text);
    expect((await folder.run(["accounts", "add", path], { env: environment })).code).toBe(0);
    await until(async () => (await generate(gateway)).status === 200);

    emulator.setAccount({ email, refreshToken, state: "revoked" });
    expect((await generate(gateway)).status).toBe(503);
    const listed = await folder.run(["accounts", "list", "--json"], { env: environment });
    expect(listed.json()).toMatchObject([{ lastError: expect.stringContaining("Log in again") }]);

    emulator.setAccount({ email, refreshToken: "1//ada-refresh-token-0002" });
    writeFileSync(
      path,
      credentialsFile({ refresh_token: "1//ada-refresh-token-0002", id_token: idToken({ sub: "1", email }) }),
    );
    expect((await folder.run(["accounts", "add", path], { env: environment })).code).toBe(0);
    await until(async () => (await generate(gateway)).status === 200);
  });
});

/** The gateway looks at the store each second. */
async function until(check: () => Promise<boolean>): Promise<void> {
  for (let time = 0; time < 100; time++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not come.");
}
