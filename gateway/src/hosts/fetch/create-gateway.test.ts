import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CallRecord } from "../../core/records.ts";
import { createGateway } from "./create-gateway.ts";

const credential = "AIzaSyFetchHostTestKey-00000000000000001";
const path = "http://gateway.example/v1beta/models/m:generateContent";
const answer = '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}';
const json = { "content-type": "application/json" };

function createWorld(upstream: (url: string, init: RequestInit) => Promise<Response>) {
  const records: CallRecord[] = [];
  const gateway = createGateway({
    environment: {
      GEMINI_API_KEY: credential,
      PROXY_API_KEY: "gp-fetch-host",
      MAX_BUFFERED_BYTES: "1048576",
      PROXY_MAX_RETRIES: "0",
    },
    digest: { sha256: (text) => createHash("sha256").update(text).digest("hex") },
    onCall: (record) => void records.push(record),
    fetch: upstream,
  });
  const send = (init: RequestInit = {}, url = path): Promise<Response> =>
    gateway.fetch(new Request(url, { method: "POST", ...init, headers: { "x-goog-api-key": "gp-fetch-host" } }));
  return { gateway, records, send };
}

describe("the fetch host", () => {
  it("holds no more of all bodies together than MAX_BUFFERED_BYTES, and lets them go with their calls", async () => {
    const waiting: (() => void)[] = [];
    let sent = (): void => undefined;
    const { send } = createWorld(
      () =>
        new Promise((resolve) => {
          waiting.push(() => resolve(new Response(answer, { headers: json })));
          sent();
        }),
    );
    // Two pieces: the first 64 KB of a call are not counted.
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          for (const length of [60_000, 700_000]) controller.enqueue(new Uint8Array(length));
          controller.close();
        },
      });
    const big = (): RequestInit => ({ body: body(), duplex: "half" }) as RequestInit;
    const leaving = new AbortController();
    const asked = new Promise<void>((resolve) => (sent = resolve));
    const first = send({ ...big(), signal: leaving.signal });
    await asked;
    expect((await send(big())).status).toBe(503);
    leaving.abort();
    const askedAgain = new Promise<void>((resolve) => (sent = resolve));
    const third = send(big());
    await askedAgain;
    waiting[1]?.();
    expect((await third).status).toBe(200);
    const fourth = send(big());
    await new Promise<void>((resolve) => (sent = resolve));
    waiting[2]?.();
    expect((await fourth).status).toBe(200);
    void first;
  });

  it.each([204, 205, 304])("passes %d, which has no body", async (status) => {
    const { send, records } = createWorld(async () => new Response(null, { status }));
    const response = await send({ method: "GET" }, "http://gateway.example/v1beta/models");
    expect(response.status).toBe(status);
    expect(records).toMatchObject([{ status, outcome: "ok" }]);
  });

  it("answers a WebSocket at the Responses API with 426 and asks nobody", async () => {
    const { gateway, records } = createWorld(async () => new Response(answer, { headers: json }));
    const upgrade = { headers: { "x-goog-api-key": "gp-fetch-host", upgrade: "websocket" } };
    const refused = await gateway.fetch(new Request("http://gateway.example/v1/responses", upgrade));
    expect(refused.status).toBe(426);
    expect(await refused.json()).toMatchObject({ error: { code: "websocket_unsupported" } });
    expect(records).toEqual([]);
  });

  it("makes 502 of a status that a Response cannot have", async () => {
    const odd = new Response("{}");
    Object.defineProperty(odd, "status", { value: 999 });
    const { send } = createWorld(async () => odd);
    expect((await send()).status).toBe(502);
  });

  it("sends the credential once, and nothing that the client said of itself", async () => {
    let headers = new Headers();
    const { send } = createWorld(async (_url, init) => {
      headers = new Headers(init.headers);
      return new Response(answer, { headers: json });
    });
    expect(await (await send({ body: "{}" })).text()).toBe(answer);
    expect(headers.get("x-goog-api-key")).toBe(credential);
    expect(headers.get("authorization")).toBeNull();
  });
});
