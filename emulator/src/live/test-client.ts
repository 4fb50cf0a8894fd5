/** @module What the tests of Live talk to the emulator with: Node's own WebSocket, and a bare socket where the frames matter. */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

import type { Emulator } from "../emulator.ts";
import { DEFAULT_KEY } from "../emulator.ts";
import type { FrameEvent } from "./frames.ts";
import { closePayload, createFrameReader, encodeFrame, OPCODE } from "./frames.ts";

/** The model the tests speak with. */
export const LIVE_MODEL = "gemini-3.1-flash-live-preview";

/** A message of the server, parsed. */
export type LiveMessage = Record<string, Record<string, unknown>>;

/** A client. */
export interface LiveClient {
  send(message: unknown): void;
  /** The next message that came, once it did; an error when the connection ended before. */
  next(): Promise<LiveMessage>;
  /** Messages up to the first that holds this member, e.g. `turnComplete`, `toolCall`. */
  until(member: string): Promise<LiveMessage[]>;
  /** Messages that came and were not asked for. */
  waiting(): number;
  /** How it ended; ends it first when told a code. */
  closed(code?: number): Promise<{ code: number; reason: string }>;
  /** Whether frames of the last message were binary. */
  binary(): boolean;
}

/** How to connect. */
export interface LiveDial {
  key?: string | false;
  /** @default "v1beta" */
  version?: string;
  /** @default "BidiGenerateContent" */
  method?: string;
  /** Ephemeral token. */
  token?: string;
  headers?: Record<string, string>;
  /** Before the path. @default "" */
  prefix?: string;
}

/** Address of a Live method. */
export function liveUrl(emulator: Emulator, { key = DEFAULT_KEY, version, method, token }: LiveDial = {}): string {
  const service = `google.ai.generativelanguage.${version ?? "v1beta"}.GenerativeService`;
  const query = token ? `?access_token=${token}` : key === false ? "" : `?key=${key}`;
  const name = method ?? (token ? "BidiGenerateContentConstrained" : "BidiGenerateContent");
  return `${emulator.url.replace("http", "ws")}/ws/${service}.${name}${query}`;
}

/** Connects with Node's WebSocket. */
export async function dial(emulator: Emulator, options: LiveDial = {}): Promise<LiveClient> {
  const socket = new WebSocket(liveUrl(emulator, options));
  socket.binaryType = "arraybuffer";
  const inbox = createInbox();
  socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
    inbox.add(typeof data === "string" ? data : Buffer.from(data).toString(), typeof data !== "string");
  });
  socket.addEventListener("close", ({ code, reason }) => inbox.end({ code, reason }));
  // undici tells what went wrong only in `close`.
  socket.addEventListener("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("close", () => resolve());
  });
  return inbox.client({
    send: (text) => socket.send(text),
    close: (code) => socket.close(code),
  });
}

/** Connects, sets up and takes `setupComplete`. */
export async function open(
  emulator: Emulator,
  setup: Record<string, unknown> = {},
  options: LiveDial = {},
): Promise<LiveClient> {
  const client = await dial(emulator, options);
  client.send({ setup: { model: `models/${LIVE_MODEL}`, ...TEXT, ...setup } });
  const first = await client.next();
  if (!("setupComplete" in first)) throw new Error(`Not set up: ${JSON.stringify(first)}`);
  return client;
}

/** Answers as text: what Live says by default is sound. */
export const TEXT: Record<string, unknown> = { generationConfig: { responseModalities: ["TEXT"] } };

/** A whole turn of the user. */
export function say(text: string): Record<string, unknown> {
  return { clientContent: { turns: [{ role: "user", parts: [{ text }] }], turnComplete: true } };
}

/** All text that the model said in these messages. */
export function textOf(messages: readonly LiveMessage[]): string {
  return messages
    .flatMap(({ serverContent }) => (serverContent?.["modelTurn"] as { parts?: { text?: string }[] })?.parts ?? [])
    .map(({ text = "" }) => text)
    .join("");
}

/** A connection without a WebSocket library: frames go out and come in as they are. */
export interface RawLive {
  /** The answer to the handshake. */
  head: string;
  write(bytes: Buffer): void;
  /** A masked frame. */
  frame(opcode: number, data: Buffer | string, final?: boolean): void;
  /** The next event, once it came; null at the end of the connection. */
  next(): Promise<FrameEvent | null>;
  end(): void;
  destroy(): void;
}

/** Shakes hands over a bare socket, with any headers. */
export async function dialRaw(emulator: Emulator, options: LiveDial = {}): Promise<RawLive> {
  const url = new URL(liveUrl(emulator, options));
  const socket = connect(emulator.port, "127.0.0.1");
  const lines = [
    `GET ${options.prefix ?? ""}${url.pathname}${url.search} HTTP/1.1`,
    "Host: emulator",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const queue: (FrameEvent | null)[] = [];
  let wake = (): void => undefined;
  let head = "";
  let received = Buffer.alloc(0);
  const reader = createFrameReader({ masked: false, maxMessageBytes: 100_000_000 });
  const take = (event: FrameEvent | null): void => {
    queue.push(event);
    wake();
  };
  socket.on("data", (chunk: Buffer) => {
    if (head !== "") return reader.push(chunk).forEach(take);
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    head = received.subarray(0, end).toString("latin1");
    socket.emit("head");
    if (head.startsWith("HTTP/1.1 101")) reader.push(received.subarray(end + 4)).forEach(take);
    else head += `\r\n\r\n${received.subarray(end + 4).toString()}`;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    take(null);
    socket.emit("head");
  });
  await once(socket, "head");
  const next = async (): Promise<FrameEvent | null> => {
    while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return queue.shift() ?? null;
  };
  return {
    head,
    write: (bytes) => socket.write(bytes),
    frame: (opcode, data, final = true) =>
      socket.write(encodeFrame({ opcode, data: Buffer.from(data), final, mask: randomBytes(4) })),
    next,
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}

/** Sends a close frame. */
export function sendClose(raw: RawLive, code: number): void {
  raw.frame(OPCODE.close, closePayload(code, ""));
}

// --- helpers ---

interface Inbox {
  add(text: string, binary: boolean): void;
  end(how: { code: number; reason: string }): void;
  client(way: { send: (text: string) => void; close: (code: number) => void }): LiveClient;
}

function createInbox(): Inbox {
  const messages: LiveMessage[] = [];
  let ended: { code: number; reason: string } | null = null;
  let lastBinary = false;
  let wake: (() => void)[] = [];
  const stir = (): void => {
    for (const one of wake) one();
    wake = [];
  };
  const change = (): Promise<void> => new Promise((resolve) => wake.push(resolve));
  const next = async (): Promise<LiveMessage> => {
    for (;;) {
      const message = messages.shift();
      if (message) return message;
      if (ended) throw new Error(`Connection ended: ${ended.code} ${ended.reason}`);
      await change();
    }
  };
  return {
    add: (text, binary) => {
      messages.push(JSON.parse(text) as LiveMessage);
      lastBinary = binary;
      stir();
    },
    end: (how) => {
      ended = how;
      stir();
    },
    client: ({ send, close }) => ({
      send: (message) => send(typeof message === "string" ? message : JSON.stringify(message)),
      next,
      until: async (member) => {
        const taken: LiveMessage[] = [];
        for (;;) {
          const message = await next();
          taken.push(message);
          if (member in message || member in (message["serverContent"] ?? {})) return taken;
        }
      },
      waiting: () => messages.length,
      closed: async (code) => {
        if (code !== undefined) close(code);
        while (!ended) await change();
        return ended;
      },
      binary: () => lastBinary,
    }),
  };
}
