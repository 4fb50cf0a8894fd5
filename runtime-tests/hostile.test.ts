/**
 * Bad input and bad luck on the Node host, over raw sockets: the process must stay unharmed, and nothing may leak.
 * @module
 */
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest } from "./support/targets.ts";
import { pidListeningOn } from "./support/listening-process.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const key = "AIzaSyHostileTestKey-0000000000000000001";
const generate = `/v1beta/models/${model}:generateContent`;
const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hello" }] }] });

describe("hostile input", () => {
  let emulator: Emulator;
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key }], tier: "unlimited" }] });
    gateway = await startGateway("node24", {
      environment: { GEMINI_API_KEY: key, GOOGLE_GEMINI_API_BASE_URL: emulator.url, CLIENT_STALL_TIMEOUT_MS: "2000" },
    });
  }, 60_000);

  afterEach(() => emulator.clearFaults());

  afterAll(async () => {
    expect(await gateway?.stop()).toBe(0);
    await emulator?.close();
  });

  const alive = async (): Promise<void> => {
    const response = await fetch(`${gateway.url}${generate}`, {
      method: "POST",
      headers: { "x-goog-api-key": clientKey },
      body,
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  };

  it("a 200 MB body is refused by its announced length, before it is read", async () => {
    const answer = await raw(
      `POST ${generate} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: ${clientKey}\r\ncontent-length: 209715200\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain("MAX_BODY_BYTES");
    await alive();
  });

  it("a 200 MB body without a length is refused at the limit, and memory stays bounded", async () => {
    const before = residentBytes();
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    const answered = readAll(socket);
    socket.write(
      `POST ${generate} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: ${clientKey}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1_048_576, 97), Buffer.from("\r\n")]);
    let broken = false;
    let wake = (): void => undefined;
    socket.on("error", () => (broken = true));
    socket.on("drain", () => wake()).on("close", () => wake());
    for (let sent = 0; sent < 200 && !broken && !socket.destroyed; sent += 1)
      if (!socket.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
    socket.end();
    expect(await answered).toMatch(/^HTTP\/1.1 413 /);
    expect(residentBytes() - before).toBeLessThan(400 * 1024 * 1024);
    await alive();
  }, 60_000);

  it("a header bomb is 431", async () => {
    const bomb = Array.from({ length: 3_000 }, (_, index) => `x-bomb-${index}: ${"b".repeat(100)}`).join("\r\n");
    expect(await raw(`GET /v1beta/models HTTP/1.1\r\nhost: x\r\n${bomb}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    await alive();
  });

  it("bytes that are not HTTP are 400", async () => {
    expect(await raw("\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    await alive();
  });

  it("two lengths that contradict each other are refused", async () => {
    const answer = await raw(
      `POST ${generate} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: ${clientKey}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(emulator.record().some((record) => record.path.includes("smuggled"))).toBe(false);
  });

  it("a WebSocket upgrade is 501", async () => {
    expect(await raw("GET /ws/x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")).toMatch(
      /^HTTP\/1.1 501 /,
    );
  });

  it("a client that does not read slows the upstream instead of filling memory, and is left after a while", async () => {
    emulator.fault({ do: { bigEventBytes: 64 * 1024 * 1024 } });
    // The admin API is loaded, and its reading thread started, by the first question: that memory is not the stream's.
    await gateway.calls();
    const before = residentBytes();
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    socket.pause();
    const path = `/v1beta/models/${model}:streamGenerateContent?alt=sse`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: ${clientKey}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const row = await until(
      async () => (await gateway.calls()).find((call) => call.errorCode === "client_stalled"),
      "the call to be given up",
    );
    expect(row.outcome).toBe("cancelled");
    expect(residentBytes() - before).toBeLessThan(48 * 1024 * 1024);
    socket.destroy();
    await alive();
  }, 30_000);

  it("a client that reads one byte at a time gets every byte", async () => {
    const whole = await (
      await fetch(`${gateway.url}${generate}`, { method: "POST", headers: { "x-goog-api-key": clientKey }, body })
    ).text();
    const socket = connect({ port: portOf(gateway.url), host: "127.0.0.1", highWaterMark: 1 } as never);
    socket.write(
      `POST ${generate} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-goog-api-key: ${clientKey}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    let text = "";
    socket.setEncoding("latin1");
    await new Promise<void>((resolve, reject) => {
      socket.on("readable", () => {
        for (let byte = socket.read(1) as string | null; byte !== null; byte = socket.read(1) as string | null)
          text += byte;
      });
      socket.on("end", resolve).on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4), "latin1").length).toBeGreaterThanOrEqual(
      Buffer.byteLength(whole) - 64,
    );
  });

  function raw(text: string): Promise<string> {
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    const answered = readAll(socket);
    socket.write(text);
    return answered;
  }

  /** Of the gateway's process: its port tells which one it is. */
  function residentBytes(): number {
    const pid = pidListeningOn(portOf(gateway.url));
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  }
});

describe.each(["node24", "bun"] as const)("an upstream that plays badly, on %s", (target) => {
  let upstream: Server;
  let gateway: GatewayUnderTest;
  let play = (_socket: Socket, _request: string): void => undefined;
  let asked: string[] = [];
  const credential = `x-goog-api-key: ${clientKey}\r\n`;
  const post = (path: string, payload = "{}", headers = ""): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\n${credential}${headers}content-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`;
  const list = `GET /v1beta/models HTTP/1.1\r\nhost: x\r\n${credential}\r\n`;
  const whole = (text: string): string =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

  beforeAll(async () => {
    upstream = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        asked.push(chunk.toString("latin1"));
        play(socket, chunk.toString("latin1"));
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    gateway = await startGateway(target, {
      environment: {
        GEMINI_API_KEY: key,
        GOOGLE_GEMINI_API_BASE_URL: url,
        GOOGLE_OPENAI_API_BASE_URL: `${url}/v1beta/openai`,
        PROXY_MAX_RETRIES: "0",
        CLIENT_STALL_TIMEOUT_MS: "1000",
      },
    });
  }, 60_000);

  afterEach(() => {
    asked = [];
  });

  afterAll(async () => {
    expect(await gateway?.stop()).toBe(0);
    upstream.close();
  });

  function raw(text: string): Promise<string> {
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    const answered = readAll(socket);
    socket.write(text);
    return answered;
  }
  const health = async (): Promise<number> => (await fetch(`${gateway.url}/health`)).status;

  it("garbage behind the first chunk never makes the answer look whole", async () => {
    play = (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
      setImmediate(() => socket.write('d\r\n{"models": [1\r\nZZZ\r\n'));
    };
    const answer = await raw(list);
    // Chunked and without the last chunk, or reset before any byte.
    expect(answer.endsWith("0\r\n\r\n")).toBe(false);
    expect(answer).not.toMatch(/content-length/i);
    expect(await health()).toBe(200);
  });

  it("a stream that told its length and ends without a finish reason does not run into the next answer", async () => {
    const chunk = 'data: {"candidates":[{"content":{"parts":[{"text":"hi"}]}}]}\r\n\r\n';
    play = (socket) =>
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${chunk.length}\r\n\r\n${chunk}`,
      );
    const response = await fetch(`${gateway.url}/v1beta/models/m:streamGenerateContent?alt=sse`, {
      method: "POST",
      headers: { "x-goog-api-key": clientKey },
      body: "{}",
    });
    const text = await response.text();
    expect(text.startsWith(chunk)).toBe(true);
    expect(text).toContain("UPSTREAM_BROKEN");
  });

  it("a status that is none harms nobody", async () => {
    play = (socket) => socket.write("HTTP/1.1 999 Odd\r\ncontent-length: 2\r\n\r\n{}");
    expect(await raw(list)).toMatch(/^HTTP\/1.1 (999|502) /);
    expect(await health()).toBe(200);
  });

  it.each([204, 304])("an answer %d without a body passes", async (status) => {
    play = (socket) => socket.write(`HTTP/1.1 ${status} Fine\r\netag: "x"\r\n\r\n`);
    const response = await fetch(`${gateway.url}/v1beta/models`, {
      headers: { "x-goog-api-key": clientKey, "if-none-match": "x" },
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe("");
  });

  it.each(["refuses", "breaks"])("an upload whose upstream %s early is answered and written down", async (how) => {
    play = (socket) => {
      if (how === "breaks") socket.resetAndDestroy();
      else socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 39\r\n\r\n{"error":{"code":403,"message":"nope"}}');
    };
    const answer = await raw(
      `POST /upload/v1beta/files HTTP/1.1\r\nhost: x\r\n${credential}content-length: 3000000\r\n\r\n${"a".repeat(200_000)}`,
    );
    expect(answer).toMatch(how === "breaks" ? /^HTTP\/1.1 502 / : /^HTTP\/1.1 403 /);
    const call = await until(async () => (await gateway.calls())[0], "the row");
    expect(call).toMatchObject({ operation: "upload", outcome: "error", attempts: [{ number: 1 }] });
    expect(await health()).toBe(200);
  });

  it("TRACE and paths that climb do not reach it", async () => {
    play = (socket) => socket.write(whole("{}"));
    await raw(`TRACE /v1beta/models HTTP/1.1\r\nhost: x\r\n${credential}\r\n`);
    expect(asked).toEqual([]);
    await raw(post("/openai/../models/m:generateContent"));
    // Where the platform has resolved the dots before anybody looked, it is a native call, with a native credential.
    for (const one of asked) expect(one).not.toMatch(/authorization: bearer|openai/i);
    expect(await health()).toBe(200);
  });

  it("a chat request by GET with tool calls in its body ends nothing but itself", async () => {
    play = (socket) => socket.write(whole("{}"));
    const payload = '{"messages":[{"role":"assistant","tool_calls":[{"id":"x","type":"function"}]}]}';
    await raw(
      `GET /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${clientKey}\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
    );
    expect(await health()).toBe(200);
  });

  if (target !== "node24") return;

  it("sockets that reset in the middle of an upgrade end nothing but themselves", async () => {
    for (let round = 0; round < 100; round += 1) {
      const socket = connect(portOf(gateway.url), "127.0.0.1");
      socket.on("error", () => undefined);
      await new Promise<void>((resolve) => socket.once("connect", resolve).once("close", () => resolve()));
      socket.write("GET /ws/x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", () =>
        socket.resetAndDestroy(),
      );
    }
    expect(await health()).toBe(200);
  });

  it("an offer of h2c is ignored, and a target in absolute form is taken", async () => {
    play = (socket) => socket.write(whole("{}"));
    expect(
      await raw(
        list.replace(
          "host: x\r\n",
          "host: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
        ),
      ),
    ).toMatch(/^HTTP\/1.1 200 /);
    expect(asked.join()).not.toMatch(/h2c|http2-settings/i);
    expect(await raw(list.replace("/v1beta", "http://gateway.example:80/v1beta"))).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw("GET http://gateway.example HTTP/1.1\r\nhost: x\r\n\r\n")).toMatch(/^HTTP\/1.1 200 /);
  });

  it("bytes that are no request are not answered inside of an answer under way", async () => {
    play = (socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n[1,");
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    let text = "";
    const closed = new Promise<void>((resolve) => socket.on("error", () => undefined).on("close", () => resolve()));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.endsWith("[1,")) socket.write("\u0016\u0003\u0001 garbage\r\n\r\n");
    });
    socket.write(list);
    await closed;
    expect(text.endsWith("[1,")).toBe(true);
  });

  it("a refused connection is closed although its client keeps its side open", async () => {
    const socket = connect({ port: portOf(gateway.url), host: "127.0.0.1", allowHalfOpen: true });
    const answered = readAll(socket);
    socket.write("no HTTP\r\n\r\n");
    expect(await answered).toMatch(/^HTTP\/1.1 400 /);
    await until(
      async () => !holdsConnection(portOf(gateway.url), socket.localPort as number) || undefined,
      "the gateway to let go",
    );
    socket.destroy();
  }, 20_000);

  it("a client that does not read the end of a long answer is left after a while", async () => {
    // Unary answers of the OpenAI surface are held whole; so the end comes with megabytes unread.
    const content = JSON.stringify({ choices: [{ message: { content: "x".repeat(12_000_000) } }] });
    play = (socket) => socket.write(whole(content));
    const payload = '{"model":"m","messages":[]}';
    const socket = connect(portOf(gateway.url), "127.0.0.1");
    socket.on("error", () => undefined).pause();
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${clientKey}\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
    );
    const row = await until(
      async () => (await gateway.calls()).find((call) => call.operation === "chat" && call.modelAsked === "m"),
      "its row",
    );
    expect(row).toMatchObject({ status: 200, outcome: "ok" });
    await until(
      async () => !holdsConnection(portOf(gateway.url), socket.localPort as number) || undefined,
      "the gateway to let go",
    );
    socket.destroy();
  }, 30_000);
});

