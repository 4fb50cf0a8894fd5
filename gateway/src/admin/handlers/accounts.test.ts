import { afterEach, describe, expect, it } from "vitest";
import { toSecret } from "../../core/secret.ts";
import { disable, judged } from "../../pool/pool-fixture.ts";
import {
  accountOf,
  createAccountsWorld,
  fileOf,
  refreshTokenOf,
  type AccountsWorld,
} from "../../testkit/admin-accounts.ts";
import { geminiKey } from "../../testkit/admin-resources.ts";
import type { Caller } from "../../testkit/admin-world.ts";

let world: AccountsWorld;
afterEach(() => world.close());

const unset = { CODE_ASSIST_CLIENT_ID: "", CODE_ASSIST_CLIENT_SECRET: "" };

async function add(name: string, more: Record<string, unknown> = {}): Promise<string> {
  world.secrets.add(`ya29.${name}-first-access-token`);
  const answer = await world.request("POST", "/accounts", { body: { text: fileOf(name), ...more } });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.credential.id;
}

async function one(id: string): Promise<Record<string, unknown>> {
  world.clock.advance(1_000);
  return (await world.request("GET", `/credentials/${id}`, { as: "viewer" })).body.credential;
}

async function check(id: string): Promise<Record<string, unknown>> {
  return (await world.request("POST", `/credentials/${id}/check`)).body;
}

describe("adding an account", () => {
  it("takes the content of oauth_creds.json, seals it, and the pool has it at once beside keys", async () => {
    world = await createAccountsWorld({
      accounts: [accountOf("ada")],
      environment: { GEMINI_API_KEY: geminiKey("k") },
    });
    const revision = await world.store.revision.get();
    const body = { text: fileOf("ada"), tier: 2, weight: 3, cloudProject: "my-project", proxy: "http://u:hunter2@h:1" };
    world.secrets.add("hunter2").add("ya29.ada-first-access-token");
    const added = await world.request("POST", "/accounts", { body });
    expect(added.body).toMatchObject({
      status: "added",
      warnings: [],
      credential: {
        kind: "code-assist",
        name: "ada@example.com",
        masked: "ada@example.com",
        tier: 2,
        weight: 3,
        proxy: "http://…@h:1",
        state: "active",
        account: { email: "ada@example.com", wantedProject: "my-project", cloudProject: null, lastError: null },
      },
    });
    expect(await world.store.revision.get()).toBeGreaterThan(revision);
    expect(JSON.stringify(await world.store.credentials.list())).not.toMatch(/1\/\/|ya29|hunter2/);
    world.clock.advance(1_000);
    const { rows } = (await world.request("GET", "/pool")).body;
    expect(rows.map(({ kind, masked }: Record<string, string>) => `${kind} ${masked}`)).toEqual([
      "api-key AIza…xxxx",
      "code-assist ada@example.com",
    ]);
    for (const [query, total] of [
      ["kind=code-assist", 1],
      ["kind=api-key", 1],
      ["search=ADA@example", 1],
      ["search=example.com&kind=api-key", 0],
    ] as const)
      expect((await world.request("GET", `/credentials?${query}`)).body.matching).toBe(total);
  });

  it("gives an account that is here already its new tokens, keeps what was chosen, and puts it back into use", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const id = await add("ada", { tier: 4, cloudProject: "mine-1" });
    const at = world.clock.now();
    judged(world.state.pool, id, { now: at, effects: [disable({ reason: "login-needed", words: "Log in again." })] });
    expect(await one(id)).toMatchObject({ state: "disabled" });
    const again = await world.request("POST", "/accounts", { body: { text: fileOf("ada") } });
    expect(again.body).toMatchObject({
      status: "updated",
      credential: { id, tier: 4, state: "active", disabled: null, account: { wantedProject: "mine-1" } },
    });
    expect((await world.request("GET", "/credentials")).body.total).toBe(1);
  });

  it("refuses what is no account with the reason, and tells nothing of what it was", async () => {
    world = await createAccountsWorld({ accounts: [] });
    world.secrets.add("MIIEvQIBADANBgkqh");
    const key = JSON.stringify({ type: "service_account", private_key: "MIIEvQIBADANBgkqh" });
    for (const [text, reason] of [
      ["nonsense MIIEvQIBADANBgkqh", "not the JSON content of oauth_creds.json"],
      [key, "service account's key"],
      ["{}", "neither a refresh_token nor an access_token"],
      [JSON.stringify({ installed: {} }), "CODE_ASSIST_CLIENT_ID"],
      [JSON.stringify({ refresh_token: "1//with blank MIIEvQIBADANBgkqh" }), "blanks"],
    ] as const)
      expect((await world.request("POST", "/accounts", { body: { text } })).body.error).toMatchObject({
        code: "body_invalid",
        field: "body.text",
        message: expect.stringContaining(reason),
      });
    for (const [more, field] of [
      [{ cloudProject: "123456" }, "cloudProject"],
      [{ proxy: "ftp://x" }, "proxy"],
      [{ name: refreshTokenOf("ada") }, "name"],
    ] as const)
      expect(
        (await world.request("POST", "/accounts", { body: { text: fileOf("ada"), ...more } })).body.error,
      ).toMatchObject({ code: "body_invalid", field: `body.${field}` });
    expect(await world.store.credentials.list()).toEqual([]);
  });

  it("is not done by an import of keys, which says where it belongs", async () => {
    world = await createAccountsWorld({ accounts: [] });
    const refused = await world.request("POST", "/credentials/import", { body: { text: `\n${fileOf("ada")}\n` } });
    expect(refused.body.error).toMatchObject({ field: "body.text", next: expect.stringContaining("/accounts") });
    expect(await world.store.credentials.list()).toEqual([]);
  });

  it("warns of an account that cannot be refreshed", async () => {
    world = await createAccountsWorld({ accounts: [], environment: unset });
    const text = fileOf("ada", { refresh_token: undefined, expiry_date: world.clock.now() + 60_000 });
    const { warnings, credential } = (await world.request("POST", "/accounts", { body: { text } })).body;
    expect(warnings).toEqual([
      expect.stringContaining("no refresh token"),
      expect.stringMatching(/CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET/),
    ]);
    expect(credential.account.tokenExpiresAt).toBe(world.clock.now() + 60_000);
  });
});

