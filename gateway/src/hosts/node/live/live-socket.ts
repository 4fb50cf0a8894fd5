/**
 * One WebSocket of a relay: back-pressure by what waits in its buffer, and pings that find out whether the other end lives.
 * @module
 */
import { WebSocket } from "ws";
import type { LiveMessage } from "../../../call/live/live-host.ts";

/** Bytes that may wait to be sent before the other side is paused; below `low` it goes on. */
const high = 1024 * 1024;
const low = 256 * 1024;
/**
 * Sessions live through silence, and the ways between (NAT, load balancers) do not: most forget a connection that is
 * silent for a minute. Two pings without an answer mean that nobody is there.
 */
const pingEveryMs = 25_000;
const unansweredLimit = 2;

/** What is told. */
export interface LiveSocketEvents {
  message(message: LiveMessage): void;
  /** Once; 1005: closed without a code, 1006: without a closing handshake. */
  closed(code: number, reason: string): void;
  /** What waited has gone out. */
  drained(): void;
  /** A message was larger than it may be; `closed` follows. */
  tooLarge(): void;
}

/** A socket that is open. */
export interface LiveSocket {
  /** @returns false when much is waiting: `drained` follows */
  send(message: LiveMessage): boolean;
  close(code: number, reason: string): void;
  pause(): void;
  resume(): void;
  /** Ends it at once and tells nothing more. */
  cut(): void;
}

/** Takes over an open WebSocket. */
export function createLiveSocket(socket: WebSocket, events: LiveSocketEvents): LiveSocket {
  let blocked = false;
  let silent = false;
  let unanswered = 0;
  const ping = setInterval(() => {
    // A paused socket reads no pongs.
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) return;
    if (unanswered >= unansweredLimit) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, pingEveryMs);
  ping.unref();
  const sent = (): void => {
    if (!blocked || socket.bufferedAmount > low) return;
    blocked = false;
    if (!silent) events.drained();
  };
  socket.on("pong", () => (unanswered = 0));
  socket.on("message", (data: Buffer, binary: boolean) => {
    unanswered = 0;
    if (!silent) events.message({ data, binary });
  });
  // `close` follows each error.
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" && !silent) events.tooLarge();
  });
  socket.on("close", (code: number, reason: Buffer) => {
    clearInterval(ping);
    if (!silent) events.closed(code, reason.toString("utf8"));
  });
  return {
    send({ data, binary }) {
      socket.send(data, { binary, compress: false }, sent);
      if (socket.bufferedAmount > high) blocked = true;
      return !blocked;
    },
    close(code, reason) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.close(code, reason);
      // The answer to it must be read.
      socket.resume();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    cut() {
      silent = true;
      socket.terminate();
    },
  };
}
