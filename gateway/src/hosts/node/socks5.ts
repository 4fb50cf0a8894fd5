/**
 * The client's side of SOCKS 5 (RFC 1928) with user name and password (RFC 1929). Names are resolved by the proxy, for
 * `socks5://` as for `socks5h://`: the proxy may stand where other names are known, and ours need not learn them.
 * @module
 */
import { isIPv4, isIPv6, type Socket } from "node:net";
import { ProxyError } from "./proxy-error.ts";
import type { SocketReader } from "./socket-reader.ts";

/**
 * Asks for a tunnel.
 * @param parts `user`, `password`: decoded, at most 255 bytes each; both empty: none
 * @throws ProxyError with the reason
 */
export async function askSocks5(parts: {
  socket: Socket;
  reader: SocketReader;
  user: string;
  password: string;
  host: string;
  port: number;
}): Promise<void> {
  const { socket, reader, user, password, host, port } = parts;
  const hasUser = user !== "" || password !== "";
  socket.write(Uint8Array.from(hasUser ? [5, 2, methods.none, methods.password] : [5, 1, methods.none]));
  const [version, method] = await reader.take(2);
  if (version !== 5) throw new ProxyError("does not speak SOCKS 5");
  if (method === methods.password && hasUser) {
    const [name, secret] = [Buffer.from(user), Buffer.from(password)];
    socket.write(Buffer.concat([Uint8Array.of(1, name.length), name, Uint8Array.of(secret.length), secret]));
    const [, status] = await reader.take(2);
    if (status !== 0) throw new ProxyError("refused the user name and password");
  } else if (method !== methods.none)
    throw new ProxyError(hasUser ? "takes no user name and password" : "asks for a user name and password");
  socket.write(Buffer.concat([Uint8Array.of(5, 1, 0), addressOf(host), Uint8Array.of(port >> 8, port & 0xff)]));
  const [, reply = 1, , kind] = await reader.take(4);
  // The address that follows is the proxy's own end; it is read past.
  const length = kind === kinds.v4 ? 4 : kind === kinds.v6 ? 16 : ((await reader.take(1))[0] as number);
  await reader.take(length + 2);
  if (reply !== 0) throw new ProxyError(`could not reach the upstream: ${replies[reply] ?? `SOCKS reply ${reply}`}`);
}

// --- helpers ---

const methods = { none: 0, password: 2 } as const;
const kinds = { v4: 1, name: 3, v6: 4 } as const;

/** RFC 1928 6. */
const replies: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "not allowed by its rules",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "time to live expired",
  7: "command not supported",
  8: "address type not supported",
};

function addressOf(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.from([kinds.v4, ...host.split(".").map(Number)]);
  if (isIPv6(host)) return Uint8Array.from([kinds.v6, ...bytesOfIPv6(host)]);
  const name = Buffer.from(host);
  if (name.length > 255) throw new ProxyError("cannot be asked for a host with a name of more than 255 bytes");
  return Buffer.concat([Uint8Array.of(kinds.name, name.length), name]);
}

function bytesOfIPv6(host: string): number[] {
  // The URL parser writes every spelling (a dotted tail, too) in hex groups.
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groupsOf = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => parseInt(group, 16)));
  const [left, right] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const middle = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...middle, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}
