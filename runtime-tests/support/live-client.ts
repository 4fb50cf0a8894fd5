/**
 * A Live client over a bare WebSocket: every message with its opcode, closes with code and reason, and reading by choice.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";

/** A model that speaks. */
export const liveModel = "gemini-3.1-flash-live-preview";

/** Which session to open. */
export interface LiveDial {
  key?: string;
  headers?: Record<string, string>;
  protocols?: string[];
  /** @default "v1beta" */
  version?: string;
  /** @default "BidiGenerateContent" */
  method?: string;
  /** Put after the path, with its question mark. */
  query?: string;
  /** Before `/ws/`. */
  prefix?: string;
}

/** A message of the server, parsed. */
export type ServerMessage = Record<string, Record<string, unknown> | undefined>;

/** An open session. */
export interface LiveClient {
  readonly socket: WebSocket;
  /** The gateway's id of the session, as in its row. */
  readonly id: string;
  send(message: object | string, options?: { binary?: boolean }): void;
  /** The next message; rejects when the connection ended before. */
  next(): Promise<{ message: ServerMessage; binary: boolean; bytes: number }>;
  /** Messages up to the one with this member, at the top or in `serverContent`. */
  until(member: string): Promise<ServerMessage[]>;
  /** How it ended; closes it first when given a code. */
  closed(code?: number, reason?: string): Promise<{ code: number; reason: string }>;
}

/** The upgrade was answered with something else than 101. */
export class Refused extends Error {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];

  constructor(status: number, body: string, headers: IncomingMessage["headers"]) {
    super(`refused with ${status}: ${body}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/**
 * Opens a connection.
 * @throws Refused
 */
export async function dialLive(base: string, dial: LiveDial = {}): Promise<LiveClient> {
  const headers = { ...(dial.key === undefined ? {} : { "x-goog-api-key": dial.key }), ...dial.headers };
  const socket = new WebSocket(liveUrl(base, dial), dial.protocols ?? [], {
    headers,
    perMessageDeflate: false,
    maxPayload: 256 * 1024 * 1024,
  });
  const inbox: { data: Buffer; binary: boolean }[] = [];
  let ended: { code: number; reason: string } | null = null;
  let wake: (() => void)[] = [];
  const stir = (): void => {
    for (const one of wake.splice(0)) one();
    wake = [];
  };
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve));
  socket.on("message", (data: Buffer, binary: boolean) => {
    inbox.push({ data, binary });
    stir();
  });
  socket.on("close", (code: number, reason: Buffer) => {
    ended = { code, reason: reason.toString("utf8") };
    stir();
  });
  let id = "";
  await new Promise<void>((resolve, reject) => {
    socket.once("upgrade", (response: IncomingMessage) => (id = String(response.headers["x-gproxy-request-id"] ?? "")));
    socket.once("open", resolve);
    socket.on("error", reject);
    socket.once("unexpected-response", (_request, response: IncomingMessage) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => reject(new Refused(response.statusCode as number, body, response.headers)));
    });
  });
  async function next(): Promise<{ message: ServerMessage; binary: boolean; bytes: number }> {
    for (;;) {
      const one = inbox.shift();
      if (one !== undefined) {
        const message = JSON.parse(one.data.toString("utf8")) as ServerMessage;
        return { message, binary: one.binary, bytes: one.data.length };
      }
      if (ended !== null) throw new Error(`the connection ended: ${JSON.stringify(ended)}`);
      await change();
    }
  }
  return {
    socket,
    id,
    send: (message, { binary = false } = {}) =>
      socket.send(typeof message === "string" ? message : JSON.stringify(message), { binary }),
    next,
    async until(member) {
      const taken: ServerMessage[] = [];
      for (;;) {
        const { message } = await next();
        taken.push(message);
        if (member in message || member in (message["serverContent"] ?? {})) return taken;
      }
    },
    async closed(code, reason = "") {
      if (code !== undefined) socket.close(code, reason);
      while (ended === null) await change();
      return ended;
    },
  };
}

/** Opens a session and takes its `setupComplete`. */
export async function openLive(base: string, dial: LiveDial, setup: object = {}): Promise<LiveClient> {
  const client = await dialLive(base, dial);
  client.send({
    setup: { model: `models/${liveModel}`, generationConfig: { responseModalities: ["TEXT"] }, ...setup },
  });
  const { message } = await client.next();
  if (!("setupComplete" in message)) throw new Error(`not set up: ${JSON.stringify(message)}`);
  return client;
}

/** A whole turn of the user. */
export function say(text: string): object {
  return { clientContent: { turns: [{ role: "user", parts: [{ text }] }], turnComplete: true } };
}

/** What the model said. */
export function textOf(messages: readonly ServerMessage[]): string {
  return messages
    .flatMap(({ serverContent }) => (serverContent?.["modelTurn"] as { parts?: { text?: string }[] })?.parts ?? [])
    .map(({ text = "" }) => text)
    .join("");
}

// --- helpers ---

function liveUrl(base: string, dial: LiveDial = {}): string {
  const { version = "v1beta", method = "BidiGenerateContent", query = "", prefix = "" } = dial;
  return `${base.replace(/^http/, "ws")}${prefix}/ws/google.ai.generativelanguage.${version}.GenerativeService.${method}${query}`;
}
