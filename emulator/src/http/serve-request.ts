/** @module One request from its first byte to its entry in the record. */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { World } from "../state/world.ts";
import type { CustomResponse, Outcome, ServedRecord } from "../types.ts";
import { answerRequest, streamErrorBody } from "./answer-request.ts";
import { readArrival, toEntry, toSubject } from "./arrival.ts";
import type { DeliveryNotes } from "./deliver.ts";
import { deliver } from "./deliver.ts";
import { readBody } from "./read-body.ts";
import { createTransport } from "./transport.ts";

/** Where a request comes from. */
export interface RequestOrigin {
  world: World;
  /** Number of its connection. */
  connection: number;
  /** Whether the emulator is closing: connections that break then are not the client's doing. */
  isClosing: () => boolean;
}

/**
 * Serves a request and files it. Whatever a client sends is answered.
 * @throws for a bug of the emulator; the request is filed as `closed` then.
 */
export async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  origin: RequestOrigin,
): Promise<void> {
  const { world, connection } = origin;
  const { options } = world;
  const sequence = world.records.arrive();
  const time = world.now();
  const maxBodyBytes = options.maxBodyBytes ?? 104_857_600;
  const body = await readBody(request, maxBodyBytes);
  world.deferred.settle(world.now());
  const arrival = readArrival(request, body, world);
  const fault = body.aborted ? null : world.faults.take(toSubject(arrival));
  const action = fault?.action ?? {};
  const from = { sequence, time, connection, fault: fault?.id ?? null };
  const entry = toEntry(request, { arrival, body, world, origin: from });
  const notes: DeliveryNotes = { status: 0, errorStatus: null, usage: null, chunksSent: 0 };
  let filed = false;
  let streamErrored = false;
  const file = (outcome: Outcome): void => {
    if (filed) return;
    filed = true;
    entry.status = notes.status || CLIENT_CLOSED_REQUEST;
    entry.errorStatus = notes.errorStatus;
    entry.usage = billed(notes.usage);
    entry.chunksSent = notes.chunksSent;
    entry.responseBytes = transport.bytes();
    entry.outcome = streamErrored && outcome === "complete" ? "stream-error" : outcome;
    world.records.commit(entry);
  };
  const transport = createTransport({
    response,
    action,
    gzip: options.compression === "gzip" && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? "")),
    beforeEnd: file,
    onGone: () => {
      const outcome = origin.isClosing() ? "closed" : "client-gone";
      if (!filed) file(outcome);
      else if (entry.outcome === "complete") world.records.amend(entry, outcome);
    },
  });
  if (body.aborted || response.destroyed) return file("client-gone");
  const began = performance.now();
  const projectDelay = arrival.caller?.project.firstByteDelayMs ?? 0;
  try {
    await deliver({
      result: answerRequest(arrival, { world, body, headers: request.headers, sequence, action, maxBodyBytes }),
      transport,
      action,
      notes,
      headers: commonHeaders(began, action.response),
      delayMs: (options.latencyMs ?? 0) + projectDelay + (action.delayMs ?? 0),
      streamError: streamErrorBody(arrival, action, world.now()),
      onStreamError: () => {
        streamErrored = true;
      },
    });
  } catch (error) {
    file("closed");
    throw error;
  }
}

// --- helpers ---

/** The status of an entry whose client left before there was one. */
const CLIENT_CLOSED_REQUEST = 499;

function commonHeaders(began: number, custom?: CustomResponse): Record<string, string> {
  return {
    vary: "Origin, X-Origin, Referer",
    server: "scaffolding on HTTPServer2",
    "x-xss-protection": "0",
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "server-timing": `gfet4t7; dur=${Math.ceil(performance.now() - began)}`,
    "alt-svc": 'h3=":443"; ma=2592000,h3-29=":443"; ma=2592000',
    "x-gemini-service-tier": "standard",
    ...custom?.headers,
  };
}

function billed(usage: ServedRecord["usage"]): ServedRecord["usage"] {
  if (!usage) return null;
  const { prompt, cached, candidates, thoughts, toolUse, total } = usage;
  return { prompt, cached, candidates, thoughts, toolUse, total };
}