describe("checking an account", () => {
  it("tells licence, project and the token's end, or what its owner must do, with Google's link", async () => {
    world = await createAccountsWorld({
      accounts: [
        accountOf("ada"),
        accountOf("ida", { state: "unsupported-client" }),
        accountOf("eva", { state: "validation-required" }),
        accountOf("ron", { state: "revoked" }),
      ],
    });
    const ids = new Map<string, string>();
    for (const name of ["ada", "ida", "eva", "ron"]) ids.set(name, await add(name));
    const checked = async (name: string): Promise<Record<string, unknown>> => check(ids.get(name) ?? "");
    expect(await checked("ada")).toMatchObject({
      result: "ok",
      words: null,
      account: {
        email: "ada@example.com",
        tier: "standard-tier",
        cloudProject: "ada-project",
        tokenExpiresAt: world.clock.now() + 3_599_000,
        lastRefreshAt: world.clock.now(),
      },
    });
    expect(await checked("ida")).toMatchObject({
      result: "not-eligible",
      words: expect.stringContaining("Standard and Enterprise"),
      account: { lastError: expect.stringContaining("Standard and Enterprise") },
    });
    const eva = await checked("eva");
    expect(eva).toMatchObject({ result: "not-eligible", outside: expect.stringMatching(/^https:\/\/\S+$/) });
    expect(String(eva["words"])).toContain(String(eva["outside"]));
    expect(await checked("ron")).toMatchObject({ result: "login-needed", putBack: false });
    const bulk = await world.request("POST", "/credentials/bulk", {
      body: { ids: [...ids.values()], action: "check" },
    });
    const results = Object.fromEntries(
      bulk.body.results.map(({ id, status }: { id: string; status: string }) => [id, status]),
    );
    expect([...ids].map(([name, id]) => `${name} ${results[id]}`)).toEqual([
      "ada ok",
      "ida not-eligible",
      "eva not-eligible",
      "ron login-needed",
    ]);
  });

  it("puts one that is in order again back into use, and leaves other disables alone", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const id = await add("ada");
    const { pool } = world.state;
    judged(pool, id, { now: world.clock.now(), effects: [disable({ reason: "not-eligible" })] });
    world.clock.advance(1_000);
    expect(await check(id)).toMatchObject({ result: "ok", putBack: true });
    expect(await one(id)).toMatchObject({ state: "active" });
    judged(pool, id, { now: world.clock.now(), effects: [disable({ reason: "denied" })] });
    world.clock.advance(1_000);
    expect(await check(id)).toMatchObject({ result: "ok", putBack: false });
    expect(await one(id)).toMatchObject({ state: "disabled" });
  });
});

