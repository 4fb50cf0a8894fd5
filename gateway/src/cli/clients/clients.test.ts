import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createCliFolder } from "../testing.ts";

it("makes a client key, shows it once, keeps only its digest, and revokes it", async () => {
  const folder = createCliFolder();
  const made = await folder.run([
    "clients",
    "create",
    "--name",
    "app",
    "--models",
    "models/gemini-3.8-flash, gemini-4-*",
    "--expires",
    "30d",
  ]);
  const plain = /gp-[\w-]{20,}/.exec(made.stdout)?.[0] ?? "";
  expect(made.stdout).toContain(`curl -H 'x-goog-api-key: ${plain}' http://127.0.0.1:8787/v1beta/models`);
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  const [row] = await store.clients.list();
  expect(row).toMatchObject({
    name: "app",
    digest: createHash("sha256").update(plain).digest("hex"),
    prefix: plain.slice(0, 7),
    allowedModels: ["gemini-3.8-flash", "gemini-4-*"],
    enabled: true,
  });
  expect(row?.expiresAt ?? 0).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  const listed = await folder.run(["clients", "list"], { env: { PROXY_API_KEY: "a-client-key-of-the-environment" } });
  expect(listed.stdout).toMatch(/client_env_1 .*PROXY_API_KEY/);
  expect(listed.stdout).not.toContain(plain);

  const revision = await store.revision.get();
  expect((await folder.run(["clients", "revoke", "app"])).code).toBe(2);
  expect((await folder.run(["clients", "revoke", plain.slice(0, 7), "--yes"])).stdout).toContain(
    "Revoked client key 'app'",
  );
  expect(await store.revision.get()).toBeGreaterThan(revision);
  expect((await folder.run(["clients", "list", "--json"])).json()).toMatchObject([{ name: "app", state: "revoked" }]);
  await store.close();
});

it("refuses a name that is taken, and says what to write instead", async () => {
  const folder = createCliFolder();
  expect((await folder.run(["clients", "create", "--json"])).json()).toMatchObject({
    name: "client-1",
    models: null,
    expiresAt: null,
    limits: null,
  });
  const result = await folder.run(["clients", "create", "--name", "client-1"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("is taken");
  expect(result.stderr).toContain("next:  Choose another --name.");
  expect((await folder.run(["clients", "revoke", "nobody", "--yes"])).stderr).toContain("There is no client key");
});

it("makes a client key with limits, changes them one by one, and takes them away", async () => {
  const folder = createCliFolder();
  const made = await folder.run(
    wordsOf(`clients create --name app --rpm 60 --tpm=250k --budget-day $5 --budget-month=0.5 --ip 10.0.0.0/8
      --ip=2001:db8::/32 --alias fast=gemini-3.8-flash --alias=best=gemini-4-neon --shared --json`),
  );
  expect(made.json()).toMatchObject({
    name: "app",
    limits: {
      requestsPerMinute: 60,
      requestsPerDay: null,
      tokensPerMinute: 250_000,
      concurrency: null,
      budgets: { day: 5, week: null, month: 0.5, total: null },
    },
    ipRanges: ["10.0.0.0/8", "2001:db8::/32"],
    aliases: { fast: "gemini-3.8-flash", best: "gemini-4-neon" },
    resourceScope: "shared",
  });
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  const revision = await store.revision.get();
  const changed = await folder.run(
    wordsOf("clients update app --rpm none --no-budget-month --rpd 1000 --no-ip --own --name renamed"),
  );
  expect(changed.stdout).toContain("limits     1k rpd, 250k tpm, $5.00/day");
  expect(await store.revision.get()).toBeGreaterThan(revision);
  const [row] = await store.clients.list();
  expect(row).toMatchObject({
    name: "renamed",
    limits: { requestsPerDay: 1_000, tokensPerMinute: 250_000, budgets: { day: 5 } },
    ipRanges: null,
    aliases: { fast: "gemini-3.8-flash", best: "gemini-4-neon" },
    resourceScope: "own",
  });
  expect((await folder.run(["clients", "list"])).stdout).toMatch(/renamed .*1k rpd, 250k tpm, \$5\.00\/day/);
  const nothing = await folder.run(["clients", "update", "renamed"]);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("nothing to change")]);
  await store.close();
});

it("shows what a client key has used, as bars and as JSON", async () => {
  const folder = createCliFolder();
  const made = await folder.run([
    "clients",
    "create",
    "--name",
    "app",
    "--rpd",
    "200",
    "--budget-total",
    "4",
    "--json",
  ]);
  const { id: clientId } = made.json<{ id: string }>();
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const used = { clientId, requests: 50, tokens: 1_234, costNanoUsd: 3_000_000_000 };
  await store.clientUsage.write([
    { ...used, window: "total", windowStart: 0 },
    // A day that is over.
    { ...used, window: "day", windowStart: midnight - 86_400_000 },
  ]);
  await store.close();
  const shown = await folder.run(["clients", "usage"]);
  expect(shown.stdout).toMatch(/^app \(client_\w+\)\n/);
  expect(shown.stdout).toMatch(/in all +\$3\.00 of \$4\.00 +50 +1234 +████████░░ 75 % +never/);
  expect(shown.stdout).toMatch(/day +\$0\.00 +0 of 200 +0 +░{10} 0 %/);
  const [first] = (await folder.run(["clients", "usage", "app", "--json"])).json<{ usage: unknown[] }[]>();
  expect(first?.usage).toContainEqual({
    window: "total",
    start: 0,
    end: null,
    requests: 50,
    requestLimit: null,
    tokens: 1_234,
    costUsd: 3,
    budgetUsd: 4,
  });
  const whole = (await folder.run(["clients", "show", "app", "--json"])).json();
  expect(whole).toMatchObject({ id: clientId, limits: { requestsPerDay: 200 }, usage: first?.usage });
});

it("refuses to change a key of the environment, and names the variable", async () => {
  const folder = createCliFolder();
  const result = await folder.run(["clients", "update", "env-1", "--rpm", "5"], {
    env: { PROXY_API_KEY: "secret-key" },
  });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("where: PROXY_API_KEY");
  expect(result.stderr).not.toContain("secret-key");
});

// --- helpers ---

function wordsOf(line: string): string[] {
  return line.split(/\s+/);
}
