/** @module One WebSocket connection, the server's end: messages in, messages out, and every way of ending. */

import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import type { FrameEvent } from "./frames.ts";
import { closePayload, createFrameReader, encodeFrame, OPCODE, truncateReason } from "./frames.ts";

/** How a connection ended. */
export interface Closing {
  by: "client" | "server";
  /** 1005: a close frame without a code; 1006: no close frame. */
  code: number;
  reason: string;
  /** Ended on purpose without a close frame. */
  aborted?: "reset" | "end" | "middle";
}

/** How messages are put on the wire; faults change it. */
export interface WireShape {
  /** @default true: Google sends JSON in binary frames (fact sheet upstream 9) */
  binary: boolean;
  /** Payload of a frame; null: a message is one frame. */
  fragmentBytes: number | null;
  /** Bytes dribble. */
  drip: { bytes: number; everyMs: number } | null;
  /** Says nothing, not even pongs. */
  silent: boolean;
}

/** A connection. Everything but `send` returns at once. */
export interface Connection {
  readonly shape: WireShape;
  /** Sends a message; resolves when the next may follow. Nothing happens once closing. */
  send(text: string): Promise<void>;
  /** Sends a close frame and ends the connection when the client has answered, or after a second. */
  close(code: number, reason: string): void;
  /** Ends without a close frame. */
  abort(how: "reset" | "end" | "middle"): void;
  /** How it is ending, null while it is not. */
  closing(): Closing | null;
  /** Fires when it begins to end. */
  readonly ended: AbortSignal;
  /** Bytes written, frames included. */
  bytes(): number;
}

/** What a connection is made with. */
export interface ConnectionOptions {
  socket: Socket;
  /** Bytes that came with the handshake. */
  head: Buffer;
  maxMessageBytes: number;
  onMessage: (data: Buffer, binary: boolean) => void;
  /** Runs once, before the closing bytes go out or when the client is found gone. */
  onClosing: (closing: Closing) => void;
}

/** Takes a socket over after the 101. */
export function createConnection(options: ConnectionOptions): Connection {
  const { socket } = options;
  const shape: WireShape = { binary: true, fragmentBytes: null, drip: null, silent: false };
  const reader = createFrameReader({ masked: true, maxMessageBytes: options.maxMessageBytes });
  const ended = new AbortController();
  let closing: Closing | null = null;
  let bytes = 0;
  // Writes of a dripping connection wait for each other: frames must not mix.
  let queued = 0;
  let tail: Promise<void> = Promise.resolve();

  const put = async (chunk: Buffer): Promise<void> => {
    if (socket.destroyed || socket.writableEnded) return;
    bytes += chunk.length;
    if (!socket.write(chunk)) await drained(socket);
  };
  const write = (chunk: Buffer): Promise<void> => {
    const { drip } = shape;
    if (!drip && queued === 0) return put(chunk);
    // A peer that only pings while its frames drip would queue without end.
    if (queued > MAX_QUEUED) socket.destroy();
    queued++;
    tail = tail.then(async () => {
      const size = Math.max(1, drip?.bytes ?? chunk.length);
      for (let start = 0; start < chunk.length && !socket.destroyed; start += size) {
        if (start > 0) await wait(drip?.everyMs ?? 0);
        await put(chunk.subarray(start, start + size));
      }
      queued--;
    });
    return tail;
  };
  const begin = (how: Closing): boolean => {
    if (closing) return false;
    closing = how;
    options.onClosing(how);
    ended.abort();
    return true;
  };
  const finish = (): void => {
    void tail.then(() => {
      socket.end();
      destroyLater(socket);
    });
  };
  const close = (code: number, reason: string): void => {
    if (!begin({ by: "server", code, reason: truncateReason(reason) })) return;
    const written = write(encodeFrame({ opcode: OPCODE.close, data: closePayload(code, reason) }));
    // A client that reads nothing must not keep us: only commanded dripping is waited for.
    if (shape.drip) void written.then(() => destroyLater(socket));
    else destroyLater(socket);
  };
  const take = (event: FrameEvent): void => {
    switch (event.kind) {
      case "message":
        if (!closing) options.onMessage(event.data, event.binary);
        return;
      case "ping":
        if (!closing && !shape.silent) void write(encodeFrame({ opcode: OPCODE.pong, data: event.data }));
        return;
      case "pong":
        return;
      case "close": {
        // The answer to our own close, or the client's wish, which is confirmed with its own code.
        if (begin({ by: "client", code: event.code, reason: event.reason })) {
          const data = event.code === 1005 ? Buffer.alloc(0) : closePayload(event.code, event.reason);
          void write(encodeFrame({ opcode: OPCODE.close, data }));
        }
        finish();
        return;
      }
      case "failure":
        close(event.code, event.reason);
        finish();
    }
  };
  const receive = (chunk: Buffer): void => {
    for (const event of reader.push(chunk)) take(event);
  };
  socket.setNoDelay(true);
  socket.setTimeout(0);
  socket.on("data", receive);
  // What goes wrong with a socket shows in `close`.
  socket.on("error", () => undefined);
  socket.on("end", () => {
    begin({ by: "client", code: 1006, reason: "" });
    finish();
  });
  socket.on("close", () => {
    begin({ by: "client", code: 1006, reason: "" });
  });
  // Only when whoever made the connection has got hold of it.
  if (options.head.length > 0) queueMicrotask(() => receive(options.head));
  return {
    shape,
    send: async (text) => {
      if (closing || shape.silent) return;
      // In one piece: fragments of two messages must not mix.
      await write(Buffer.concat(toFrames(Buffer.from(text), shape)));
    },
    close,
    abort: (how) => {
      if (!begin({ by: "server", code: 1006, reason: "", aborted: how })) return;
      if (how === "middle") void write(encodeFrame({ opcode: OPCODE.binary, data: Buffer.alloc(64) }).subarray(0, 32));
      // A RST overtakes bytes that the peer has not read yet: give it a moment.
      if (how === "reset") void wait(RESET_PAUSE_MS).then(() => socket.resetAndDestroy());
      else finish();
    },
    closing: () => closing,
    ended: ended.signal,
    bytes: () => bytes,
  };
}

// --- helpers ---

const MAX_QUEUED = 4_096;
const CLOSE_WAIT_MS = 1_000;
const RESET_PAUSE_MS = 10;

function toFrames(data: Buffer, { binary, fragmentBytes }: WireShape): Buffer[] {
  const opcode = binary ? OPCODE.binary : OPCODE.text;
  if (fragmentBytes === null || data.length <= fragmentBytes) return [encodeFrame({ opcode, data })];
  const size = Math.max(1, fragmentBytes);
  const frames: Buffer[] = [];
  for (let start = 0; start < data.length; start += size) {
    frames.push(
      encodeFrame({
        opcode: start === 0 ? opcode : OPCODE.continuation,
        data: data.subarray(start, start + size),
        final: start + size >= data.length,
      }),
    );
  }
  return frames;
}

function destroyLater(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), CLOSE_WAIT_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.removeListener("drain", done);
      socket.removeListener("close", done);
      resolve();
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}
