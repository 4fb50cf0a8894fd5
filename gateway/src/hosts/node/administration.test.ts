/**
 * A whole gateway on Node, over real sockets: what an operator's browser and tools do while calls run.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../settings/parse.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { startNodeGateway, type NodeGateway } from "./start.ts";

const adminToken = "gpa-administration-0123456789abcdefghijk";
const clientKey = "gp-administration-0123456789abcdefghijkl";
const bearer = { authorization: `Bearer ${adminToken}` };
const good = '{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]}';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A Google that answers each call at once, or holds it open when its path has `hold`. `paths`: what it was asked. */
async function startUpstream(): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = http.createServer((request, response) => {
    request.resume();
    paths.push(request.url as string);
    if (request.url?.includes("hold") === true) return void response.writeHead(200).write('[{"candidates":');
    response.writeHead(200, { "content-type": "application/json" }).end(good);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

async function start(more: Record<string, string> = {}): Promise<{
  gateway: NodeGateway;
  dataDir: string;
  /** Paths that the upstream was asked for. */
  paths: string[];
  call(model?: string): Promise<Response>;
  admin(path: string, init?: RequestInit): Promise<Response>;
}> {
  const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-administration-"));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
  const upstream = await startUpstream();
  const variables = {
    PORT: "0",
    DATA_DIR: dataDir,
    ADMIN_TOKEN: adminToken,
    PROXY_API_KEY: clientKey,
    GEMINI_API_KEY: "AIzaSyAdministrationKey-000000000000001",
    GOOGLE_GEMINI_API_BASE_URL: upstream.url,
    ...more,
  };
  const gateway = await startNodeGateway({ ...parseSettings(variables), logger: createKeptLogger() });
  closing.push(() => gateway.close());
  return {
    gateway,
    dataDir: variables.DATA_DIR,
    paths: upstream.paths,
    call: (model = "gemini-3.8-flash") =>
      fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
        body: '{"contents":[{"parts":[{"text":"x"}]}]}',
      }),
    admin: (path, init = {}) =>
      fetch(`${gateway.url}/admin/api/v1/${path}`, { ...init, headers: { ...bearer, ...init.headers } }),
  };
}

/** Reads a stream until it holds a word. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, word: string): Promise<string> {
  for (let text = ""; ;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(value);
    if (text.includes(word)) return text;
  }
}

const readerOf = (response: Response): ReadableStreamDefaultReader<Uint8Array> =>
  (response.body as ReadableStream<Uint8Array>).getReader();

describe("a gateway that runs", () => {
  it("shows a call to who follows, in the list, and in the metrics", async () => {
    const { gateway, call, admin } = await start();
    const reader = readerOf(await admin("calls/tail"));
    await readUntil(reader, "connected");
    const answered = await call();
    await answered.text();
    const id = answered.headers.get("x-gproxy-request-id") as string;
    expect(await readUntil(reader, "event: call")).toContain(id);
    await reader.cancel();
    const { calls } = (await (await admin("calls?limit=5")).json()) as { calls: { id: string }[] };
    expect(calls.map((one) => one.id)).toEqual([id]);
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: bearer });
    expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
    expect(await metrics.text()).toMatch(/_calls_total\{[^}]*\} 1\n/);
    const usage = (await (await fetch(`${gateway.url}/model_usage`, { headers: bearer })).json()) as unknown[];
    expect(usage).toMatchObject([{ usageCount: { "gemini-3.8-flash": 1 } }]);
    expect(JSON.stringify(usage)).not.toContain("AdministrationKey");
  });

  it("logs in by cookie, takes a changed setting up at once, and has it after a restart", async () => {
    const first = await start();
    const { gateway } = first;
    const login = await fetch(`${gateway.url}/admin/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: adminToken }),
    });
    expect(login.status).toBe(200);
    const { csrfToken } = (await login.json()) as { csrfToken: string };
    const cookie = (login.headers.getSetCookie()[0] as string).split(";")[0] as string;
    const change = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${gateway.url}/admin/api/v1/settings`, {
        method: "PATCH",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ changes: { MODEL_ALIASES: '{"mine":"gemini-3.8-flash"}' } }),
      });
    expect((await change({ cookie })).status).toBe(403);
    expect((await change({ cookie, "x-csrf-token": csrfToken })).status).toBe(200);
    const path = "/v1beta/models/gemini-3.8-flash:generateContent";
    await (await first.call("mine")).text();
    expect(first.paths).toEqual([path]);
    await gateway.close();
    const second = await start({ DATA_DIR: first.dataDir });
    await (await second.call("mine")).text();
    expect(second.paths).toEqual([path]);
  });

  it("ends without waiting for who follows, though DRAIN_TIMEOUT_MS is long", async () => {
    const { gateway, admin } = await start({ DRAIN_TIMEOUT_MS: "10m" });
    const reader = readerOf(await admin("calls/tail"));
    await readUntil(reader, "connected");
    await gateway.close();
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  });

  it("ends tails at once while a call that is open may still end", async () => {
    const { gateway, call, admin } = await start({ DRAIN_TIMEOUT_MS: "500ms" });
    const reader = readerOf(await admin("calls/tail"));
    await readUntil(reader, "connected");
    const held = call("hold").catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = gateway.close().then(() => "closed");
    const ended = (async (): Promise<string> => {
      while (!(await reader.read()).done);
      return "tail";
    })();
    expect(await Promise.race([closed, ended])).toBe("tail");
    await closed;
    await held;
  });

  it("answers the probe of tools and health to everybody, and nothing else", async () => {
    const { gateway } = await start();
    expect(await (await fetch(gateway.url)).json()).toEqual({ name: "gemini-proxy" });
    expect((await fetch(`${gateway.url}/`, { method: "HEAD" })).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({ status: "healthy" });
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
    for (const path of ["metrics", "model_usage", "health/detailed", "admin/api/v1/status", "admin/api/v1/calls"])
      expect((await fetch(`${gateway.url}/${path}`)).status).toBe(401);
  });
});