describe("the quota of an account", () => {
  it("is what Google counts, for viewers too, and Google is asked once in 20 seconds", async () => {
    world = await createAccountsWorld({
      accounts: [accountOf("ada")],
      environment: { GEMINI_API_KEY: geminiKey("k") },
    });
    const id = await add("ada");
    const read = async () => (await world.request("GET", `/accounts/${id}/quota`, { as: "viewer" })).body;
    const { buckets, words } = await read();
    expect(words).toBeNull();
    expect(buckets).toContainEqual({
      model: "gemini-2.5-pro",
      unit: expect.any(String),
      remaining: expect.any(Number),
      fraction: 1,
      resetAt: expect.any(Number),
    });
    const asked = (): number =>
      world.google.record().filter(({ operation }) => operation === "retrieveUserQuota").length;
    await read();
    expect(asked()).toBe(1);
    world.clock.advance(20_000);
    await read();
    expect(asked()).toBe(2);
    const [key] = (await world.request("GET", "/credentials?kind=api-key")).body.credentials;
    expect((await world.request("GET", `/accounts/${key.id}/quota`)).status).toBe(404);
  });

  it("of one that is off or out of use is not asked for, and says why", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const id = await add("ada");
    const read = async () => (await world.request("GET", `/accounts/${id}/quota`)).body;
    await world.request("PATCH", `/credentials/${id}`, { body: { enabled: false } });
    expect(await read()).toMatchObject({ buckets: [], words: "The account is switched off." });
    await world.request("PATCH", `/credentials/${id}`, { body: { enabled: true } });
    const now = world.clock.now();
    judged(world.state.pool, id, { now, effects: [disable({ reason: "login-needed", words: "Log in again." })] });
    world.clock.advance(1_000);
    expect(await read()).toMatchObject({ buckets: [], words: "Log in again." });
    expect(world.google.record()).toEqual([]);
  });
});

