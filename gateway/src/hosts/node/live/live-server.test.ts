import { once } from "node:events";
import http from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createLiveWorld, harnessUrl, liveSetup, type LiveWorld } from "../../../testkit/live-harness.ts";
import { startTestProxy } from "../testing/proxies.ts";
import { createLiveServer, type LiveServer } from "./live-server.ts";

/** An upstream that does what a test says. */
let upstream: { url: string; sockets: WebSocketServer; server: http.Server };
let closing: (() => void)[] = [];

beforeEach(async () => {
  const server = http.createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 1e9 });
  upstream = { url: await listen(server), sockets, server };
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  closing = [];
  for (const socket of upstream.sockets.clients) socket.terminate();
});

describe("the Node host", () => {
  it("a handshake without its key is answered 400, and holds nothing", async () => {
    const { world, port } = await start();
    const answer = await raw(
      port,
      `GET ${harnessUrl} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(world.sessions.count).toBe(0);
  });

  it("a socket that resets while its client is asked about ends nothing but itself", async () => {
    const { world, port } = await start();
    const socket = connect(port, "127.0.0.1");
    socket.write(`${handshake()}`, () => socket.resetAndDestroy());
    await until(() => world.settled.length === 1 && world.sessions.count === 0);
    expect(world.settled[0]?.record.outcome).toBe("cancelled");
    expect(await raw(port, handshake("x"))).toMatch(/^HTTP\/1\.1 501 /);
  });

  it("text that is no UTF-8 ends the session with 1007, and reaches nobody", async () => {
    const { world, client } = await open();
    upstream.sockets.on("connection", (socket) => socket.send('{"setupComplete":{}}'));
    client.send(JSON.stringify(liveSetup));
    await once(client, "message");
    client.send(Buffer.from([0xff, 0xfe]), { binary: false });
    const [code] = (await once(client, "close")) as [number];
    expect(code).toBe(1007);
    await until(() => world.settled.length === 1);
  });

  it("an upgrade that the upstream refuses is judged by its body", async () => {
    upstream.server.removeAllListeners("upgrade");
    const body = JSON.stringify({
      error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" },
    });
    upstream.server.on("upgrade", (_request, socket) =>
      socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`),
    );
    const { world, client } = await open();
    client.send(JSON.stringify(liveSetup));
    const [code, reason] = (await once(client, "close")) as [number, Buffer];
    expect([code, reason.toString().split(":")[0]]).toEqual([1011, "credentials_unusable"]);
    expect(world.reports.map(({ rule }) => rule)).toEqual(["key.invalid", "key.invalid"]);
  });

  it("an upstream that cannot be reached is 1011, and the lease comes back", async () => {
    const { world, client } = await open({ GOOGLE_GEMINI_API_BASE_URL: "http://127.0.0.1:1", TRANSIENT_RETRIES: "0" });
    client.send(JSON.stringify(liveSetup));
    const [code, reason] = (await once(client, "close")) as [number, Buffer];
    expect([code, reason.toString().split(":")[0]]).toEqual([1011, "upstream_unreachable"]);
    expect(world.leases).toBe(0);
  });

  it("an upstream that never upgrades is given up after CONNECT_TIMEOUT_MS", async () => {
    upstream.server.removeAllListeners("upgrade");
    upstream.server.on("upgrade", () => undefined);
    const { world, client } = await open({ CONNECT_TIMEOUT_MS: "50ms", TRANSIENT_RETRIES: "0" });
    client.send(JSON.stringify(liveSetup));
    const [code, reason] = (await once(client, "close")) as [number, Buffer];
    expect([code, reason.toString().split(":")[0]]).toEqual([1011, "upstream_connect_timeout"]);
    expect(world.leases).toBe(0);
  });

  it.each(["http", "socks5"] as const)("sessions go through an outbound proxy (%s)", async (kind) => {
    const proxy = await startTestProxy({ kind, user: { name: "u", password: "p" } });
    closing.push(() => void proxy.close());
    const { client } = await open({ OUTBOUND_PROXY: proxy.url });
    upstream.sockets.on("connection", (socket) => socket.send('{"setupComplete":{}}'));
    client.send(JSON.stringify(liveSetup));
    await once(client, "message");
    expect(proxy.targets).toEqual([new URL(upstream.url).host]);
  });

  it("a message over the limit is 1009 whichever side sent it", async () => {
    const { client } = await open({ LIVE_MAX_MESSAGE_BYTES: "65536" });
    upstream.sockets.on("connection", (socket) => {
      socket.send('{"setupComplete":{}}');
      socket.once("message", () => socket.send(Buffer.alloc(65_537)));
    });
    client.send(JSON.stringify(liveSetup));
    const [code] = (await once(client, "close")) as [number];
    expect(code).toBe(1009);
  });

  it("the end tells every client 1001, and leaves those that do not answer", async () => {
    const { world, client, live } = await open();
    upstream.sockets.on("connection", (socket) => socket.send('{"setupComplete":{}}'));
    client.send(JSON.stringify(liveSetup));
    await once(client, "message");
    // It reads nothing any more, so it does not answer.
    client.pause();
    live.end();
    expect(world.sessions.count).toBe(0);
    await until(() => world.settled.length === 1);
    client.resume();
    const [code] = (await once(client, "close")) as [number];
    expect(code).toBe(1001);
  });
});

// --- helpers ---

async function start(
  settings: Record<string, string> = {},
): Promise<{ world: LiveWorld; live: LiveServer; port: number }> {
  const world = createLiveWorld({ settings: { GOOGLE_GEMINI_API_BASE_URL: upstream.url, ...settings } });
  const live = createLiveServer(world.environment);
  // The server's own sessions are what counts here.
  const server = http.createServer();
  server.on("upgrade", (request, socket, head) => {
    if (!live.upgrade(request, socket, head)) socket.end("HTTP/1.1 501 Not Implemented\r\n\r\n");
  });
  const url = await listen(server);
  return { world: Object.assign(world, { sessions: live.sessions }), live, port: Number(new URL(url).port) };
}

async function open(
  settings: Record<string, string> = {},
): Promise<{ world: LiveWorld; live: LiveServer; client: WebSocket }> {
  const { world, live, port } = await start(settings);
  const client = new WebSocket(`ws://127.0.0.1:${port}${harnessUrl}`, { perMessageDeflate: false });
  client.on("error", () => undefined);
  closing.push(() => client.terminate());
  await once(client, "open");
  return { world, live, client };
}

async function listen(server: http.Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function handshake(path = harnessUrl): string {
  const lines = [
    "host: x",
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return `GET ${path.startsWith("/") ? path : `/${path}`} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 5_000) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
