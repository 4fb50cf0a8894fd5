/**
 * Reads a handshake's bytes off a socket and leaves the socket as it was: nothing flows, nothing is swallowed.
 * @module
 */
import type { Socket } from "node:net";
import { ProxyError } from "./proxy-error.ts";

/** Reads while a handshake lasts. */
export interface SocketReader {
  /** Exactly so many bytes. Rejects when the socket ends or breaks first. */
  take(length: number): Promise<Buffer>;
  /**
   * Everything up to and including a blank line.
   * @param limit bytes; a longer head rejects
   */
  takeHead(limit: number): Promise<Buffer>;
  /** Ends reading; what was read too far goes back into the socket. */
  release(): void;
}

/** @param socket connected, nobody else reads from it */
export function createSocketReader(socket: Socket): SocketReader {
  let held: Buffer = Buffer.alloc(0);
  let failure: Error | null = null;
  let wake: (() => void) | null = null;
  const woken = (): void => {
    const call = wake;
    wake = null;
    call?.();
  };
  // `readable` and not `data`: a socket that has flowed stays paused for whoever comes after.
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    woken();
  };
  const onGone = (): void => {
    failure ??= new ProxyError("closed the connection before there was a tunnel");
    woken();
  };
  const onError = (error: NodeJS.ErrnoException): void => {
    failure ??= new ProxyError(`broke the connection (${error.code ?? error.name})`);
    woken();
  };
  socket.on("readable", onReadable).on("end", onGone).on("close", onGone).on("error", onError);

  async function until(isThere: () => number): Promise<Buffer> {
    for (;;) {
      const length = isThere();
      if (length > 0) {
        const taken = held.subarray(0, length);
        held = held.subarray(length);
        return taken;
      }
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    take: (length) => until(() => (held.length >= length ? length : 0)),
    takeHead: (limit) =>
      until(() => {
        const end = held.indexOf("\r\n\r\n");
        if (end < 0 && held.length > limit) throw new ProxyError("answered with a head that does not end");
        return end < 0 ? 0 : end + 4;
      }),
    release() {
      socket.off("readable", onReadable).off("end", onGone).off("close", onGone).off("error", onError);
      // An error between here and the next listener must not end the process; the next read or write tells it again.
      socket.on("error", () => undefined);
      if (held.length > 0) socket.unshift(held);
    },
  };
}
