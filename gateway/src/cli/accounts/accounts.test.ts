import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/src/emulator.ts";
import type { Emulator } from "../../../../emulator/src/emulator.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { credentialsFile, idToken } from "../../testkit/account-world.ts";
import { createCliFolder, finish } from "../testing.ts";

let emulator: Emulator;
let env: Record<string, string>;
const secrets = /1\/\/|ya29|emulator-secret|eyJ/;

beforeAll(async () => {
  emulator = await startEmulator({
    accounts: [
      { email: "ada@example.com", refreshToken: "1//ada-refresh-token-0001", project: "ada-project" },
      { email: "ida@example.com", refreshToken: "1//ida-refresh-token-0001", state: "unsupported-client" },
      { email: "eva@example.com", refreshToken: "1//eva-refresh-token-0001", state: "validation-required" },
      { email: "ron@example.com", refreshToken: "1//ron-refresh-token-0001", state: "revoked" },
    ],
  });
  env = {
    CODE_ASSIST_BASE_URL: emulator.url,
    GOOGLE_OAUTH_BASE_URL: emulator.url,
    CODE_ASSIST_CLIENT_ID: "emulator-client",
    CODE_ASSIST_CLIENT_SECRET: "emulator-secret",
  };
});
afterAll(() => emulator.close());

/** What another program's log-in left. */
function fileOf(name: string, more: Record<string, unknown> = {}): string {
  const email = `${name}@example.com`;
  return credentialsFile({
    refresh_token: `1//${name}-refresh-token-0001`,
    id_token: idToken({ sub: `sub-${name}`, email }),
    ...more,
  });
}

