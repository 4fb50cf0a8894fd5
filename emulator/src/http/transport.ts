/** @module Moves the bytes of one answer, whole or maltreated: split, dripped, cut by FIN or RST at a byte. */

import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { constants, createGzip } from "node:zlib";

import type { FaultAction, Outcome } from "../types.ts";
import { splitBytes } from "./split-bytes.ts";

/** Moves one answer. */
export interface Transport {
  /** Null while bytes can still be written. */
  ended(): Outcome | null;
  /** Body bytes handed to the socket. */
  bytes(): number;
  head(status: number, headers: Record<string, string>): void;
  /** Sends the head although no body byte is there yet. */
  flushHead(): void;
  /** Writes body bytes; resolves when the next may follow. Writes nothing once ended. */
  write(text: string | Buffer): Promise<void>;
  /** Ends the body properly; `last` are its last bytes. */
  end(last?: string | Buffer): Promise<void>;
  /** RST. */
  reset(): void;
  /** Waits, no longer than the client stays. */
  sleep(ms: number): Promise<void>;
}

/** What a transport works with. */
export interface TransportOptions {
  response: ServerResponse;
  action: FaultAction;
  gzip: boolean;
  /** Runs just before the last bytes go out, or the connection is broken on purpose. */
  beforeEnd: (outcome: Outcome) => void;
  /** Runs when the connection closes before the answer was wholly handed to the kernel, also after `beforeEnd`. */
  onGone: () => void;
}

/** Wraps a response. Without byte-level faults it adds nothing but counting. */
export function createTransport(options: TransportOptions): Transport {
  const { response, action } = options;
  const { cut, reset, drip, split } = action;
  const limit = cut?.afterBytes ?? reset?.afterBytes ?? Number.POSITIVE_INFINITY;
  const shaped = Number.isFinite(limit) || drip !== undefined || split !== undefined;
  const gzip = options.gzip && !shaped ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : null;
  const left = new AbortController();
  let bytes = 0;
  let ended: Outcome | null = null;

  response.once("close", () => {
    if (response.writableFinished) return;
    ended ??= "client-gone";
    left.abort();
    options.onGone();
  });
  gzip?.pipe(response);

  const finish = (outcome: Outcome): void => {
    if (ended) return;
    options.beforeEnd(outcome);
    ended = outcome;
  };
  const sleep = async (ms: number): Promise<void> => {
    if (ended === "client-gone") return;
    await wait(ms, undefined, { signal: left.signal }).catch(() => undefined);
  };
  const put = async (chunk: Buffer): Promise<void> => {
    bytes += chunk.length;
    const target = gzip ?? response;
    const more = target.write(chunk);
    gzip?.flush();
    if (!more) await drained(target, left.signal);
  };
  const putShaped = async (chunk: Buffer): Promise<void> => {
    const room = limit - bytes;
    const allowed = chunk.length < room ? chunk : chunk.subarray(0, room);
    const pieces = drip ? inPieces(allowed, drip.bytes) : split ? splitBytes(allowed, split) : [allowed];
    for (const [index, piece] of pieces.entries()) {
      if (ended) return;
      if (index === pieces.length - 1 && chunk.length >= room) break;
      await put(piece);
      await sleep(drip?.everyMs ?? SPLIT_PAUSE_MS);
    }
    if (!ended && chunk.length >= room) await breakOff(pieces.at(-1) ?? Buffer.alloc(0), chunk.length - room);
  };
  // The last piece goes out in an HTTP chunk that promises more than it has.
  const breakOff = async (piece: Buffer, missing: number): Promise<void> => {
    bytes += piece.length;
    finish(cut ? "cut" : "reset");
    response.flushHeaders();
    const { socket } = response;
    if (!socket) return;
    socket.uncork();
    const size = (piece.length + Math.max(1, missing)).toString(16);
    await new Promise<void>((resolve) => {
      socket.write(Buffer.concat([Buffer.from(`${size}\r\n`), piece]), () => resolve());
    });
    if (cut) socket.end();
    else {
      // A RST overtakes bytes that the peer has not read yet: give it a moment.
      await wait(RESET_PAUSE_MS);
      socket.resetAndDestroy();
    }
  };
  const write = async (text: string | Buffer): Promise<void> => {
    if (ended) return;
    const chunk = typeof text === "string" ? Buffer.from(text) : text;
    if (chunk.length === 0) return;
    await (shaped ? putShaped(chunk) : put(chunk));
  };
  return {
    ended: () => ended,
    bytes: () => bytes,
    head: (status, headers) => {
      if (ended) return;
      response.writeHead(status, gzip ? { ...headers, "content-encoding": "gzip" } : headers);
    },
    flushHead: () => {
      if (!ended) response.flushHeaders();
    },
    write,
    end: async (last = "") => {
      if (shaped) {
        await write(last);
        if (!ended && Number.isFinite(limit)) await breakOff(Buffer.alloc(0), 1);
        finish("complete");
        if (ended === "complete") response.end();
        return;
      }
      if (ended) return;
      const chunk = typeof last === "string" ? Buffer.from(last) : last;
      bytes += chunk.length;
      finish("complete");
      (gzip ?? response).end(chunk);
    },
    reset: () => {
      finish("reset");
      response.socket?.resetAndDestroy();
    },
    sleep: (ms) => (ms > 0 ? sleep(ms) : nextTurn()),
  };
}

// --- helpers ---

const SPLIT_PAUSE_MS = 2;
const RESET_PAUSE_MS = 10;

function inPieces(chunk: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < chunk.length; start += Math.max(1, size))
    pieces.push(chunk.subarray(start, start + size));
  return pieces;
}

async function drained(target: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      target.removeListener("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    target.once("drain", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
