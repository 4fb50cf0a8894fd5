/** @module Reads a request body: hashed as it comes, kept only up to a limit. */

import { createHash, hash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A body that was received whole, or as much as came before the client left. */
export interface ReceivedBody {
  /** Null when it was larger than the limit: hashed and counted, not kept. */
  bytes: Buffer | null;
  size: number;
  /** Hex. */
  sha256: string;
  /** The client left in the middle. */
  aborted: boolean;
}

/** Reads to the end. @param limit Bytes kept. */
export function readBody(request: IncomingMessage, limit: number): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // Most bodies are one small chunk, hashed in one call; only longer ones need a running hash.
    let first: Buffer = Buffer.alloc(0);
    let running: ReturnType<typeof createHash> | null = null;
    request.on("data", (chunk: Buffer) => {
      if (size === 0) first = chunk;
      else (running ??= createHash("sha256").update(first)).update(chunk);
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
    let settled = false;
    // `close` follows `end` and `error`: the first of them counts.
    const done = (aborted: boolean): void => {
      if (settled) return;
      settled = true;
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const sha256 = running ? running.digest("hex") : hash("sha256", first, "hex");
      resolve({ bytes: size <= limit ? bytes : null, size, sha256, aborted });
    };
    request.once("end", () => done(false));
    request.once("error", () => done(true));
    request.once("close", () => done(true));
  });
}
