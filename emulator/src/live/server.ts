/** @module The Live service: from an HTTP upgrade to a session and its entry in the record. */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { namedError } from "../errors/catalog.ts";
import { notFoundPage } from "../errors/html-pages.ts";
import { findCredential } from "../http/authenticate.ts";
import { refusal } from "../http/result.ts";
import { toPrettyJson } from "../json/write-json.ts";
import type { World } from "../state/world.ts";
import type { FaultAction, Outcome, ProjectConfig } from "../types.ts";
import type { LiveCaller } from "./caller.ts";
import { identifyCaller } from "./caller.ts";
import { toLiveEnd } from "./close-codes.ts";
import type { Closing, Connection } from "./connection.ts";
import { createConnection } from "./connection.ts";
import type { EntryBase, OpenEntry } from "./entries.ts";
import { openEntry } from "./entries.ts";
import { checkHandshake, writeAccept, writeRefusal } from "./handshake.ts";
import { createMusicSession } from "./music.ts";
import { createOutbox } from "./outbox.ts";
import type { LiveRoute } from "./route.ts";
import { parseLiveRoute } from "./route.ts";
import type { Session } from "./session-types.ts";
import { createSession } from "./session.ts";

/** The Live service of one emulator. */
export interface LiveService {
  /** Takes an upgrade over. @param connection Number of the TCP connection. */
  upgrade(request: IncomingMessage, socket: Duplex, options: { head: Buffer; connection: number }): void;
  /** Closes all sessions with 1001; resolves when their connections have ended. */
  close(): Promise<void>;
}

