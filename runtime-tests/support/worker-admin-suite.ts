/**
 * The dashboard and the admin API of a worker, as a browser and tools use them: the isolate has the files, the state object
 * answers everything else.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import { until } from "./until.ts";
import { adminToken, call, clientKey, key, ledger, secrets } from "./worker-client.ts";
import { deployedConfig, startWorker, type RunningWorker } from "./wrangler-worker.ts";

/** Registers the tests. */
export function describeAdministration(): void {
  describe("the dashboard and the admin API", () => {
    let folder: string;
    let emulator: Emulator;
    let worker: RunningWorker;
    const bearer = { authorization: `Bearer ${adminToken}` };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "gemini-proxy-worker-admin-"));
      emulator = await startEmulator({
        projects: [{ id: "projects/1", keys: [{ key: key("admin") }], tier: "unlimited" }],
      });
      const variables = { ...secrets, API_KEYS: key("admin"), GOOGLE_GEMINI_API_BASE_URL: emulator.url };
      worker = await startWorker({ config: deployedConfig, variables, folder });
    }, 150_000);
    afterAll(async () => {
      await worker?.stop();
      await emulator?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const admin = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${worker.url}/admin/api/v1/${path}`, { ...init, headers: { ...bearer, ...init.headers } });
    const listeners = async (): Promise<number> => {
      const metrics = await fetch(`${worker.url}/metrics`, { headers: bearer });
      return Number(/^gemini_proxy_listeners (\d+)$/m.exec(await metrics.text())?.[1]);
    };

    it("browsers get the page with its headers and files that are kept for a year; tools get JSON", async () => {
      const page = await fetch(`${worker.url}/`, { headers: { accept: "text/html" } });
      const html = await page.text();
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(page.headers.get("cache-control")).toBe("no-cache");
      const script = /src="(\/ui\/assets\/[^"]+\.js)"/.exec(html)?.[1] as string;
      const asset = await fetch(worker.url + script);
      expect(asset.status).toBe(200);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await asset.text()).length).toBeGreaterThan(1_000);
      const again = { "if-none-match": asset.headers.get("etag") as string };
      expect((await fetch(worker.url + script, { headers: again })).status).toBe(304);
      expect(await (await fetch(`${worker.url}/ui/pool?state=disabled`)).text()).toBe(html);
      for (const path of ["/ui/assets/gone-abcdefgh.js", `${script}.br`, "/ui/assets/../../wrangler.jsonc"])
        expect((await fetch(worker.url + path)).status).not.toBe(200);
      expect(await (await fetch(worker.url)).json()).toEqual({ name: "gemini-proxy" });
      expect((await fetch(`${worker.url}/favicon.svg`)).headers.get("content-type")).toContain("image/svg+xml");
    });

    it("logs in by cookie, changes with the CSRF token only, and no header claims an address or TLS", async () => {
      const login = await fetch(`${worker.url}/admin/api/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" },
        body: JSON.stringify({ token: adminToken }),
      });
      expect(login.status).toBe(200);
      const { csrfToken } = (await login.json()) as { csrfToken: string };
      const cookie = (login.headers.getSetCookie()[0] as string).split(";")[0] as string;
      const change = (headers: Record<string, string>): Promise<Response> =>
        fetch(`${worker.url}/admin/api/v1/clients`, {
          method: "POST",
          headers: { "content-type": "application/json", cookie, ...headers },
          body: JSON.stringify({ name: "made by a browser" }),
        });
      expect((await change({})).status).toBe(403);
      const made = await change({ "x-csrf-token": csrfToken });
      expect(made.status).toBe(201);
      const audit = await (await admin("audit?limit=10")).text();
      expect(audit).toContain("clients.create");
      expect(audit).not.toContain("203.0.113.9");
    });

    it("a call is pushed to who follows, and found in list, search, sums and export", async () => {
      const tail = await admin("calls/tail");
      const reader = (tail.body as ReadableStream<Uint8Array>).getReader();
      const { id, status } = await call(worker);
      expect(status).toBe(200);
      let text = "";
      while (!text.includes("event: call")) text += new TextDecoder().decode((await reader.read()).value);
      expect(text).toContain(id);
      await reader.cancel();
      expect((await ledger(worker, 1)).map((row) => row.id)).toEqual([id]);
      expect(await (await admin(`calls/${id ?? ""}`)).json()).toMatchObject({ id, outcome: "ok" });
      const now = Date.now();
      const range = `fromMs=${now - 3_600_000}&toMs=${now + 60_000}`;
      expect(await (await admin(`usage/summary?${range}`)).json()).toMatchObject({ sums: { calls: 1, errors: 0 } });
      const exported = await admin("calls/export?format=ndjson");
      expect(exported.status).toBe(200);
      const lines = (await exported.text()).trim().split("\n");
      expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([id]);
    });

    it("who follows and leaves is forgotten, at the latest when there is something to tell", async () => {
      const before = await listeners();
      const tail = await admin("calls/tail");
      const reader = (tail.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      expect(await listeners()).toBeGreaterThanOrEqual(1);
      await reader.cancel();
      // The platform looks whether somebody is there when it writes.
      await until(async () => {
        await call(worker);
        return (await listeners()) <= before ? true : undefined;
      }, "the listener to be forgotten");
    });

    it("a setting that is stored holds in the object and in the isolates", async () => {
      const aliases = { MODEL_ALIASES: '{"mine":"gemini-3.8-flash"}' };
      const changed = await admin("settings", {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ changes: aliases }),
      });
      expect(changed.status).toBe(200);
      await worker.stop();
      const variables = { ...secrets, API_KEYS: key("admin"), GOOGLE_GEMINI_API_BASE_URL: emulator.url };
      worker = await startWorker({ config: deployedConfig, variables, folder });
      const asked = emulator.record().length;
      const response = await fetch(`${worker.url}/v1beta/models/mine:generateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
        body: JSON.stringify({ contents: [{ parts: [{ text: "x" }] }] }),
      });
      expect(response.status).toBe(200);
      expect(emulator.record()[asked]?.path).toBe("/v1beta/models/gemini-3.8-flash:generateContent");
    }, 90_000);

    it("numbers are for tokens only", async () => {
      for (const path of ["metrics", "model_usage", "health/detailed", "admin/api/v1/status"])
        expect((await fetch(`${worker.url}/${path}`)).status).toBe(401);
      const usage = await (await fetch(`${worker.url}/model_usage`, { headers: bearer })).text();
      expect(usage).not.toContain(key("admin"));
      expect(await (await fetch(`${worker.url}/metrics?format=json`, { headers: bearer })).json()).toHaveProperty(
        "operational",
      );
    });
  });
}
