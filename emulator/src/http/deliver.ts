/** @module Sends a result, with whatever faults the request is to suffer, and notes what went out. */

import type { TokenUsage } from "../answer/gemini-types.ts";
import type { ErrorBody } from "../errors/api-error.ts";
import type { FaultAction } from "../types.ts";
import type { Framing, Result } from "./result.ts";
import { closingOf, encodeFrame, encodeStreamError, frameType } from "./result.ts";
import type { Transport } from "./transport.ts";

/** What delivery notes as it goes. */
export interface DeliveryNotes {
  status: number;
  errorStatus: string | null;
  usage: TokenUsage | null;
  chunksSent: number;
}

/** A delivery. */
export interface Delivery {
  result: Result;
  transport: Transport;
  action: FaultAction;
  notes: DeliveryNotes;
  headers: Record<string, string>;
  /** Milliseconds before the first byte. */
  delayMs: number;
  /** The error that a `streamError` fault sends. */
  streamError: ErrorBody;
  /** An error inside a stream is about to be the last thing sent. */
  onStreamError: () => void;
}

/** Sends; resolves when the last byte was handed over or the client left. */
export async function deliver(delivery: Delivery): Promise<void> {
  const { result, transport, action, notes } = delivery;
  const delayMs = delivery.delayMs + (result.kind === "whole" ? result.delayMs : 0);
  notes.status = result.kind === "whole" ? result.status : 200;
  if (delayMs > 0) await transport.sleep(delayMs);
  if (transport.ended()) return;
  if (action.reset && action.reset.afterBytes === undefined) {
    transport.reset();
    return;
  }
  if (action.empty === "no-body") {
    transport.head(200, { ...delivery.headers, "content-length": "0" });
    await transport.end();
    return;
  }
  if (result.kind === "whole") await sendWhole(delivery, result);
  else await sendFrames(delivery, result);
}

// --- helpers ---

async function sendWhole(delivery: Delivery, result: Result & { kind: "whole" }): Promise<void> {
  const { transport, notes, headers } = delivery;
  notes.errorStatus = result.errorStatus;
  notes.usage = result.usage;
  transport.head(result.status, {
    "content-type": result.contentType,
    ...headers,
    ...result.headers,
    // An empty body is announced as such: upload answers are nothing but headers (fact sheet upstream 1.5).
    ...(result.body.length === 0 && isHarmless(delivery.action)
      ? { "content-length": "0" }
      : { "transfer-encoding": "chunked" }),
  });
  if (delivery.action.stall) await stall(delivery);
  await transport.end(result.body);
}

async function sendFrames(delivery: Delivery, result: Result & { kind: "frames" }): Promise<void> {
  const { transport, action, notes } = delivery;
  const { framing, frames } = result;
  transport.head(200, {
    "content-type": frameType(framing),
    ...(framing === "sse" ? { "content-disposition": "attachment" } : {}),
    ...delivery.headers,
    "transfer-encoding": "chunked",
  });
  for (const [index, frame] of frames.entries()) {
    if (action.stall?.afterChunks === index) await stall(delivery);
    if (action.streamError && action.streamError.afterChunks <= index) return endWithError(delivery, framing, index);
    if (index > 0 || frame.delayMs > 0) await transport.sleep(frame.delayMs);
    if (transport.ended()) return;
    const text = encodeFrame(framing, frame.value, index, action.dataLines);
    // Joined with the end, the last frame costs one packet less; byte-level faults must see it on its own.
    if (index === frames.length - 1 && isHarmless(action)) {
      notes.chunksSent++;
      notes.usage = frame.usage;
      await transport.end(text + (result.ends ? closingOf(framing) : ""));
      return;
    }
    await transport.write(text);
    if (transport.ended()) return;
    notes.chunksSent++;
    notes.usage = frame.usage;
  }
  if (action.stall && action.stall.afterChunks >= frames.length) await stall(delivery);
  if (action.streamError) return endWithError(delivery, framing, frames.length);
  await transport.end(result.ends ? closingOf(framing) : "");
}

function isHarmless(action: FaultAction): boolean {
  return !(action.streamError || action.stall || action.cut || action.reset || action.drip || action.split);
}

async function stall({ transport, action }: Delivery): Promise<void> {
  transport.flushHead();
  const forMs = action.stall?.forMs;
  if (forMs !== undefined) await transport.sleep(forMs);
  else while (!transport.ended()) await transport.sleep(FOREVER_MS);
}

async function endWithError(delivery: Delivery, framing: Framing, index: number): Promise<void> {
  const { transport, action, streamError } = delivery;
  delivery.onStreamError();
  await transport.sleep(0);
  await transport.end(encodeStreamError(framing, streamError, { shape: action.streamError?.shape ?? "event", index }));
}

const FOREVER_MS = 2_000_000_000;
