/**
 * For tests: real outbound proxies on node:net, small enough to be read: CONNECT (plain or over TLS) and SOCKS 5.
 * @module
 */
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import type { TestCertificate } from "./certificate.ts";

/** How a proxy behaves. */
export interface TestProxyOptions {
  kind: "http" | "https" | "socks5";
  /** Asked for; absent: none. */
  user?: { name: string; password: string };
  /** Answers so instead of making tunnels: a status (http) or a reply (socks5). */
  refuse?: number;
  /** Never answers. */
  silent?: boolean;
  /** Writes this instead of an answer and waits. */
  gibberish?: string;
  /** Its own bytes leave one at a time. */
  slow?: boolean;
  certificate?: TestCertificate;
}

/** A listening proxy. */
export interface TestProxy {
  /** With user name and password, when it asks for them. */
  url: string;
  port: number;
  /** `host:port` of each tunnel that was asked for, in order. */
  targets: string[];
  /** User names that were shown. */
  users: string[];
  /** Breaks all connections and stops. */
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. */
export async function startTestProxy(options: TestProxyOptions): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const [targets, users]: [string[], string[]] = [[], []];
  const parts: Parts = { options, targets, users, sockets };
  const serve = (socket: Socket): void => {
    track(sockets, socket);
    if (options.silent === true) return;
    if (options.gibberish !== undefined) return void socket.write(options.gibberish);
    serveTunnel(socket, parts).catch(() => socket.destroy());
  };
  const server =
    options.kind === "https"
      ? tls.createServer({ ...options.certificate, ALPNProtocols: ["http/1.1"] }, serve)
      : net.createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { user } = options;
  const userInfo = user === undefined ? "" : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`;
  return {
    url: `${options.kind}://${userInfo}127.0.0.1:${port}`,
    port,
    targets,
    users,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

// --- helpers ---

interface Parts {
  options: TestProxyOptions;
  targets: string[];
  users: string[];
  sockets: Set<Socket>;
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
}

async function serveTunnel(socket: Socket, parts: Parts): Promise<void> {
  const reader = readerOf(socket);
  const say = async (bytes: Uint8Array | string): Promise<void> => {
    if (parts.options.slow !== true) return void socket.write(bytes);
    for (const byte of Buffer.from(bytes)) await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
  };
  const target = await (parts.options.kind === "socks5" ? serveSocks : serveConnect)(reader, say, parts);
  if (target === null) return void socket.end();
  parts.targets.push(`${target.host}:${target.port}`);
  const upstream = net.connect(target.port, target.host);
  track(parts.sockets, upstream);
  await new Promise((resolve, reject) => upstream.once("connect", resolve).once("error", reject));
  const ready = Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 80);
  await say(parts.options.kind === "socks5" ? ready : "HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n");
  reader.release();
  socket.pipe(upstream).pipe(socket);
  socket.on("close", () => upstream.destroy());
  upstream.on("close", () => socket.destroy());
}

type Serve = (
  reader: ReturnType<typeof readerOf>,
  say: (bytes: Uint8Array | string) => Promise<void>,
  parts: Parts,
) => Promise<{ host: string; port: number } | null>;

const serveConnect: Serve = async (reader, say, { options, users }) => {
  const head = await reader.head();
  const shown = /^proxy-authorization: basic (.+)$/im.exec(head)?.[1];
  if (options.user !== undefined) {
    const [name = "", ...rest] = Buffer.from(shown ?? "", "base64")
      .toString()
      .split(":");
    users.push(name);
    if (name !== options.user.name || rest.join(":") !== options.user.password) {
      await say("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return null;
    }
  }
  if (options.refuse !== undefined) {
    await say(`HTTP/1.1 ${options.refuse} No\r\ncontent-length: 0\r\n\r\n`);
    return null;
  }
  const [, host = "", port = ""] = /^CONNECT \[?([^\s\]]+?)\]?:(\d+) HTTP\/1\.1/.exec(head) ?? [];
  return { host, port: Number(port) };
};

const serveSocks: Serve = async (reader, say, { options, users }) => {
  const [, count = 0] = await reader.take(2);
  const methods = [...(await reader.take(count))];
  const method = options.user === undefined ? 0 : 2;
  if (!methods.includes(method)) {
    await say(Uint8Array.of(5, 0xff));
    return null;
  }
  await say(Uint8Array.of(5, method));
  if (options.user !== undefined) {
    const name = (await reader.take((await reader.take(2))[1] ?? 0)).toString();
    const password = (await reader.take((await reader.take(1))[0] ?? 0)).toString();
    users.push(name);
    const isRight = name === options.user.name && password === options.user.password;
    await say(Uint8Array.of(1, isRight ? 0 : 1));
    if (!isRight) return null;
  }
  const kind = (await reader.take(4))[3];
  const address = await reader.take(kind === 1 ? 4 : kind === 4 ? 16 : ((await reader.take(1))[0] ?? 0));
  const port = (await reader.take(2)).readUInt16BE();
  if (options.refuse !== undefined) {
    // With a name for the proxy's own end: clients must read past every kind of address.
    await say(Buffer.concat([Uint8Array.of(5, options.refuse, 0, 3, 5), Buffer.from("proxy"), Uint8Array.of(0, 80)]));
    return null;
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    kind === 4 ? address.readUInt16BE(index * 2).toString(16) : "",
  );
  return { host: kind === 1 ? [...address].join(".") : kind === 4 ? groups.join(":") : address.toString(), port };
};

function readerOf(socket: Socket): {
  take(length: number): Promise<Buffer>;
  head(): Promise<string>;
  release(): void;
} {
  let held = Buffer.alloc(0);
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    wake();
  };
  socket.on("data", onData);
  const until = async (end: () => number): Promise<Buffer> => {
    while (end() < 0) await new Promise<void>((resolve) => (wake = resolve));
    const taken = held.subarray(0, end());
    held = held.subarray(taken.length);
    return taken;
  };
  return {
    take: (length) => until(() => (held.length >= length ? length : -1)),
    head: async () =>
      (
        await until(() => {
          const at = held.indexOf("\r\n\r\n");
          return at < 0 ? -1 : at + 4;
        })
      ).toString("latin1"),
    release() {
      socket.off("data", onData);
      if (held.length > 0) socket.unshift(held);
    },
  };
}
