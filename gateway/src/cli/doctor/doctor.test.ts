import { chmodSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/src/emulator.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { credentialsFile } from "../../testkit/account-world.ts";
import { createCliFolder } from "../testing.ts";
import { checkNode } from "./local-checks.ts";

const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Report {
  ok: boolean;
  checks: { name: string; state: string; detail: string; next: string | null }[];
}
const stateOf = (report: Report, name: string): string[] =>
  report.checks.filter((check) => check.name === name).map(({ state }) => state);

describe("gemini-proxy doctor", () => {
  it("finds everything in order against a working upstream", async () => {
    const emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key: key("one") }] }] });
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-"], { input: key("one") });
    await folder.run(["clients", "create"]);
    const result = await folder.run(["doctor", "--json", "--port", String(await freePort())], {
      env: { GOOGLE_GEMINI_API_BASE_URL: emulator.url },
    });
    await emulator.close();
    const report = result.json<Report>();
    expect(result.code).toBe(0);
    expect(report.ok).toBe(true);
    for (const name of [
      "settings",
      "node",
      "data directory",
      "database",
      "keys",
      "client keys",
      "upstream",
      "clock",
      "location",
    ])
      expect([name, stateOf(report, name)]).toEqual([name, ["ok"]]);
    expect(stateOf(report, "gateway")).toEqual(["info"]);
    expect(result.stdout).not.toContain(key("one"));
  });

  it("knows accounts: how many can serve, what keeps the others away, and whether their tokens can be refreshed", async () => {
    const folder = createCliFolder();
    const client = { CODE_ASSIST_CLIENT_ID: "id", CODE_ASSIST_CLIENT_SECRET: "secret" };
    await folder.run(["accounts", "add", "-"], { input: credentialsFile() });
    const look = async (env: Record<string, string>): Promise<Report> =>
      (await folder.run(["doctor", "--offline", "--json"], { env })).json<Report>();
    const well = await look(client);
    expect(stateOf(well, "accounts")).toEqual(["ok"]);
    // Accounts alone are a pool, too.
    expect(stateOf(well, "keys")).toEqual(["info"]);
    const clientless = await look({});
    expect(stateOf(clientless, "accounts")).toEqual(["ok", "fail"]);
    expect(JSON.stringify(clientless)).toContain("CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET");

    const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
    const [account] = await store.credentials.list();
    const words = "Token has been expired or revoked. Log in again.";
    const value = {
      scope: "credential" as const,
      subject: account?.id ?? "",
      reason: "login-needed" as const,
      sinceMs: 1,
      probeAtMs: null,
      rule: "account.login-needed",
      words,
    };
    await store.health.write([{ kind: "disabled", value, removed: false }]);
    await store.close();
    const out = await look(client);
    expect(stateOf(out, "accounts")).toEqual(["fail"]);
    expect(JSON.stringify(out)).toContain(words);
    expect(stateOf(await look({ ...client, GCP_SERVICE_ACCOUNT: credentialsFile() }), "keys")).toEqual(["info"]);
  });

  it("names wrong settings, an unreachable upstream and open permissions, each with a next step", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-"], { input: key("one") });
    chmodSync(join(folder.path, "data/master.key"), 0o644);
    chmodSync(join(folder.path, "data"), 0o755);
    const result = await folder.run(["doctor", "--json"], {
      env: { GOOGLE_GEMINI_API_BASE_URL: "http://127.0.0.1:9", LOG_LEVEL: "loud", PORT: "9" },
    });
    const report = result.json<Report>();
    expect(result.code).toBe(1);
    expect(report.ok).toBe(false);
    expect(stateOf(report, "settings")).toEqual(["fail"]);
    expect(stateOf(report, "data directory")).toEqual(["ok", "warn"]);
    expect(stateOf(report, "master key")).toEqual(["fail"]);
    expect(stateOf(report, "upstream")).toEqual(["fail"]);
    for (const check of report.checks) if (check.state === "fail") expect(check.next).not.toBeNull();
  });

  it("notices a clock that is wrong, a refused location and a stranger on the port", async () => {
    const refusal = {
      error: { code: 400, message: "User location is not supported for the API use.", status: "FAILED_PRECONDITION" },
    };
    const server = createServer((request, response) => {
      const date = new Date(Date.now() - 3_600_000).toUTCString();
      response
        .writeHead(request.url === "/health" ? 404 : 400, { date, "content-type": "application/json" })
        .end(JSON.stringify(refusal));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-"], { input: key("one") });
    const report = (
      await folder.run(["doctor", "--json", "--port", String(port)], {
        env: { GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${port}` },
      })
    ).json<Report>();
    await new Promise((resolve) => server.close(resolve));
    expect([stateOf(report, "clock"), stateOf(report, "location"), stateOf(report, "gateway")]).toEqual([
      ["fail"],
      ["fail"],
      ["warn"],
    ]);
  });

  it("makes nothing in a folder that has no data yet", async () => {
    const folder = createCliFolder();
    const report = (await folder.run(["doctor", "--offline", "--json"])).json<Report>();
    expect(stateOf(report, "data directory")).toEqual(["info"]);
    expect(stateOf(report, "database")).toEqual(["info"]);
    expect((await folder.run(["doctor", "--offline"])).stdout).toContain("is not there yet");
  });

  it("knows which Node is too old", () => {
    expect([
      checkNode("20.20.2").state,
      checkNode("22.18.0").state,
      checkNode("22.19.0").state,
      checkNode("26.0.0").state,
    ]).toEqual(["fail", "fail", "ok", "ok"]);
  });
});