describe("gemini-proxy accounts", () => {
  it("adds an account once, gives it new tokens, lists it without them, and removes it", async () => {
    const folder = createCliFolder();
    const path = join(folder.path, "oauth_creds.json");
    writeFileSync(path, fileOf("ada"));
    const added = await folder.run(["accounts", "add", path, "--tier", "1", "--project", "mine"], { env });
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Added account 'ada@example\.com', cred_/) });
    const again = await folder.run(["accounts", "add", "-", "--json"], { env, input: fileOf("ada") });
    expect(again.json()).toMatchObject({ status: "updated", name: "ada@example.com", inEnvironment: false });
    const listed = await folder.run(["accounts", "list", "--json"]);
    expect(listed.json()).toMatchObject([
      { email: "ada@example.com", source: "stored", tier: 1, wantedProject: "mine", state: "active", licence: null },
    ]);
    const table = await folder.run(["accounts", "list"]);
    expect(table.stdout).toMatch(/EMAIL .*\n.*ada@example\.com/);
    for (const { stdout, stderr } of [added, again, listed, table]) expect(stdout + stderr).not.toMatch(secrets);
    // Keys and accounts do not see each other.
    expect((await folder.run(["keys", "list", "--json"])).json()).toEqual([]);
    expect((await folder.run(["accounts", "remove", "ada@example.com"])).code).toBe(2);
    const removed = await folder.run(["accounts", "remove", "ada@example.com", "--yes", "--json"]);
    expect(removed.json()).toMatchObject({ dryRun: false, removed: [{ email: "ada@example.com" }] });
    expect((await folder.run(["accounts", "list", "--json"])).json()).toEqual([]);
  });

  it("what is left of an account that the environment gave is told of, and can be removed", async () => {
    const folder = createCliFolder();
    const given = { ...env, GCP_SERVICE_ACCOUNT: fileOf("ada") };
    expect((await folder.run(["accounts", "check"], { env: given })).code).toBe(0);
    const refused = await folder.run(["accounts", "remove", "ada@example.com", "--yes"], { env: given });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("GCP_SERVICE_ACCOUNT") });
    const listed = await folder.run(["accounts", "list"], { env });
    expect(listed.stdout + listed.stderr).toContain("'gemini-proxy accounts remove ada@example.com'");
    const removed = await folder.run(["accounts", "remove", "ada@example.com", "--yes", "--json"], { env });
    expect(removed.json()).toMatchObject({ removed: [{ email: "ada@example.com", inEnvironment: false }] });
    const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
    expect(await store.credentials.list()).toEqual([]);
    await store.close();
  });

  it("refuses what is no account, with the reason and without what it holds", async () => {
    const folder = createCliFolder();
    const input = JSON.stringify({ type: "service_account", private_key: "-----BEGIN PRIVATE KEY-----abc" });
    const refused = await folder.run(["accounts", "add", "-"], { env, input });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("service account") });
    expect(refused.stderr).not.toContain("PRIVATE KEY");
    expect((await folder.run(["accounts", "add", "-", "--project", "123456"], { env, input: "{}" })).code).toBe(2);
    const bad = await folder.run(["start", "--port", "0"], { env: { ...env, GCP_SERVICE_ACCOUNT: "/nowhere" } });
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining("oauth_creds.json") });
  });

  it("checks licence, project and quota, tells what each trouble wants, and puts a good account back into use", async () => {
    const folder = createCliFolder();
    for (const name of ["ada", "ida", "eva", "ron"])
      await folder.run(["accounts", "add", "-"], { env, input: fileOf(name) });
    const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
    const ada = (await store.credentials.list()).find(({ name }) => name === "ada@example.com")?.id ?? "";
    const value = {
      scope: "credential" as const,
      subject: ada,
      reason: "not-eligible" as const,
      sinceMs: 1,
      probeAtMs: null,
      rule: "account.no-licence",
      words: "no licence",
    };
    await store.health.write([{ kind: "disabled", value, removed: false }]);
    const revision = await store.revision.get();

    const checked = await folder.run(["accounts", "check", "--json"], { env });
    expect(checked.code).toBe(1);
    const rows = Object.fromEntries(checked.json<{ name: string }[]>().map((row) => [row.name.slice(0, 3), row]));
    expect(rows["ada"]).toMatchObject({
      result: "ok",
      licence: "standard-tier",
      cloudProject: "ada-project",
      tokenExpiresAt: expect.any(Number),
      quota: expect.arrayContaining([
        expect.objectContaining({ model: "gemini-2.5-pro", fraction: expect.any(Number), resetAt: expect.any(Number) }),
      ]),
    });
    expect(rows["ida"]).toMatchObject({
      result: "not-eligible",
      rule: "account.not-eligible",
      words: expect.stringContaining("Standard and Enterprise"),
    });
    expect(rows["eva"]).toMatchObject({
      result: "not-eligible",
      rule: "account.validation-required",
      words: expect.stringContaining("https://"),
    });
    expect(rows["ron"]).toMatchObject({ result: "login-needed", words: expect.stringContaining("accounts login") });
    expect(checked.stdout + checked.stderr).not.toMatch(secrets);
    expect((await store.health.list()).disabled).toEqual([]);
    expect(await store.revision.get()).toBe(revision + 1);
    await store.close();

    const table = await folder.run(["accounts", "check", "ada@example.com"], { env });
    expect(table).toMatchObject({ code: 0, stdout: expect.stringMatching(/ada-project[\s\S]*MODEL .*SHARE/) });
    const other = await folder.run(["accounts", "check", ada, "--json"], {
      env: { ...env, CODE_ASSIST_CLIENT_SECRET: "wrong" },
    });
    expect(other.json()).toMatchObject([{ result: "client", words: expect.stringContaining("CODE_ASSIST_CLIENT_ID") }]);
  });

  it("logs in through a browser on this machine, and the browser's other pages cannot interfere", async () => {
    const folder = createCliFolder();
    const child = folder.spawn(["accounts", "login", "--json"], { env });
    const done = finish(child);
    const url = await addressOf(child);
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
    expect(url.searchParams.get("access_type")).toBe("offline");
    const redirect = url.searchParams.get("redirect_uri") ?? "";
    expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth2callback$/);
    expect((await fetch(`${redirect}?state=guess&code=stolen`)).status).toBe(400);
    expect((await fetch(new URL("/other", redirect))).status).toBe(404);
    expect((await fetch(url)).status).toBe(200);
    const result = await done;
    expect(result).toMatchObject({ code: 0 });
    expect(result.json()).toMatchObject({ status: "added", email: "ada@example.com" });
    expect(result.stdout + result.stderr).not.toMatch(secrets);
    expect((await folder.run(["accounts", "check"], { env })).code).toBe(0);
  });

  it("logs in with a pasted code where there is no browser, and tells when Google does not take it", async () => {
    const folder = createCliFolder();
    const child = folder.spawn(["accounts", "login", "--no-browser", "--json"], { env });
    const done = finish(child);
    const url = await addressOf(child);
    expect(url.searchParams.get("redirect_uri")).toBe("https://codeassist.google.com/authcode");
    const shown = await fetch(url, { redirect: "manual" });
    const code = new URL(shown.headers.get("location") ?? "").searchParams.get("code") ?? "";
    child.stdin?.write(`${code}\n`);
    expect((await done).json()).toMatchObject({ status: "added", email: "ada@example.com" });

    const wrong = await folder.run(["accounts", "login", "--no-browser"], { env, input: "4/not-a-code\n" });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("does not take the code") });
    const none = await folder.run(["accounts", "login", "--no-browser"]);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/CODE_ASSIST_CLIENT_ID[\s\S]*docs\/code-assist/),
    });
  });

  it.each([
    ["is no address", "https://[\n"],
    ["is of another log-in", "https://codeassist.google.com/authcode?state=other&code=4/0Abc\n"],
    ["has no code", "https://codeassist.google.com/authcode?code=\n"],
    ["is of two lines", "4/0Abc def\n"],
  ])("what is pasted and %s is refused in words", async (_, input) => {
    const folder = createCliFolder();
    const refused = await folder.run(["accounts", "login", "--no-browser"], { env, input });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Paste the code") });
    expect(refused.stderr).not.toMatch(/Invalid URL|at new|0Abc/);
  });

  it("a code is taken as it stands in an address, too", async () => {
    const folder = createCliFolder();
    const child = folder.spawn(["accounts", "login", "--no-browser", "--json"], { env });
    const done = finish(child);
    const shown = await fetch(await addressOf(child), { redirect: "manual" });
    const code = new URL(shown.headers.get("location") ?? "").searchParams.get("code") ?? "";
    expect(code).toContain("/");
    child.stdin?.write(`${encodeURIComponent(code)}\n`);
    expect((await done).json()).toMatchObject({ status: "added", email: "ada@example.com" });
  });

  it("what Google quotes of code, verifier and client secret is not shown", async () => {
    const folder = createCliFolder();
    const google = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: unknown) => (body += String(chunk)));
      request.on("end", () => {
        const fields = new URLSearchParams(body);
        const quoted = ["code", "code_verifier", "client_secret"].map((name) => fields.get(name)).join(" and ");
        response.writeHead(418, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: "odd", error_description: `cannot read ${quoted}` }));
      });
    });
    await new Promise<void>((resolve) => google.listen(0, "127.0.0.1", resolve));
    const { port } = google.address() as AddressInfo;
    const refused = await folder.run(["accounts", "login", "--no-browser", "--json"], {
      env: { ...env, GOOGLE_OAUTH_BASE_URL: `http://127.0.0.1:${port}` },
      input: "4/0AodeThatIsSecret\n",
    });
    google.close();
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot read [redacted] and [redacted] and [redacted]"),
    });
  });

  it("a log-in of an account with a proxy of its own goes through that proxy", async () => {
    const folder = createCliFolder();
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const words = ["accounts", "login", "--no-browser", "--proxy", `http://127.0.0.1:${port}`];
    const refused = await folder.run(words, { env, input: "4/0Abc\n" });
    proxy.close();
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be reached") });
    expect(asked).toEqual([new URL(emulator.url).host]);
  });

  it("a log-in that is refused in the browser ends with the reason", async () => {
    const folder = createCliFolder();
    const child = folder.spawn(["accounts", "login"], { env });
    const done = finish(child);
    const url = await addressOf(child);
    const back = new URL(url.searchParams.get("redirect_uri") ?? "");
    back.search = new URLSearchParams({
      state: url.searchParams.get("state") ?? "",
      error: "access_denied",
    }).toString();
    await fetch(back);
    expect(await done).toMatchObject({ code: 1, stderr: expect.stringContaining("access_denied") });
  });
});

/** The address that the command asks to open. */
function addressOf(child: ReturnType<ReturnType<typeof createCliFolder>["spawn"]>): Promise<URL> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("close", () => reject(new Error(`The command ended: ${text}`)));
    child.stderr?.on("data", (chunk: unknown) => {
      text += String(chunk);
      const found = /^ {2}(http\S+)\n/m.exec(text)?.[1];
      if (found !== undefined) resolve(new URL(found));
    });
  });
}