describe("changing accounts", () => {
  it("works as with keys, one by one and many at once", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada"), accountOf("bob")] });
    const [ada, bob] = [await add("ada"), await add("bob")];
    const changed = await world.request("PATCH", `/credentials/${ada}`, { body: { tier: 5, name: "work" } });
    expect(changed.body).toMatchObject({ tier: 5, name: "work", kind: "code-assist" });
    const ids = [ada, bob];
    const bulk = async (action: string) =>
      (await world.request("POST", "/credentials/bulk", { body: { ids, action } })).body.changed;
    expect(await bulk("disable")).toBe(2);
    expect(await one(bob)).toMatchObject({ state: "off" });
    expect(await bulk("enable")).toBe(2);
    expect((await check(ada))["result"]).toBe("ok");
    expect(await bulk("remove")).toBe(2);
    expect((await world.request("GET", "/credentials")).body.total).toBe(0);
  });

  it("another project is asked for at once, and the tokens stay", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada", { tellsProject: false })] });
    const id = await add("ada");
    expect(await check(id)).toMatchObject({
      result: "not-eligible",
      words: expect.stringContaining("GEMINI_PROJECT_ID"),
    });
    const path = `/credentials/${id}`;
    expect((await world.request("PATCH", path, { body: { cloudProject: "42" } })).body.error).toMatchObject({
      field: "body.cloudProject",
    });
    const { body } = await world.request("PATCH", path, { body: { cloudProject: "ada-project" } });
    expect(body.account).toMatchObject({ wantedProject: "ada-project" });
    expect(await check(id)).toMatchObject({ result: "ok", account: { cloudProject: "ada-project" } });
    expect(
      (await world.request("PATCH", path, { body: { cloudProject: null } })).body.account.wantedProject,
    ).toBeNull();
  });

  it("refuses what only keys or only accounts have", async () => {
    world = await createAccountsWorld({
      accounts: [accountOf("ada")],
      environment: { GEMINI_API_KEY: geminiKey("k") },
    });
    const id = await add("ada");
    const [key] = (await world.request("GET", "/credentials?kind=api-key")).body.credentials;
    for (const [target, body, field] of [
      [id, { baseUrl: "https://elsewhere.example" }, "baseUrl"],
      [key.id, { cloudProject: "my-project" }, "cloudProject"],
    ] as const)
      expect((await world.request("PATCH", `/credentials/${target}`, { body })).body.error).toMatchObject({
        code: "body_invalid",
        field: `body.${field}`,
      });
  });

  it("the account of the environment can be switched off and on without losing its tokens, and not removed", async () => {
    world = await createAccountsWorld({
      accounts: [accountOf("ada", { rotatesRefreshToken: true })],
      environment: { GCP_SERVICE_ACCOUNT: fileOf("ada") },
    });
    const [given] = (await world.request("GET", "/credentials")).body.credentials;
    expect(given).toMatchObject({ kind: "code-assist", source: "env", account: { email: "ada@example.com" } });
    const path = `/credentials/${given.id}`;
    expect((await world.request("PATCH", path, { body: { enabled: false } })).body.state).toBe("off");
    expect((await world.request("PATCH", path, { body: { enabled: true, tier: 3 } })).body).toMatchObject({
      state: "active",
      tier: 3,
    });
    expect(await check(given.id)).toMatchObject({ result: "ok" });
    // The refresh gave another refresh token, which only the store has.
    await world.request("PATCH", path, { body: { enabled: false } });
    await world.request("PATCH", path, { body: { enabled: true } });
    world.clock.advance(1_000);
    expect(await check(given.id)).toMatchObject({ result: "ok", account: { cloudProject: "ada-project" } });
    expect((await world.request("DELETE", path)).body.error).toMatchObject({
      code: "source_environment",
      next: expect.stringContaining("GCP_SERVICE_ACCOUNT"),
    });
    expect((await world.request("PATCH", path, { body: { cloudProject: "other-project" } })).body.error).toMatchObject({
      code: "source_environment",
    });
  });

  it("no export has an account", async () => {
    world = await createAccountsWorld({
      accounts: [accountOf("ada")],
      environment: { GEMINI_API_KEY: geminiKey("k") },
    });
    const id = await add("ada");
    for (const body of [{ mode: "masked" }, { mode: "encrypted", passphrase: "correct horse battery" }]) {
      const exported = await world.request("POST", "/credentials/export", { body });
      expect(exported.body).toMatchObject({ count: 1, accountsLeftOut: 1 });
      if (body.mode === "masked") expect(exported.body.text).not.toContain("ada@example.com");
    }
    const only = await world.request("POST", "/credentials/export", { body: { mode: "masked", ids: [id] } });
    expect(only.body).toMatchObject({ count: 0, accountsLeftOut: 1 });
  });
});

