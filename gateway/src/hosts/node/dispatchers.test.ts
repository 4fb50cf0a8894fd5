import { createServer, type RequestListener, type Server } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { request, type Dispatcher, type Pool } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../../../emulator/src/emulator.ts";
import { toSecret } from "../../core/secret.ts";
import { createDispatchers, type Dispatchers } from "./dispatchers.ts";
import { createTestCertificate } from "./testing/certificate.ts";
import { startTestProxy, type TestProxy, type TestProxyOptions } from "./testing/proxies.ts";

const settings = { connectTimeoutMs: 5_000, firstByteTimeoutMs: 10_000, idleTimeoutMs: 10_000 };
const certificate = createTestCertificate();
const user = { name: "me", password: "hunter2:ü" };
const key = `AIzaSy-through-a-proxy-${"x".repeat(17)}`;
let emulator: Emulator;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);
  emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key }] }] });
});
afterAll(() => emulator.close());
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function dispatchersOf(more: Partial<typeof settings> = {}, options: { capacity?: number } = {}): Dispatchers {
  const dispatchers = createDispatchers({ ...settings, ...more }, options);
  open.push(dispatchers);
  return dispatchers;
}

async function proxyOf(options: TestProxyOptions): Promise<TestProxy> {
  const proxy = await startTestProxy({ certificate, ...options });
  open.push(proxy);
  return proxy;
}

/** A server of its own, for what the emulator does not do. @returns its origin */
async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function get(dispatcher: Dispatcher, origin: string, path = "/"): Promise<string> {
  const { statusCode, body } = await request(`${origin}${path}`, { dispatcher });
  return `${statusCode} ${await body.text()}`;
}

function createGate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = (await work.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  )) as Error & { code: string };
  return { code: error.code, message: error.message };
}

const kinds = ["http", "https", "socks5"] as const;

