/**
 * Connections through outbound proxies: CONNECT over http and https (RFC 9110 9.3.6), SOCKS 5. Own code and not undici's
 * ProxyAgent and Socks5ProxyAgent, since those change header lists into objects, forward plain http instead of tunnelling
 * it, and the latter is experimental; and since WebSocket needs the same sockets.
 * @module
 */
import http from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { callbackify } from "node:util";
import { ProxyError } from "./proxy-error.ts";
import { createSocketReader } from "./socket-reader.ts";
import { askSocks5 } from "./socks5.ts";

/** Where to. */
export interface TunnelTarget {
  /** From `parseProxyUrl`; null: straight to the host. */
  proxy: string | null;
  /** Name or address, IPv6 without brackets. */
  host: string;
  port: number;
  /** For the whole way, milliseconds. */
  timeoutMs: number;
}

/**
 * Opens a connection.
 * @param target `tls`: encrypted to the host itself, not only to the proxy; the host's certificate is checked
 * @returns a connected socket that nobody reads from yet; it must get an error listener in the same turn
 * @throws ProxyError; system and TLS errors of the host as they are
 */
export async function connectThrough(target: TunnelTarget & { tls: boolean }): Promise<Socket> {
  const deadline = createDeadline(target.timeoutMs);
  try {
    const socket = await openSocket(target, deadline);
    if (!target.tls) return socket;
    const servername = net.isIP(target.host) === 0 ? { servername: target.host } : {};
    const secure = tls.connect({ socket, host: target.host, ALPNProtocols: ["http/1.1"], ...servername });
    return await deadline.connected(secure, "secureConnect", (error) => error);
  } finally {
    deadline.end();
  }
}

/**
 * Opens a connection up to the host, plain: the caller may speak TLS over it.
 * @throws ProxyError; system errors of the host as they are
 */
export async function openTunnel(target: TunnelTarget): Promise<Socket> {
  const deadline = createDeadline(target.timeoutMs);
  try {
    return await openSocket(target, deadline);
  } finally {
    deadline.end();
  }
}

/**
 * An agent for `http.request` and for the `agent` option of WebSocket clients, whose connections go through a proxy.
 * They are not kept for reuse.
 * @param options `secure`: for https: and wss: targets
 */
export function createTunnelAgent(options: { proxy: string | null; secure: boolean; timeoutMs: number }): http.Agent {
  const { proxy, secure, timeoutMs } = options;
  const agent = secure ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false });
  agent.createConnection = (request, callback) => {
    const host = String(request.host ?? request.hostname ?? "localhost").replace(/^\[|\]$/g, "");
    const port = Number(request.port ?? (secure ? 443 : 80));
    connect({ proxy, host, port, tls: secure, timeoutMs }, (error, socket) => callback?.(error, socket));
    return undefined;
  };
  return agent;
}

// --- helpers ---

const connect = callbackify(connectThrough);

/** A proxy's answer to CONNECT is a status line and a few headers. */
const headLimit = 16_384;

interface Deadline {
  /** Waits for a socket's event; a failure destroys the socket and goes through `explain`. */
  connected<Connected extends Socket>(
    socket: Connected,
    event: "connect" | "secureConnect",
    explain: (error: NodeJS.ErrnoException) => Error,
  ): Promise<Connected>;
  /** Destroys the socket of an unfinished handshake when the time is up, and tells so. */
  bound<Result>(socket: Socket, work: Promise<Result>): Promise<Result>;
  end(): void;
}

async function openSocket(target: TunnelTarget, deadline: Deadline): Promise<Socket> {
  const { proxy, host, port } = target;
  if (proxy === null) {
    const socket = net.connect({ host, port });
    return settle(await deadline.connected(socket, "connect", (error) => error));
  }
  const { protocol, hostname, port: portText, username, password } = new URL(proxy);
  const proxyHost = hostname.replace(/^\[|\]$/g, "");
  const proxyPort = portText === "" ? (defaultPorts[protocol] as number) : Number(portText);
  const unreachable = (error: NodeJS.ErrnoException): Error =>
    new ProxyError(`cannot be reached (${error.code ?? error.name})`);
  const plain = net.connect({ host: proxyHost, port: proxyPort });
  let socket: Socket = await deadline.connected(plain, "connect", unreachable);
  if (protocol === "https:") {
    const servername = net.isIP(proxyHost) === 0 ? { servername: proxyHost } : {};
    const secure = tls.connect({ socket, host: proxyHost, ALPNProtocols: ["http/1.1"], ...servername });
    socket = await deadline.connected(secure, "secureConnect", unreachable);
  }
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  const reader = createSocketReader(socket);
  const handshake = protocol.startsWith("socks5")
    ? askSocks5({ socket, reader, user, password: secret, host, port })
    : askConnect({ socket, reader, user, password: secret, host, port });
  await deadline.bound(socket, handshake);
  reader.release();
  return settle(socket);
}

const defaultPorts: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "socks5:": 1080,
  "socks5h:": 1080,
};

/** As undici treats the connections that it makes itself. */
function settle(socket: Socket): Socket {
  return socket.setNoDelay(true).setKeepAlive(true, 60_000);
}

async function askConnect(parts: Parameters<typeof askSocks5>[0]): Promise<void> {
  const { socket, reader, user, password, host, port } = parts;
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const hasUser = user !== "" || password !== "";
  const credentials = Buffer.from(`${user}:${password}`).toString("base64");
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (hasUser) lines.push(`Proxy-Authorization: Basic ${credentials}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const head = (await reader.takeHead(headLimit)).toString("latin1");
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1];
  if (status === undefined) throw new ProxyError("does not speak HTTP");
  if (status === "407")
    throw new ProxyError(hasUser ? "refused the user name and password" : "asks for a user name and password");
  if (!status.startsWith("2")) throw new ProxyError(`refused the tunnel with status ${status}`);
}

function createDeadline(timeoutMs: number): Deadline {
  let expire: (() => void) | null = null;
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    expire?.();
  }, timeoutMs);
  const tooLate = (): ProxyError =>
    new ProxyError(`made no connection within ${timeoutMs} ms`, "UND_ERR_CONNECT_TIMEOUT");

  async function bound<Result>(socket: Socket, work: Promise<Result>): Promise<Result> {
    if (over) socket.destroy();
    expire = () => void socket.destroy();
    try {
      return await work;
    } catch (error) {
      socket.destroy();
      throw over ? tooLate() : error;
    } finally {
      expire = null;
    }
  }
  return {
    bound,
    connected(socket, event, explain) {
      const work = new Promise<typeof socket>((resolve, reject) => {
        socket.once(event, () => resolve(socket));
        socket.on("error", (error: NodeJS.ErrnoException) => reject(explain(error)));
        socket.once("close", () => reject(explain(Object.assign(new Error("closed"), { code: "ECONNRESET" }))));
      });
      return bound(socket, work);
    },
    end: () => clearTimeout(timer),
  };
}