/** Serves Live in a world. It hears of every `advance` of the world's clock. */
export function createLive(world: World): LiveService {
  const open = new Map<Connection, Session>();
  const sockets = new Set<Socket>();
  const perProject = new Map<string, number>();
  let closing = false;

  const { advance } = world;
  world.advance = (ms) => {
    advance(ms);
    for (const session of open.values()) session.tick();
  };
  const admit = (project: ProjectConfig): (() => void) | null => {
    const sessions = perProject.get(project.id) ?? 0;
    const limit = world.options.live?.sessionsPerProject ?? SESSIONS_BY_TIER[project.tier ?? "paid1"] ?? 1_000;
    if (sessions >= limit) return null;
    perProject.set(project.id, sessions + 1);
    return () => {
      const left = (perProject.get(project.id) ?? 1) - 1;
      if (left > 0) perProject.set(project.id, left);
      else perProject.delete(project.id);
    };
  };
  const start = (arrival: Arrival, who: LiveCaller | ApiError): void => {
    const { request, socket, head, entry, action, route, base } = arrival;
    let release: (() => void) | null = null;
    let session: Session | null = null;
    writeAccept(socket, request);
    const connection = createConnection({
      socket,
      head,
      maxMessageBytes: world.options.live?.maxMessageBytes ?? 16_777_216,
      onMessage: (data) => session?.receive(data),
      onClosing: (how) => {
        open.delete(connection);
        release?.();
        const outcome = outcomeOf(how, closing);
        session?.closed(outcome === "complete" ? (how.by === "client" ? "client-gone" : "stream-error") : outcome);
        entry.entry.live = {
          session: entry.entry.sequence,
          closeCode: how.code,
          closeReason: how.reason,
          closedBy: how.by,
        };
        entry.entry.chunksSent = outbox.sent();
        entry.entry.responseBytes = connection.bytes();
        entry.file({ outcome, status: 101, errorStatus: entry.entry.errorStatus });
      },
    });
    const outbox = createOutbox(connection);
    if (isRefusal(who)) {
      const { code, reason, status } = toLiveEnd(who);
      entry.entry.errorStatus = status;
      connection.close(code, reason);
      return;
    }
    const make = route.operation === "bidiGenerateMusic" ? createMusicSession : createSession;
    const created = make({
      world,
      connection,
      outbox,
      caller: who,
      route,
      entry,
      base,
      admit: () => (release ??= admit(who.key.project)) !== null,
      onBug: (error) => {
        // A bug of the emulator must be seen, and must not look like Google.
        console.error("emulator failed", error);
        connection.abort("reset");
      },
    });
    session = created;
    open.set(connection, created);
    outbox.arm(action);
  };
  const refuse = (arrival: Pick<Arrival, "socket" | "entry">, error: ApiError, action: FaultAction = {}): void => {
    const { status, contentType, body, errorStatus } = action.response
      ? { ...customRefusal(action.response), errorStatus: null }
      : refusal(error, { wrap: false });
    arrival.entry.entry.responseBytes = Buffer.byteLength(body);
    arrival.entry.file({ outcome: "complete", status, errorStatus });
    writeRefusal(arrival.socket, { status, contentType, body, headers: action.response?.headers ?? {} });
  };
  return {
    upgrade: (request, socket, { head, connection }) => {
      if (!(socket instanceof Socket)) throw new TypeError("Upgrades come over plain sockets");
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => sockets.delete(socket));
      const [path = "", rawQuery = ""] = (request.url ?? "/").split("?", 2);
      const query = new URLSearchParams(rawQuery);
      const route = parseLiveRoute(path);
      const credential = findCredential(request.headers, query, world.projects);
      const who = route ? identifyCaller(world, credential, route) : null;
      const caller = who && !isRefusal(who) ? who : null;
      const base: EntryBase = {
        connection,
        key: credential.key,
        credential: credential.place,
        project: caller?.key.project.id ?? credential.known?.project.id ?? null,
        path,
        operation: route?.operation ?? null,
        ...(world.options.recordHeaders ? { headers: flatHeaders(request) } : {}),
      };
      const entry = openEntry(world, base, null);
      if (!route || !who) return refuse({ socket, entry }, notFoundPage(path));
      const fault = world.faults.take({
        key: base.key,
        project: base.project,
        model: null,
        path,
        surface: "native",
        account: null,
        operation: route.operation,
        stream: true,
      });
      entry.entry.fault = fault?.id ?? null;
      const action = fault?.action ?? {};
      const arrival: Arrival = { request, socket, head, entry, action, route, base };
      const go = (): void => {
        if (socket.destroyed) {
          entry.file({ outcome: closing ? "closed" : "client-gone", status: 499, errorStatus: null });
          return;
        }
        if (action.reset) {
          entry.file({ outcome: "reset", status: 0, errorStatus: null });
          socket.resetAndDestroy();
          return;
        }
        const malformed = checkHandshake(request);
        const busy = sockets.size > (world.options.live?.maxSessions ?? 4_096) || closing;
        const named = action.error
          ? namedError(action.error, {
              key: base.key ?? "",
              project: base.project ?? "projects/0",
              model: "gemini-3.1-flash-live-preview",
              version: route.version,
              tier: caller?.key.project.tier ?? "paid1",
              path,
            })
          : null;
        if (action.response) return refuse(arrival, BUSY, action);
        if (malformed !== null) return refuse(arrival, apiError("INVALID_ARGUMENT", malformed));
        if (named ?? busy) return refuse(arrival, named ?? BUSY);
        if (isRefusal(who) && world.options.live?.refusal === "http") return refuse(arrival, who);
        start(arrival, who);
      };
      if (action.delayMs) void wait(action.delayMs).then(go);
      else go();
    },
    close: async () => {
      closing = true;
      for (const connection of open.keys()) connection.close(1001, "Server is going away.");
      const ends = [...sockets].map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
      await Promise.race([Promise.all(ends), wait(CLOSE_GRACE_MS, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
    },
  };
}

// --- helpers ---

const CLOSE_GRACE_MS = 200;
const SESSIONS_BY_TIER: Record<string, number> = { free: 3, paid1: 50 };
const BUSY = apiError("UNAVAILABLE", "The service is currently unavailable.");

interface Arrival {
  request: IncomingMessage;
  socket: Socket;
  head: Buffer;
  entry: OpenEntry;
  action: FaultAction;
  route: LiveRoute;
  base: EntryBase;
}

function outcomeOf({ by, code, aborted }: Closing, closing: boolean): Outcome {
  if (closing) return "closed";
  if (code !== 1006) return "complete";
  if (by === "client") return "client-gone";
  return aborted === "reset" ? "reset" : "cut";
}

function customRefusal({ status, headers = {}, body = "" }: NonNullable<FaultAction["response"]>): {
  status: number;
  contentType: string;
  body: string;
} {
  const text = typeof body === "string" ? body : `${toPrettyJson(body)}\n`;
  return { status, contentType: headers["content-type"] ?? "application/json; charset=UTF-8", body: text };
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
