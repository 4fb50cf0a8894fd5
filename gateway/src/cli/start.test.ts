import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { expect, it } from "vitest";
import { startEmulator } from "../../../emulator/src/emulator.ts";
import { createCliFolder, finish } from "./testing.ts";

const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;

interface Started {
  url: string;
  clientKey: string | null;
  adminToken: string | null;
  credentials: { total: number; usable: number };
}

/** The line that `start --json` prints when it listens. */
async function started(child: ChildProcess): Promise<Started> {
  let text = "";
  child.stdout?.on("data", (chunk: string) => (text += chunk));
  while (!text.includes("\n")) await once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data");
  return JSON.parse(text.slice(0, text.indexOf("\n"))) as Started;
}

it("starts with nothing, takes up keys and clients that other commands add, records calls, and ends at SIGTERM", async () => {
  const emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key: key("one") }] }] });
  const folder = createCliFolder();
  const env = { GOOGLE_GEMINI_API_BASE_URL: emulator.url };
  const gateway = folder.spawn(["start", "--port", "0", "--json"], { env });
  const ended = finish(gateway);
  const { url, clientKey, adminToken, credentials } = await started(gateway);
  expect(credentials).toEqual({ total: 0, usable: 0 });
  expect([clientKey, adminToken]).toEqual([expect.stringMatching(/^gp-/), expect.stringMatching(/^gpa-/)]);

  const call = (client: string): Promise<Response> =>
    fetch(`${url}/v1beta/models/gemini-3.8-flash:generateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": client, "content-type": "application/json" },
      body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hello" }] }] }),
    });
  /** A running gateway looks for changes once a second. */
  const answered = async (client: string, status: number): Promise<Response> => {
    for (;;) {
      const response = await call(client);
      if (response.status === status) return response;
      await response.body?.cancel();
    }
  };
  expect((await call(clientKey ?? "")).status).toBe(503);
  await folder.run(["keys", "add", "-", "--name", "work"], { input: key("one") });
  const response = await answered(clientKey ?? "", 200);
  expect(JSON.stringify(await response.json())).toContain("candidates");

  const second = (await folder.run(["clients", "create", "--name", "app", "--json"])).json<{ key: string }>();
  await answered(second.key, 200);
  await folder.run(["clients", "revoke", "app", "--yes"]);
  await answered(second.key, 401);
  await folder.run(["keys", "disable", "work"]);
  await answered(clientKey ?? "", 503);

  gateway.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain(key("one"));
  const calls = (await folder.run(["logs", "list", "--json", "--status", "200", "--limit", "10000"])).json<
    { attempts: unknown[] }[]
  >();
  expect(calls.length).toBe(emulator.totals().byStatus["200"]);
  await emulator.close();
});

it("says which address is taken", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await createCliFolder().run(["start", "--port", String(port)]);
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(1);
  expect(stderr).toContain(`where: 127.0.0.1:${port}`);
});
