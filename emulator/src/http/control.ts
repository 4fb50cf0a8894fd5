/** @module The control surface `/_emulator/`: other processes and runtimes read the record and command faults over HTTP. */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { AccountConfig } from "../accounts/types.ts";
import type { World } from "../state/world.ts";
import type { FaultSpec, ProjectConfig } from "../types.ts";
import type { ScriptedAnswer } from "../state/script-types.ts";
import { readBody } from "./read-body.ts";

/** Prefix of every control path. */
export const CONTROL_PREFIX = "/_emulator/";

/** Serves one control request; these never enter the record. */
export async function serveControl(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const url = new URL(request.url ?? "/", "http://emulator");
  const name = `${request.method} ${url.pathname.slice(CONTROL_PREFIX.length)}`;
  const body = await readBody(request, 16_777_216);
  const handler = HANDLERS[name];
  world.deferred.settle(world.now());
  if (!handler) return answer(response, 404, { error: `No such control: ${name}`, controls: Object.keys(HANDLERS) });
  try {
    const text = body.bytes?.toString() ?? "";
    answer(response, 200, handler(world, text === "" ? undefined : JSON.parse(text), url.searchParams));
  } catch (error) {
    answer(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
}

// --- helpers ---

type Handler = (world: World, body: unknown, query: URLSearchParams) => unknown;

const HANDLERS: Record<string, Handler> = {
  "GET health": () => ({ ok: true }),
  "GET record": (world, _, query) => {
    const entries = world.records.list(Number(query.get("since") ?? 0));
    const limit = Number(query.get("limit") ?? entries.length);
    return { record: entries.slice(0, limit), dropped: world.records.totals().recordDropped };
  },
  "GET totals": (world) => world.records.totals(),
  "GET resources": (world) => ({ resources: world.resources.summary(), storedBytes: world.contents.size() }),
  "GET faults": (world) => ({ faults: world.faults.list() }),
  "POST faults": (world, body) => ({ ids: asList<FaultSpec>(body).map((spec) => world.faults.add(spec)) }),
  "DELETE faults": (world) => {
    world.faults.clear();
    return { ok: true };
  },
  "POST reset": (world) => {
    world.reset();
    return { ok: true };
  },
  "GET projects": (world) => ({ projects: world.projects.list() }),
  "PUT projects": (world, body) => {
    for (const project of asList<ProjectConfig>(body)) world.projects.set(project);
    return { projects: world.projects.list() };
  },
  "GET accounts": (world) => ({ accounts: world.accounts.list(world.now()) }),
  "PUT accounts": (world, body) => {
    for (const account of asList<AccountConfig>(body)) world.accounts.set(account);
    return { accounts: world.accounts.list(world.now()) };
  },
  "DELETE tokens": (world, _, query) => {
    world.accounts.expire(query.get("email") ?? undefined);
    return { accounts: world.accounts.list(world.now()) };
  },
  "POST script": (world, body) => {
    world.scripts.push(asList<ScriptedAnswer>(body));
    return { left: world.scripts.left() };
  },
  "GET script": (world) => ({ left: world.scripts.left() }),
  "DELETE script": (world) => {
    world.scripts.clear();
    return { ok: true };
  },
  "POST advance": (world, body) => {
    const ms = (body as { ms?: unknown } | undefined)?.ms;
    if (typeof ms !== "number") throw new TypeError("advance needs {ms: number}");
    world.advance(ms);
    return { now: world.now() };
  },
};

function asList<Item>(body: unknown): Item[] {
  if (typeof body !== "object" || body === null) throw new TypeError("Expected a JSON object or a list of them");
  return (Array.isArray(body) ? body : [body]) as Item[];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
