import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/src/emulator.ts";
import type { Emulator } from "../../../../emulator/src/emulator.ts";
import { startTestProxy } from "../../hosts/node/testing/proxies.ts";
import { createCliFolder } from "../testing.ts";

const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;
let emulator: Emulator;

interface Row {
  name: string;
  result: string;
  status: number | null;
  words: string | null;
  disabled: boolean;
}

beforeAll(async () => {
  emulator = await startEmulator({
    projects: [
      {
        id: "projects/1",
        keys: [
          { key: key("good") },
          { key: key("wrong"), state: "invalid" },
          { key: key("leaked"), state: "leaked" },
          { key: key("suspended"), state: "suspended" },
        ],
      },
      { id: "projects/2", keys: [{ key: key("far") }], state: "location-unsupported" },
    ],
  });
});
afterAll(() => emulator.close());

describe("gemini-proxy keys check", () => {
  it("tells good, invalid, blocked and misplaced keys apart, and switches off on demand only what Google refused", async () => {
    const folder = createCliFolder();
    const env = { GOOGLE_GEMINI_API_BASE_URL: emulator.url };
    const input = ["good", "wrong", "leaked", "suspended", "far"].map((name) => `${name}=${key(name)}`).join("\n");
    await folder.run(["keys", "import", "-"], { input });
    const checked = await folder.run(["keys", "check", "--json"], { env });
    expect(checked.code).toBe(1);
    const rows = Object.fromEntries(checked.json<Row[]>().map((row) => [row.name, row]));
    expect(rows["good"]).toMatchObject({ result: "ok", status: 200, words: null });
    expect(rows["wrong"]).toMatchObject({
      result: "invalid",
      status: 400,
      words: expect.stringContaining("API key not valid"),
    });
    expect(rows["leaked"]).toMatchObject({ result: "blocked", status: 403 });
    expect(rows["suspended"]).toMatchObject({ result: "blocked", status: 403 });
    expect(rows["far"]).toMatchObject({ result: "location" });
    // Google's words can carry the key itself (a suspended consumer is named by it).
    expect(checked.stdout).not.toContain("AIzaSy");
    expect(
      (await folder.run(["keys", "list", "--json"])).json<{ enabled: boolean }[]>().every(({ enabled }) => enabled),
    ).toBe(true);

    const disabling = await folder.run(["keys", "check", "--disable"], { env });
    expect(disabling.stdout).toContain("Disabled key 'leaked'");
    const enabled = (await folder.run(["keys", "list", "--json"]))
      .json<{ name: string; enabled: boolean }[]>()
      .filter((row) => row.enabled);
    expect(enabled.map(({ name }) => name).sort()).toEqual(["far", "good"]);
    expect((await folder.run(["keys", "check", "good"], { env })).code).toBe(0);
  });

  it("calls network trouble and server errors inconclusive, whatever is asked to be disabled", async () => {
    const server = createServer((_, response) => response.writeHead(503).end("try later"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-", "--name", "one"], { input: key("one") });
    const busy = await folder.run(["keys", "check", "--disable", "--json"], {
      env: { GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${port}` },
    });
    expect(busy.json()).toMatchObject([{ result: "unreachable", status: 503, disabled: false }]);
    await new Promise((resolve) => server.close(resolve));
    const gone = await folder.run(["keys", "check", "--disable", "--json"], {
      env: { GOOGLE_GEMINI_API_BASE_URL: `http://127.0.0.1:${port}` },
    });
    expect(gone).toMatchObject({ code: 1 });
    expect(gone.json()).toMatchObject([
      { result: "unreachable", status: null, words: expect.stringContaining("ECONNREFUSED") },
    ]);
    expect((await folder.run(["keys", "list", "--json"])).json()).toMatchObject([{ enabled: true }]);
  });

  it("asks each key at its own base URL and through its own proxy, and never around it", async () => {
    const proxy = await startTestProxy({ kind: "http", user: { name: "me", password: "hunter2" } });
    const folder = createCliFolder();
    const entries = [
      { name: "through", key: key("good"), baseUrl: emulator.url, proxy: proxy.url },
      { name: "lost", key: key("far"), baseUrl: emulator.url, proxy: "http://me:hunter2@127.0.0.1:1" },
    ];
    await folder.run(["keys", "import", "-"], { input: JSON.stringify(entries) });
    const env = { GOOGLE_GEMINI_API_BASE_URL: "http://127.0.0.1:1" };
    const checked = await folder.run(["keys", "check", "--json"], { env });
    const rows = Object.fromEntries(checked.json<Row[]>().map((row) => [row.name, row]));
    expect(rows["through"]).toMatchObject({ result: "ok" });
    expect(rows["lost"]).toMatchObject({ result: "unreachable", words: expect.stringContaining("outbound proxy") });
    expect(proxy.targets).toEqual([`127.0.0.1:${emulator.port}`]);
    expect(checked.stdout + checked.stderr).not.toContain("hunter2");
    await proxy.close();
  });

  it("does not send keys to the default upstream when the configured one is wrong", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-"], { input: key("one") });
    const result = await folder.run(["keys", "check"], { env: { GOOGLE_GEMINI_API_BASE_URL: "http://gw.example" } });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("ALLOW_INSECURE_UPSTREAM");
  });
});
