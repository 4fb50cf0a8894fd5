import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { RequestInfo } from "../../admin/implement.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { createAdminGate } from "../front/admin-gate.ts";
import type { Front } from "../front/front.ts";
import { createOwnPaths, type OwnPaths } from "./own-paths.ts";

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type App = (request: Request, info: RequestInfo) => Promise<Response> | Response;

const front: Front = {
  answer: ({ url, method, header }) => {
    if (url === "/health?broken") throw new Error("the store is gone");
    return {
      status: 200,
      headers: ["content-type", "text/plain; charset=utf-8"],
      body: `${method} ${url} ${header("x-one") ?? "-"} é`,
    };
  },
};

/** A real server over the own paths; `app` stands for the admin API. */
async function serve(
  app: App,
  trustedProxies: readonly string[] = [],
): Promise<{ url: string; port: number; own: OwnPaths; logger: ReturnType<typeof createKeptLogger> }> {
  const logger = createKeptLogger();
  const admin = createAdminGate({
    load: () => Promise.resolve({ fetch: async (request, info) => app(request, info) }),
    logger,
  });
  const own = createOwnPaths({ front, admin, settings: { trustedProxies }, logger });
  const server = http.createServer((request, response) => own.respond(request, response));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, own, logger };
}

/** A stream of server-sent events whose other end the test holds. */
function openTail(): { response: Response; push(text: string): void; left: Promise<void> } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let leave!: () => void;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const body = new ReadableStream<Uint8Array>({
    start: (made) => void (controller = made),
    cancel: () => leave(),
  });
  return {
    response: new Response(body, { headers: { "content-type": "text/event-stream" } }),
    push: (text) => controller.enqueue(new TextEncoder().encode(text)),
    left,
  };
}

/** Reads until the text holds a word. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, word: string): Promise<string> {
  let text = "";
  while (!text.includes(word)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(value);
  }
  return text;
}

describe("paths of the front", () => {
  it("are answered with length and text, and to HEAD with the length alone", async () => {
    const { url } = await serve(() => new Response());
    const answer = await fetch(`${url}/health`, { headers: { "x-one": "1" } });
    expect(await answer.text()).toBe("GET /health 1 é");
    expect(answer.headers.get("content-length")).toBe("16");
    const head = await fetch(`${url}/health`, { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual(["17", ""]);
  });

  it("that fail answer 500 without the cause, which is logged", async () => {
    const { url, logger } = await serve(() => new Response());
    const answer = await fetch(`${url}/health?broken`);
    expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: "internal" } }]);
    expect(logger.lines).toMatchObject([{ event: "local.failed", fields: { cause: "the store is gone" } }]);
  });
});

describe("the admin API over sockets", () => {
  it("is given the request as it came, with body and address", async () => {
    const { url } = await serve(async (request, info) =>
      Response.json({ method: request.method, path: new URL(request.url).pathname, body: await request.text(), info }),
    );
    const answer = await fetch(`${url}/admin/api/v1/x`, { method: "POST", body: "{}" });
    expect(await answer.json()).toEqual({
      method: "POST",
      path: "/admin/api/v1/x",
      body: "{}",
      info: { address: "127.0.0.1", secure: false },
    });
  });

  it("leaves the process's own Request and Response as they are", async () => {
    const before = [globalThis.Request, globalThis.Response];
    const { url } = await serve(() => new Response("x"));
    await (await fetch(`${url}/admin/x`)).text();
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  it("pushes an event to the reader as soon as it happens", async () => {
    const tail = openTail();
    const { url } = await serve(() => tail.response);
    const answer = await fetch(`${url}/admin/tail`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    for (const word of ["one", "two", "three"]) {
      tail.push(`data: ${word}\n\n`);
      expect(await readUntil(reader, word)).toContain(word);
    }
    await reader.cancel();
    await tail.left;
  });

  it("ends a stream's source when its reader leaves", async () => {
    const tail = openTail();
    const { url, own } = await serve(() => tail.response);
    const leaving = new AbortController();
    const answer = await fetch(`${url}/admin/tail`, { signal: leaving.signal });
    expect(answer.status).toBe(200);
    leaving.abort();
    await tail.left;
    expect(own.open).toBe(0);
  });

  it("ends open tails whole when the gateway ends, and those that come later at once", async () => {
    const tails = [openTail(), openTail()];
    const { url, own } = await serve(() => tails.shift()?.response ?? new Response(null, { status: 404 }));
    const [first, second] = tails as [ReturnType<typeof openTail>, ReturnType<typeof openTail>];
    const answer = await fetch(`${url}/admin/tail`);
    const text = answer.text();
    first.push("data: one\n\n");
    own.endStreams();
    await first.left;
    expect(await text).toBe("");
    expect(await (await fetch(`${url}/admin/tail`)).text()).toBe("");
    await second.left;
  });

  it("reads no more of an export than a slow reader takes", async () => {
    const chunk = new Uint8Array(64 * 1024).fill(65);
    let made = 0;
    const { port } = await serve(
      () =>
        new Response(
          new ReadableStream<Uint8Array>(
            {
              pull(controller) {
                made += chunk.length;
                controller.enqueue(chunk);
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: { "content-type": "text/csv" } },
        ),
    );
    const socket = net.connect(port, "127.0.0.1");
    socket.write("GET /admin/export HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "readable");
    // What is under way grows until the socket's buffers are full, and then no more.
    let before = -1;
    while (made !== before) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(made).toBeLessThan(32 * 1024 * 1024);
    socket.resume();
    await new Promise<void>((resolve) => {
      socket.on("data", () => {
        if (made > before) resolve();
      });
    });
    socket.destroy();
  });

  it("answers its own mistakes with 500, and a request without a host with 400", async () => {
    const { url, port, logger } = await serve(() => Promise.reject(new Error("secret cause")));
    const answer = await fetch(`${url}/admin/x`);
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(logger.lines).toMatchObject([{ event: "admin.failed" }]);
    const socket = net.connect(port, "127.0.0.1");
    socket.write("GET /admin/x HTTP/1.0\r\n\r\n");
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});