describe("attention", () => {
  it("names each account that waits for its owner, with Google's words and its link", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada"), accountOf("bob"), accountOf("cy")] });
    const [ada, bob, cy] = [await add("ada"), await add("bob"), await add("cy")];
    const { pool } = world.state;
    const now = world.clock.now();
    const out = (id: string, rule: string, more: Parameters<typeof disable>[0]): void => {
      const projectId = pool.ownerProject({ credentialId: id, projectId: "" }) ?? "";
      const lease = { credentialId: id, credentialName: id, projectId, secret: toSecret("") };
      pool.apply({ lease, model: "m", rule, effects: [disable(more)], consumer: null, limits: [], now });
    };
    out(ada, "account.login-needed", { reason: "login-needed", words: "Google says: revoked." });
    const words = "Google says: validate. Its owner must open https://accounts.google.com/validate?x=1. Thanks";
    out(bob, "account.validation-required", { reason: "not-eligible", words });
    out(cy, "account.client-missing", { reason: "login-needed", words: "set CODE_ASSIST_CLIENT_ID" });
    world.clock.advance(1_000);
    const { items } = (await world.request("GET", "/attention", { as: "viewer" })).body;
    const told = items.filter(({ code }: { code: string }) => code.startsWith("accounts."));
    expect(told).toMatchObject([
      { code: "accounts.client", outside: null, link: "/ui/settings?search=CODE_ASSIST_CLIENT" },
      {
        code: "accounts.login-needed",
        title: "Account ada@example.com must log in again",
        detail: "Google says: revoked.",
        link: `/ui/pool?credential=${ada}`,
        outside: null,
      },
      { code: "accounts.not-eligible", detail: words, outside: "https://accounts.google.com/validate?x=1" },
    ]);
    expect(items.some(({ code }: { code: string }) => code === "credentials.disabled")).toBe(false);
  });
});

it("no answer, log line or audit line of any of these routes has a token, code or secret", async () => {
  world = await createAccountsWorld({
    accounts: [
      accountOf("ada"),
      accountOf("ron", { state: "revoked" }),
      accountOf("eva", { state: "validation-required" }),
    ],
    environment: { GCP_SERVICE_ACCOUNT: fileOf("eva"), DEBUG: "on" },
  });
  for (const name of ["ada", "ron", "eva"]) world.secrets.add(`ya29.${name}-first-access-token`);
  const callers: Caller[] = [
    "admin",
    "admin-token",
    "viewer",
    "viewer-token",
    "nobody",
    "wrong-token",
    "admin-without-csrf",
  ];
  const ids = [await add("ada"), await add("ron")];
  const login = (await world.request("POST", "/accounts/login", { as: "admin", body: {} })).body;
  const sent = await world.agree(login.url);
  const requests: [string, string, unknown?][] = [
    ["POST", "/accounts", { text: fileOf("ada") }],
    ["POST", "/accounts", { text: `x${fileOf("ron")}` }],
    ["POST", "/accounts", { text: fileOf("ron"), name: refreshTokenOf("ron"), extra: refreshTokenOf("ron") }],
    ["POST", "/accounts/login/complete", { state: "of nobody", code: sent.href }],
    ["POST", "/accounts/login/complete", { state: login.state, code: `${sent.searchParams.get("code")}cut` }],
    ["POST", "/accounts/login/complete", { state: login.state, code: sent.href, name: "logged in" }],
    ["GET", "/credentials"],
    ["GET", "/pool"],
    ["GET", "/attention"],
    ...ids.flatMap((id): [string, string, unknown?][] => [
      ["POST", `/credentials/${id}/check`],
      ["GET", `/accounts/${id}/quota`],
      ["GET", `/credentials/${id}`],
    ]),
    ["POST", "/credentials/bulk", { ids, action: "check" }],
    ["POST", "/credentials/export", { mode: "masked" }],
    ["GET", "/audit"],
    ["GET", "/settings"],
  ];
  // Each answer is searched for secrets by the world.
  for (const as of callers)
    for (const [method, path, body] of requests)
      expect(await world.request(method, path, { as, body }), `${as} ${method} ${path}`).toHaveProperty("status");
  const kept = JSON.stringify([
    world.logger.lines,
    await world.store.administration.audit.list({ limit: 500 }),
    await world.store.health.list(),
    await world.store.credentials.list(),
  ]);
  expect(world.secrets.size).toBeGreaterThan(8);
  for (const secret of world.secrets) expect(kept).not.toContain(secret);
  expect(kept).not.toMatch(/ya29\.\w{4}|1\/\/\w|eyJ/);
  expect(kept).toContain("accounts.login-complete");
});
