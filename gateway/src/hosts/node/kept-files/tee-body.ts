/**
 * Reads a request's body along while undici sends it up.
 * @module
 */
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";

/**
 * Hands over each chunk as it passes. The stream's own pace stays: it is read as fast as undici reads it.
 * @param request not read yet
 * @param sink what it throws ends the reading along, nothing else
 */
export function teeBody(request: IncomingMessage, sink: { push(chunk: Uint8Array): void }): void {
  const take = (chunk: Uint8Array): void => {
    try {
      sink.push(chunk);
    } catch {
      request.off("data", take);
    }
  };
  // The plain emitter's `on`: a stream's own would set it flowing before undici listens, and the first bytes were lost.
  EventEmitter.prototype.on.call(request, "data", take);
}
