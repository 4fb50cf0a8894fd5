/**
 * WebSockets of the Workers runtime (https://developers.cloudflare.com/workers/runtime-apis/websockets/), as far as used,
 * and their messages in the core's form.
 * @module
 */
import type { LiveMessage } from "../../../call/live/live-host.ts";
import type { Bytes } from "../../../core/ports.ts";

/** One end of a connection. It tells nothing before `accept`. */
export interface WorkerSocket {
  binaryType?: string;
  /** Missing in runtimes that do not count. */
  readonly bufferedAmount?: number;
  accept(): void;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { data: string | ArrayBuffer }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

/** What a socket tells. */
export interface WorkerSocketEvents {
  message(message: LiveMessage): void;
  /** Once; 1006: without a closing handshake. */
  closed(code: number, reason: string): void;
}

/** Two ends that are connected: the first goes into the Response. */
export function createPair(): [client: WorkerSocket, server: WorkerSocket] {
  const { WebSocketPair } = globalThis as unknown as { WebSocketPair: new () => [WorkerSocket, WorkerSocket] };
  const pair = new WebSocketPair();
  return [pair[0], pair[1]];
}

/** Starts to listen. */
export function openSocket(socket: WorkerSocket, bytes: Bytes, events: WorkerSocketEvents): void {
  let closed = false;
  const close = (code: number, reason: string): void => {
    if (closed) return;
    closed = true;
    events.closed(code, reason);
    // Where the runtime does not answer a close by itself.
    quietly(() => socket.close());
  };
  // Newer runtimes give Blobs, which can only be read later.
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) =>
    events.message(
      typeof data === "string"
        ? { data: bytes.encode(data), binary: false }
        : { data: new Uint8Array(data), binary: true },
    ),
  );
  socket.addEventListener("close", ({ code, reason }) => close(code, reason));
  socket.addEventListener("error", () => close(1006, ""));
  socket.accept();
}

/** Sends a message under its opcode. A connection that is over takes none, and says so by its close. */
export function sendMessage(socket: WorkerSocket, message: LiveMessage, bytes: Bytes): void {
  quietly(() => socket.send(message.binary ? message.data : bytes.decode(message.data)));
}

/** Starts the closing handshake. */
export function closeSocket(socket: WorkerSocket, code: number, reason: string): void {
  quietly(() => socket.close(code, reason));
}

// --- helpers ---

/** The methods throw when the connection is over; that is told by an event, too. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Over.
  }
}