describe.each(kinds)("a call through an %s proxy", (kind) => {
  it("reaches the upstream with user name and password, byte by byte if it must be", async () => {
    const proxy = await proxyOf({ kind, user, slow: true });
    const dispatcher = dispatchersOf().for({ origin: emulator.url, proxy: toSecret(proxy.url) });
    const { statusCode, body } = await request(`${emulator.url}/v1beta/models/gemini-3.8-flash:generateContent`, {
      dispatcher,
      method: "POST",
      // A flat list, with a name that comes twice: nothing of it may be lost.
      headers: ["x-goog-api-key", key, "content-type", "application/json", "x-twice", "a", "x-twice", "b"],
      body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
    });
    expect(statusCode).toBe(200);
    expect(await body.json()).toHaveProperty("candidates");
    expect(proxy.targets).toEqual([`127.0.0.1:${emulator.port}`]);
    expect(proxy.users).toEqual(["me"]);
  });

  it("keeps its connection for the next call, as without a proxy", async () => {
    const origin = await serve((incoming, response) => response.end(String(incoming.headers["x-twice"] ?? "one")));
    const proxy = await proxyOf({ kind });
    const dispatchers = dispatchersOf();
    const target = { origin, proxy: toSecret(proxy.url) };
    for (let count = 0; count < 3; count++) {
      const pool = dispatchers.for(target) as Pool;
      expect(await get(pool, origin)).toBe("200 one");
      // undici lets a connection go a turn after the answer's last byte was read.
      await expect.poll(() => pool.stats.free).toBe(1);
    }
    expect(proxy.targets).toHaveLength(1);
  });

  it("streams: a chunk is there before the next one is sent", async () => {
    let next = (): void => undefined;
    const origin = await serve((_, response) => {
      response.write("first");
      next = () => response.end("second");
    });
    const proxy = await proxyOf({ kind });
    const { body } = await request(origin, {
      dispatcher: dispatchersOf().for({ origin, proxy: toSecret(proxy.url) }),
    });
    const chunks: string[] = [];
    for await (const chunk of body) {
      chunks.push(String(chunk));
      next();
    }
    expect(chunks).toEqual(["first", "second"]);
  });

  it("is encrypted up to the upstream itself, with the protocol that the two of them choose", async () => {
    const server = createSecureServer({ ...certificate, allowHTTP1: true }, (incoming, response) =>
      response.end(
        `HTTP/${incoming.httpVersion} for ${String(incoming.headers.host ?? incoming.headers[":authority"])}`,
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const proxy = await proxyOf({ kind });
    const dispatchers = dispatchersOf();
    const direct = await get(dispatchers.for({ origin, proxy: null }), origin);
    expect(await get(dispatchers.for({ origin, proxy: toSecret(proxy.url) }), origin)).toBe(direct);
    expect(proxy.targets[0]).toMatch(/^localhost:/);
    await dispatchers.close();
  });

  it("fails as a connection that was never made, with clear words and without the password", async () => {
    const cases: [TestProxyOptions, string][] = [
      [{ kind, user: { ...user, password: "other" } }, "refused the user name and password"],
      [{ kind, refuse: kind === "socks5" ? 2 : 403 }, kind === "socks5" ? "not allowed by its rules" : "status 403"],
      [{ kind, gibberish: "220 smtp.example ready\r\n\r\n" }, kind === "socks5" ? "speak SOCKS 5" : "speak HTTP"],
    ];
    for (const [options, words] of cases) {
      const proxy = await proxyOf(options);
      const url = `${kind}://me:hunter2@127.0.0.1:${proxy.port}`;
      const dispatcher = dispatchersOf().for({ origin: emulator.url, proxy: toSecret(url) });
      const { code, message } = await failureOf(get(dispatcher, emulator.url));
      expect([code, message]).toEqual(["ERR_PROXY", expect.stringContaining(words)]);
      expect(message).not.toMatch(/hunter2|127\.0\.0\.1/);
    }
    const closed = await proxyOf({ kind, user });
    await closed.close();
    const dispatcher = dispatchersOf().for({ origin: emulator.url, proxy: toSecret(closed.url) });
    expect(await failureOf(get(dispatcher, emulator.url))).toEqual({
      code: "ERR_PROXY",
      message: "The outbound proxy cannot be reached (ECONNREFUSED).",
    });
  });

  it("says that a proxy asks for a password when none is configured", async () => {
    const proxy = await proxyOf({ kind, user });
    const bare = toSecret(`${kind}://127.0.0.1:${proxy.port}`);
    const { code, message } = await failureOf(
      get(dispatchersOf().for({ origin: emulator.url, proxy: bare }), emulator.url),
    );
    expect([code, message]).toEqual(["ERR_PROXY", "The outbound proxy asks for a user name and password."]);
  });

  it("does not wait longer for the proxy than for a connection", async () => {
    const proxy = await proxyOf({ kind, silent: true });
    const dispatcher = dispatchersOf({ connectTimeoutMs: 60 }).for({
      origin: emulator.url,
      proxy: toSecret(proxy.url),
    });
    const { code } = await failureOf(get(dispatcher, emulator.url));
    expect(code).toBe("UND_ERR_CONNECT_TIMEOUT");
  });
});

it("gives the same pool for the same origin and proxy, and another one for any other", () => {
  const dispatchers = dispatchersOf();
  const [one, two] = [toSecret("http://a.example:1"), toSecret("http://b.example:1")];
  const origin = "https://generativelanguage.googleapis.com";
  const direct = dispatchers.for({ origin, proxy: null });
  expect(dispatchers.for({ origin, proxy: null })).toBe(direct);
  expect(dispatchers.for({ origin, proxy: toSecret("http://a.example:1") })).toBe(
    dispatchers.for({ origin, proxy: one }),
  );
  const all = [
    direct,
    dispatchers.for({ origin: "https://gw.example", proxy: null }),
    dispatchers.for({ origin, proxy: one }),
    dispatchers.for({ origin, proxy: two }),
    dispatchers.for({ origin: "https://gw.example", proxy: two }),
  ];
  expect(new Set(all).size).toBe(5);
});

describe("beyond its capacity", () => {
  it("the pool that was not used for longest is closed, and its requests end well", async () => {
    let finish = (): void => undefined;
    const began = createGate();
    const slow = await serve((_, response) => {
      finish = () => response.end("late");
      began.open();
    });
    const dispatchers = dispatchersOf({}, { capacity: 2 });
    const first = dispatchers.for({ origin: slow, proxy: null });
    const answer = get(first, slow);
    await began.opened;
    const second = dispatchers.for({ origin: emulator.url, proxy: null });
    expect(dispatchers.for({ origin: slow, proxy: null })).toBe(first);
    dispatchers.for({ origin: "http://127.0.0.1:1", proxy: toSecret("http://127.0.0.1:1") });
    expect(dispatchers.for({ origin: slow, proxy: null })).toBe(first);
    dispatchers.for({ origin: "http://127.0.0.1:2", proxy: null });
    expect(dispatchers.for({ origin: emulator.url, proxy: null })).not.toBe(second);
    expect(dispatchers.for({ origin: slow, proxy: null })).not.toBe(first);
    finish();
    expect(await answer).toBe("200 late");
  });

  it("thousands of origins leave no more pools than there may be", async () => {
    const dispatchers = dispatchersOf({}, { capacity: 10 });
    const seen = new Set<Dispatcher>();
    for (let port = 1; port <= 2_000; port++)
      seen.add(
        dispatchers.for({ origin: `http://127.0.0.1:${port}`, proxy: port % 2 === 0 ? null : toSecret("http://p:1") }),
      );
    expect(seen.size).toBe(2_000);
    await expect
      .poll(() => [...seen].filter((pool) => (pool as unknown as { closed: boolean }).closed).length)
      .toBe(1_990);
  });
});

it("ends what is under way when it is closed, evicted pools included", async () => {
  const began = createGate();
  const origin = await serve(() => began.open());
  const dispatchers = createDispatchers(settings, { capacity: 1 });
  const answer = failureOf(get(dispatchers.for({ origin, proxy: null }), origin));
  await began.opened;
  dispatchers.for({ origin: emulator.url, proxy: null });
  await dispatchers.close();
  expect((await answer).code).toBe("UND_ERR_DESTROYED");
});
