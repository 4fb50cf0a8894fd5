import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestCertificate } from "./testing/certificate.ts";
import { startTestProxy, type TestProxy, type TestProxyOptions } from "./testing/proxies.ts";
import { connectThrough, createTunnelAgent, openTunnel } from "./tunnel.ts";

const certificate = createTestCertificate();
const stranger = createTestCertificate("other.example");
const timeoutMs = 10_000;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(() => tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert, stranger.cert]));
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function proxyOf(options: TestProxyOptions): Promise<TestProxy> {
  const proxy = await startTestProxy({ certificate, ...options });
  open.push(proxy);
  return proxy;
}

/** A server that greets, then sends back what it is sent. @returns its port */
async function echo(options: { secure?: boolean; host?: string; as?: typeof certificate } = {}): Promise<number> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined).write("hello ");
    socket.pipe(socket);
  };
  const server = options.secure === true ? tls.createServer(options.as ?? certificate, serve) : net.createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, options.host ?? "127.0.0.1", resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  });
  return (server.address() as AddressInfo).port;
}

/** Says the words and reads until they have come back. */
async function converse(socket: Socket, words: string): Promise<string> {
  socket.on("error", () => undefined).write(words);
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith(words)) break;
  }
  return text;
}

describe.each(["http", "https", "socks5"] as const)("a socket through an %s proxy", (kind) => {
  it("carries both directions, and loses nothing that the upstream says first", async () => {
    const port = await echo();
    const { url } = await proxyOf({ kind });
    const socket = await openTunnel({ proxy: url, host: "127.0.0.1", port, timeoutMs });
    expect(await converse(socket, "world")).toBe("hello world");
  });

  it("reaches names and IPv6 addresses", async () => {
    const { url, targets } = await proxyOf({ kind });
    const port = await echo({ host: "localhost" });
    const named = await openTunnel({ proxy: url, host: "localhost", port, timeoutMs });
    expect(await converse(named, "you")).toBe("hello you");
    const refused = openTunnel({ proxy: url, host: "::ffff:127.0.0.1", port: 9, timeoutMs });
    await refused.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    expect(targets[0]).toBe(`localhost:${port}`);
    expect(new URL(`http://[${(targets[1] as string).replace(/:9$/, "")}]`).hostname).toBe("[::ffff:7f00:1]");
  });

  it("is encrypted to the upstream, whose certificate is checked", async () => {
    const port = await echo({ secure: true });
    const { url } = await proxyOf({ kind });
    const socket = await connectThrough({ proxy: url, host: "localhost", port, tls: true, timeoutMs });
    expect((socket as tls.TLSSocket).authorized).toBe(true);
    expect(await converse(socket, "there")).toBe("hello there");
    const other = await echo({ secure: true, as: stranger });
    const wrongName = connectThrough({ proxy: url, host: "localhost", port: other, tls: true, timeoutMs });
    await expect(wrongName).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("takes user names and passwords of any characters", async () => {
    const port = await echo();
    // A colon would end a user name in HTTP (RFC 7617 2).
    const word = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }).filter((text) => !text.includes(":"));
    await fc.assert(
      fc.asyncProperty(word, word, async (name, password) => {
        const proxy = await startTestProxy({ kind, certificate, user: { name, password } });
        const socket = await openTunnel({ proxy: proxy.url, host: "127.0.0.1", port, timeoutMs });
        socket.on("error", () => undefined).destroy();
        await proxy.close();
        expect(proxy.users).toEqual([name]);
      }),
      { numRuns: 15 },
    );
  });

  it("carries an upgrade, as WebSocket clients ask for it", async () => {
    const server = http.createServer().on("upgrade", (_request, socket: Duplex) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nhello ");
      socket.on("error", () => undefined).pipe(socket);
    });
    const secure = https
      .createServer(certificate)
      .on("upgrade", (request, socket: Duplex, head: Buffer) => server.emit("upgrade", request, socket, head));
    const proxy = await proxyOf({ kind });
    for (const [module, one] of [
      [http, server],
      [https, secure],
    ] as const) {
      await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
      open.push({ close: () => new Promise((resolve) => one.close(resolve)) });
      const agent = createTunnelAgent({ proxy: proxy.url, secure: module === https, timeoutMs });
      const request = module.request({
        agent,
        host: "localhost",
        port: (one.address() as AddressInfo).port,
        headers: { connection: "Upgrade", upgrade: "websocket" },
      });
      const upgraded = new Promise<[Socket, Buffer]>((resolve, reject) => {
        request.on("upgrade", (_response, socket, head) => resolve([socket, head]));
        request.on("error", reject);
      });
      request.end();
      const [socket, head] = await upgraded;
      expect(`${head.toString()}${await converse(socket, "ws")}`).toBe("hello ws");
    }
    expect(proxy.targets).toHaveLength(2);
  });

  it("tells an agent's request why there is no connection", async () => {
    const { url } = await proxyOf({ kind, refuse: kind === "socks5" ? 5 : 502 });
    const agent = createTunnelAgent({ proxy: url, secure: false, timeoutMs });
    const failed = new Promise<Error>((resolve) =>
      http.request({ agent, host: "localhost", port: 1 }).on("error", resolve).end(),
    );
    expect(await failed).toMatchObject({ code: "ERR_PROXY" });
  });
});

describe("without a proxy", () => {
  it("a socket goes straight to the upstream, encrypted or not", async () => {
    for (const secure of [false, true]) {
      const port = await echo({ secure });
      const socket = await connectThrough({ proxy: null, host: "localhost", port, tls: secure, timeoutMs });
      expect(await converse(socket, "direct")).toBe("hello direct");
    }
  });

  it("the upstream's own refusal is told as it is", async () => {
    const port = await echo();
    await open.pop()?.close();
    const refused = connectThrough({ proxy: null, host: "127.0.0.1", port, tls: false, timeoutMs });
    await expect(refused).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a hostile proxy", () => {
  it("cannot fill the memory with a head that does not end", async () => {
    const { url } = await proxyOf({ kind: "http", gibberish: `HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}` });
    const work = openTunnel({ proxy: url, host: "localhost", port: 1, timeoutMs });
    await expect(work).rejects.toThrow("does not end");
  });

  it("that closes in the middle is told apart from one that is silent", async () => {
    const server = net.createServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 2")));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const closed = openTunnel({ proxy, host: "localhost", port: 1, timeoutMs });
    await expect(closed).rejects.toThrow("closed the connection before there was a tunnel");
    const { url } = await proxyOf({ kind: "socks5", silent: true });
    const silent = openTunnel({ proxy: url, host: "localhost", port: 1, timeoutMs: 50 });
    await expect(silent).rejects.toMatchObject({ code: "UND_ERR_CONNECT_TIMEOUT" });
  });

  it("fails, whatever it answers, with an error of its own and in time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("http" as const, "socks5" as const),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
        async (kind, gibberish) => {
          const proxy = await startTestProxy({ kind, gibberish });
          const work = openTunnel({ proxy: proxy.url, host: "localhost", port: 1, timeoutMs: 100 });
          // A few answers are by chance those of a willing proxy.
          const code = await work.then(
            (socket) => (socket.on("error", () => undefined).destroy(), "connected"),
            (error: { code: string }) => error.code,
          );
          await proxy.close();
          expect(["ERR_PROXY", "UND_ERR_CONNECT_TIMEOUT", "connected"]).toContain(code);
        },
      ),
      { numRuns: 40 },
    );
  });
});