describe("kill -9", () => {
  it("loses nothing that was answered, and says what was in flight", async () => {
    const emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key }], tier: "unlimited" }] });
    const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-kill-"));
    const environment = { GEMINI_API_KEY: key, GOOGLE_GEMINI_API_BASE_URL: emulator.url, LOG_LEVEL: "info" };
    let gateway = await startGateway("node24", { environment, dataDir });
    const answered: string[] = [];
    // Two that hang at the time of death, and many that are done.
    emulator.fault({ match: { stream: true, count: 2 }, do: { stall: { afterChunks: 2 } } });
    const hanging: string[] = [];
    for (let index = 0; index < 2; index += 1) {
      const response = await fetch(`${gateway.url}/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
        method: "POST",
        headers: { "x-goog-api-key": clientKey },
        body,
      });
      await (response.body as ReadableStream<Uint8Array>).getReader().read();
      hanging.push(response.headers.get("x-gproxy-request-id") as string);
    }
    const worker = async (): Promise<void> => {
      for (let index = 0; index < 40; index += 1) {
        const response = await fetch(`${gateway.url}${generate}`, {
          method: "POST",
          headers: { "x-goog-api-key": clientKey },
          body,
        });
        await response.arrayBuffer();
        answered.push(response.headers.get("x-gproxy-request-id") as string);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await gateway.kill();

    gateway = await startGateway("node24", { environment, dataDir });
    expect(gateway.output()).toMatch(/, 2 had been under way/);
    const rows = new Map((await gateway.calls()).map((call) => [call.id, call.outcome]));
    expect(answered.filter((id) => rows.get(id) !== "ok" && rows.get(id) !== "interrupted")).toEqual([]);
    // At most what ended within the last turn of the event loop may be known only as begun.
    expect(answered.filter((id) => rows.get(id) !== "ok").length).toBeLessThanOrEqual(8);
    expect(hanging.map((id) => rows.get(id))).toEqual(["interrupted", "interrupted"]);
    expect(await gateway.stop()).toBe(0);
    await emulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }, 90_000);
});

describe("SIGTERM", () => {
  it("lets an open stream end, refuses new calls, and writes everything", async () => {
    const emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key }], tier: "unlimited" }] });
    const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-term-"));
    const environment = { GEMINI_API_KEY: key, GOOGLE_GEMINI_API_BASE_URL: emulator.url };
    let gateway = await startGateway("node24", { environment, dataDir });
    emulator.fault({ do: { stall: { afterChunks: 2, forMs: 1_000 } } });
    const response = await fetch(`${gateway.url}/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
      method: "POST",
      headers: { "x-goog-api-key": clientKey },
      body,
    });
    const reading = response.text();
    const stopped = gateway.stop();
    expect(await reading).toContain('"finishReason": "STOP"');
    expect(await stopped).toBe(0);
    gateway = await startGateway("node24", { environment, dataDir });
    expect((await gateway.calls())[0]).toMatchObject({
      outcome: "ok",
      id: response.headers.get("x-gproxy-request-id"),
    });
    await gateway.stop();
    await emulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);
});

// --- helpers ---

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    const done = (): void => resolve(Buffer.concat(chunks).toString("latin1"));
    socket.on("end", done).on("close", done).on("error", done);
    // Keep-alive answers leave the socket open: a short answer is whole when its JSON is.
    socket.on("data", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      const split = text.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(text.slice(0, split));
      if (split > 0 && length !== null && text.length - split - 4 >= Number(length[1])) done();
    });
  });
}

/** Whether a process holds the gateway's end of a connection still; the kernel gives what was let go the inode 0. */
function holdsConnection(port: number, clientPort: number): boolean {
  const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((one) => one.includes(`0100007F:${hex(port)} 0100007F:${hex(clientPort)} `));
  return line !== undefined && line.trim().split(/\s+/)[9] !== "0";
}
