/** @module What is known of a request before it is served: route, caller, model, and the entry it will have in the record. */

import type { IncomingMessage } from "node:http";

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { modelInBody } from "../openai/serve.ts";
import type { FaultSubject } from "../state/faults.ts";
import type { KnownKey } from "../state/projects.ts";
import type { World } from "../state/world.ts";
import type { ServedRecord } from "../types.ts";
import type { Credential } from "./authenticate.ts";
import { findCredential } from "./authenticate.ts";
import type { ReceivedBody } from "./read-body.ts";
import type { Caller, Route } from "./call.ts";
import { parseRoute } from "./route.ts";

/** A request, understood as far as routing, faults and the record need. */
export interface Arrival {
  /** Decoded once. */
  path: string;
  query: URLSearchParams;
  /** Null for what nobody serves. */
  route: Route | null;
  model: string | null;
  stream: boolean;
  credential: Credential;
  /** Who calls: the credential's key, or what the route goes by instead; null while unknown. */
  caller: KnownKey | null;
  /** Email of the Code Assist account; null without one. */
  account: string | null;
  /** Why the route does not let this caller in. */
  barred: ApiError | null;
}

/** Where an entry comes from, beside the arrival itself. */
export interface EntryOrigin {
  sequence: number;
  /** Milliseconds since the epoch. */
  time: number;
  connection: number;
  fault: number | null;
}

/** Reads a request; on the OpenAI surface the body names the model. */
export function readArrival(request: IncomingMessage, body: ReceivedBody, world: World): Arrival {
  const [rawPath, rawQuery] = splitOnce(request.url ?? "/", "?");
  const path = decodePath(rawPath);
  const query = new URLSearchParams(rawQuery);
  const route = parseRoute(request.method ?? "GET", path, query);
  const credential = findCredential(request.headers, query, world.projects);
  const caller: Caller = {
    world,
    key: credential.key,
    headers: request.headers,
    body: route?.accountOf ? (body.bytes?.toString() ?? "") : "",
    query,
  };
  const identified = route?.identify?.(caller) ?? credential.known ?? null;
  const barred = identified && isRefusal(identified) ? identified : null;
  const peek =
    route?.peek ?? (route?.surface === "openai" && !route.serve && request.method === "POST" ? modelInBody : null);
  const named = peek && body.bytes ? peek(body.bytes.toString()) : null;
  return {
    path,
    query,
    route,
    model: named?.model ?? route?.model ?? null,
    stream: named?.stream ?? route?.operation === "streamGenerateContent",
    credential,
    caller: identified && !isRefusal(identified) ? identified : (credential.known ?? null),
    account: route?.accountOf?.(caller) ?? null,
    barred,
  };
}

/** The request as faults see it. */
export function toSubject({ path, route, model, stream, credential, caller, account }: Arrival): FaultSubject {
  return {
    key: credential.key,
    project: projectOf(caller),
    model,
    path,
    surface: route?.surface ?? "unknown",
    account,
    operation: route?.operation ?? null,
    stream,
  };
}

/** The entry with what is known at arrival; how it ended is filled in later. */
export function toEntry(
  request: IncomingMessage,
  from: { arrival: Arrival; body: ReceivedBody; world: World; origin: EntryOrigin },
): ServedRecord {
  const { arrival, body, world, origin } = from;
  const { recordHeaders, recordBodyBytes = 0 } = world.options;
  return {
    sequence: origin.sequence,
    time: origin.time,
    connection: origin.connection,
    key: arrival.credential.key,
    credential: arrival.credential.place,
    project: projectOf(arrival.caller),
    model: arrival.model,
    surface: arrival.route?.surface ?? "unknown",
    account: arrival.account,
    operation: arrival.route?.operation ?? null,
    method: request.method ?? "GET",
    path: splitOnce(request.url ?? "/", "?")[0],
    status: 0,
    errorStatus: null,
    outcome: "complete",
    stream: arrival.stream,
    usage: null,
    chunksSent: 0,
    requestBytes: body.size,
    responseBytes: 0,
    sha256: body.sha256,
    fault: origin.fault,
    ...(recordHeaders ? { headers: flatHeaders(request) } : {}),
    ...(recordBodyBytes > 0 && body.bytes ? { body: body.bytes.subarray(0, recordBodyBytes).toString() } : {}),
  };
}

// --- helpers ---

// Who asks for a token belongs to no project.
function projectOf(caller: KnownKey | null): string | null {
  return caller && caller.project.id !== "" ? caller.project.id : null;
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
