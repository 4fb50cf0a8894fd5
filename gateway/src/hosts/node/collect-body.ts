/**
 * Collects a request's body, bounded by the call and by what all calls together hold.
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Call } from "../../call/call.ts";

/** What collecting needs of a call's host. */
export interface BodyOwner {
  readonly request: IncomingMessage;
  readonly call: Call;
  /** Counts bytes that are held; false when all calls together hold too many. */
  hold(bytes: number): boolean;
}

/**
 * Gives `call.body` the chunks when the last one is here, or refuses.
 * @param host the call's host
 * @param limit bytes
 */
export function collectBody(host: BodyOwner, limit: number): void {
  const { request, call } = host;
  let first: Buffer | null = null;
  let chunks: Buffer[] | null = null;
  let length = 0;
  let refused = false;
  request.on("data", (chunk: Buffer) => {
    if (refused) return;
    length += chunk.length;
    if (length > limit) {
      refused = true;
      chunks = first = null;
      return call.refuse("body_too_large");
    }
    // Small bodies are gone before the counter would matter.
    if (length > 65_536 && !host.hold(chunk.length)) {
      refused = true;
      chunks = first = null;
      return call.refuse("overloaded");
    }
    if (first === null) first = chunk;
    else (chunks ??= [first]).push(chunk);
  });
  request.on("end", () => {
    if (refused) return;
    if (first === null) return call.body({ chunks: [], length: 0 });
    const all = chunks ?? [first];
    // Many small pieces cost more to send one by one than to join; large ones do not.
    call.body({ chunks: length <= 262_144 && all.length > 1 ? [Buffer.concat(all, length)] : all, length });
  });
}
