/** @module The opening handshake of a WebSocket (RFC 6455, section 4.2). No subprotocol, no extension: permessage-deflate is not offered. */

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** What is wrong with a handshake, or null. */
export function checkHandshake({ method, headers }: IncomingMessage): string | null {
  if (method !== "GET") return "Method is not GET.";
  if (headers.upgrade?.toLowerCase() !== "websocket") return "Upgrade is not websocket.";
  if (headers["sec-websocket-version"] !== "13") return "Sec-WebSocket-Version is not 13.";
  const key = headers["sec-websocket-key"];
  return key !== undefined && /^[A-Za-z\d+/]{22}==$/.test(key) ? null : "Sec-WebSocket-Key is not a key.";
}

/** `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`. */
function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Answers 101. The handshake must have passed {@link checkHandshake}. */
export function writeAccept(socket: Duplex, { headers }: IncomingMessage): void {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(headers["sec-websocket-key"] ?? "")}`,
    "server: scaffolding on HTTPServer2",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}

/** An HTTP answer instead of 101; the connection ends with it. */
export interface HandshakeRefusal {
  status: number;
  contentType: string;
  headers?: Record<string, string>;
  body: string | Buffer;
}

/** Answers with an error and ends the connection. Gives back the bytes of the body. */
export function writeRefusal(socket: Duplex, refusal: HandshakeRefusal): number {
  const body = Buffer.from(refusal.body);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Unknown"}`,
    ...Object.entries({ "content-type": refusal.contentType, ...refusal.headers }).map(
      ([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, " ")}`,
    ),
    `content-length: ${body.length}`,
    "connection: close",
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]));
  return body.length;
}
