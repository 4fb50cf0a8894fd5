/**
 * HTTP answers where node:http gives no response object: upgrade requests, and what was no HTTP at all.
 * @module
 */
import http from "node:http";
import type { Duplex } from "node:stream";
import type { RawHeaders } from "../../../core/headers.ts";

/** A refused connection that its client does not close is closed for it. */
const lingerMs = 2_000;

/** A whole answer. */
export interface RawAnswer {
  status: number;
  /** Flat list without content-length and connection. */
  headers: RawHeaders;
  body: Uint8Array;
}

/** Writes the answer by hand and ends the connection. */
export function answerRaw(socket: Duplex, answer: RawAnswer): void {
  // An upgraded socket has nobody else who listens: its reset would end the process.
  socket.on("error", () => socket.destroy());
  // Into an answer that is under way nothing may be written: the client would take it for a part of that answer.
  const inFlight = (socket as { _httpMessage?: http.ServerResponse | null })._httpMessage;
  if (!socket.writable || inFlight?.headersSent === true) return void socket.destroy();
  const { status, headers, body } = answer;
  const lines = [`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? "Error"}`];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name !== "content-length") lines.push(`${name}: ${headers[index + 1] as string}`);
  }
  lines.push(`content-length: ${body.length}`, "connection: close", "", "");
  socket.end(Buffer.concat([Buffer.from(lines.join("\r\n")), body]));
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(linger));
  // Read on, or the end of the client's side is never seen.
  socket.resume();
}
