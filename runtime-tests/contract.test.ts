/* oxlint-disable max-lines -- one contract: it is read as one list */
/**
 * One contract for every host: what a client sees, what the upstream sees, what the ledger holds.
 * @module
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import type { ServedRecord } from "../emulator/src/types.ts";
import { recordings, recordingsFolder } from "./support/recordings.ts";
import { clientKey, startGateway, targetNames, type GatewayUnderTest, type LedgerCall } from "./support/targets.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const keys = ["AIzaSyContractKeyNumberOne-0000000000001", "AQ.ContractKeyNumberTwo_00000000000000000000000000002"];
const native = (method: string): string => `/v1beta/models/${model}:${method}`;
const body = (text = "Tell me about Wyoming"): string =>
  JSON.stringify({ contents: [{ role: "user", parts: [{ text }] }] });
const json = { "content-type": "application/json" };

const only = process.env["CONTRACT_TARGETS"]?.split(",");
const targets = targetNames.filter((name) => only === undefined || only.includes(name));

describe.each(targets)("on %s", (target) => {
  let emulator: Emulator;
  let gateway: GatewayUnderTest;

  beforeAll(async () => {
    emulator = await startEmulator({
      projects: [
        { id: "projects/1001", keys: [{ key: keys[0] as string }], tier: "unlimited" },
        { id: "projects/1002", keys: [{ key: keys[1] as string }], tier: "unlimited" },
      ],
      recordHeaders: true,
      recordBodyBytes: 65_536,
    });
    gateway = await startGateway(target, {
      environment: {
        GEMINI_API_KEYS: keys.join(","),
        GOOGLE_GEMINI_API_BASE_URL: emulator.url,
        IDLE_TIMEOUT_MS: "1500",
        FIRST_BYTE_TIMEOUT_MS: "4000",
        MAX_BODY_BYTES: String(8 * 1024 * 1024),
      },
    });
  }, 90_000);

  afterEach(() => emulator.clearFaults());

  afterAll(async () => {
    const code = await gateway?.stop();
    await emulator?.close();
    // wrangler answers SIGTERM in its own way; our own hosts end well.
    if (target !== "workerd") expect(code).toBe(0);
  });

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: init.body === undefined ? "GET" : "POST",
      ...init,
      headers: { "x-goog-api-key": clientKey, ...json, ...(init.headers as Record<string, string>) },
    });
  const chat = (payload: Record<string, unknown>, path = "/v1/chat/completions"): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${clientKey}`, ...json },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello there" }], ...payload }),
    });
  const served = async (): Promise<ServedRecord> => emulator.record().at(-1) as ServedRecord;
  const row = async (id: string | null): Promise<LedgerCall> =>
    until(async () => (await gateway.calls()).find((one) => one.id === id), `a row for ${id}`);
  const idOf = (response: Response): string | null => response.headers.get("x-gproxy-request-id");

  describe("native answers", () => {
    it("come through byte for byte, with the gateway's own headers", async () => {
      const direct = await fetch(`${emulator.url}${native("generateContent")}`, {
        method: "POST",
        headers: { "x-goog-api-key": keys[0] as string, ...json },
        body: body(),
      });
      const response = await call(native("generateContent"), { body: body() });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(withoutIds(text)).toBe(withoutIds(await direct.text()));
      expect(response.headers.get("content-type")).toBe(direct.headers.get("content-type"));
      expect(response.headers.get("x-gproxy-attempts")).toBe("1");
      expect(Number(response.headers.get("x-gproxy-overhead-ms"))).toBeGreaterThanOrEqual(0);
      const record = await row(idOf(response));
      expect(record).toMatchObject({
        status: 200,
        outcome: "ok",
        modelAsked: model,
        operation: "generate",
        finishReason: "STOP",
      });
      expect(record.usage?.["totalTokens"]).toBe((await served()).usage?.total);
    });

    it.each(["?alt=sse", ""])("stream as they come with framing %j", async (query) => {
      const response = await call(native("streamGenerateContent") + query, { body: body() });
      const text = await response.text();
      expect(response.status).toBe(200);
      if (query === "") expect(JSON.parse(text)).toBeInstanceOf(Array);
      else expect(text.split("\r\n\r\n").at(-1)).toBe("");
      const record = await row(idOf(response));
      expect(record).toMatchObject({ outcome: "ok", finishReason: "STOP" });
      expect(record.usage?.["totalTokens"]).toBe((await served()).usage?.total);
      expect(record.responseBytes).toBe((await served()).responseBytes);
    });

    it("reach the client chunk by chunk, not in one lump", async () => {
      emulator.fault({ do: { stall: { afterChunks: 1, forMs: 400 } } });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body() });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const first = await reader.read();
      const firstAt = performance.now();
      expect(first.done).toBe(false);
      while (!(await reader.read()).done);
      // The rest comes after the emulator's pause: the first chunk did not wait for it.
      expect(performance.now() - firstAt).toBeGreaterThan(200);
    });

    it("pass what is not ours to understand: single quotes, encoded colons, repeated parameters", async () => {
      const response = await call(`/v1beta/models/${model}%3AgenerateContent?x=1&x=2`, {
        body: "{'contents': [{'role': 'user', 'parts': [{'text': 'Hi'}]}]}",
      });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      expect((await served()).body).toContain("'contents'");
    });

    it.each(["v1", "v1beta", "v1alpha"])("are served under %s", async (version) => {
      const response = await call(`/${version}/models/${model}:countTokens`, { body: body() });
      expect(response.status).toBe(200);
      expect(await response.json()).toHaveProperty("totalTokens");
    });

    it("survive events of a megabyte and writes split at the worst places", async () => {
      emulator.fault({ do: { bigEventBytes: 1_048_576, split: "both" } });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, {
        body: body("Grüße aus Zürich, 日本語"),
      });
      const text = await response.text();
      expect(text.length).toBeGreaterThan(1_048_576);
      for (const event of text.split("\r\n\r\n").filter((part) => part !== ""))
        JSON.parse(event.slice("data: ".length));
      expect(await row(idOf(response))).toMatchObject({ outcome: "ok", finishReason: "STOP" });
    });

    it("embed and list models", async () => {
      const embedded = await call("/v1beta/models/gemini-embedding-001:batchEmbedContents", {
        body: JSON.stringify({
          requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: "x" }] } }],
        }),
      });
      expect(((await embedded.json()) as { embeddings: unknown[] }).embeddings).toHaveLength(1);
      const listed = await call("/v1beta/models?pageSize=2");
      expect(((await listed.json()) as { models: unknown[] }).models).toHaveLength(2);
    });
  });

  describe("credentials", () => {
    it("exactly one goes up, in a header, and nothing of the client's", async () => {
      const response = await fetch(`${gateway.url}${native("countTokens")}?key=${clientKey}`, {
        method: "POST",
        headers: {
          ...json,
          "x-api-key": clientKey,
          authorization: `Bearer ${clientKey}`,
          cookie: "a=b",
          "x-forwarded-for": "9.9.9.9",
        },
        body: body(),
      });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      const record = await served();
      expect(record.credential).toBe("header");
      expect(JSON.stringify(record.headers)).not.toContain(clientKey);
      expect(record.headers).not.toHaveProperty("cookie");
      expect(record.headers).not.toHaveProperty("x-forwarded-for");
      expect(record.headers).not.toHaveProperty("authorization");
    });

    it.each([
      ["x-goog-api-key", clientKey],
      ["x-api-key", clientKey],
      ["authorization", `Bearer ${clientKey}`],
    ])("a client key is taken from %s", async (name, value) => {
      const response = await fetch(`${gateway.url}/v1beta/models`, { headers: { [name]: value } });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    });

    it("a missing or wrong client key is 401 in the caller's dialect", async () => {
      const missing = await fetch(`${gateway.url}/v1beta/models`);
      expect(missing.status).toBe(401);
      expect(await missing.json()).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
      const wrong = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: "Bearer gp-wrong", ...json },
        body: "{}",
      });
      expect(wrong.status).toBe(401);
      expect(await wrong.json()).toMatchObject({ error: { type: "authentication_error", code: "client_key_invalid" } });
    });

    it("rotate", async () => {
      const before = emulator.record().length;
      for (let index = 0; index < 4; index += 1)
        await (await call(native("countTokens"), { body: body() })).arrayBuffer();
      const used = emulator
        .record()
        .slice(before)
        .map((record) => record.key);
      expect(new Set(used)).toEqual(new Set(keys));
    });
  });

  describe("failover before the commit point", () => {
    it.each(["empty", "reset before the head", "in-stream error before content", "503"])("hides: %s", async (name) => {
      const actions = {
        empty: { empty: "no-parts" as const },
        "reset before the head": { reset: {} },
        "in-stream error before content": { streamError: { afterChunks: 0, shape: "event" as const } },
        "503": { error: "overloaded" as const },
      };
      emulator.fault({ do: actions[name as keyof typeof actions] });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body() });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(text).toContain('"finishReason": "STOP"');
      const record = await row(idOf(response));
      expect(record.outcome).toBe("ok");
      expect(record.attempts).toHaveLength(2);
      expect(response.headers.get("x-gproxy-attempts")).toBe("2");
    });

    it("a client's own mistake is relayed at once and hurts no credential", async () => {
      const response = await call(native("generateContent"), { body: JSON.stringify({ contents: [], nonsense: 1 }) });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("nonsense");
      const record = await row(idOf(response));
      expect(record.attempts).toHaveLength(1);
      expect(record.attempts[0]?.fault).toBe("client");
      const status = (await gateway.admin("status")) as { counts: { usable: number } };
      expect(status.counts.usable).toBe(2);
    });

    it("an unknown model is relayed as Google says it", async () => {
      const response = await call("/v1beta/models/gemini-0-none:generateContent", { body: body() });
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("is not found for API version");
    });
  });

  describe("after the commit point", () => {
    it("a cut ends in an error event, and the row is incomplete", async () => {
      emulator.fault({ do: { cut: { afterBytes: 700 } } });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body() });
      const text = await response.text();
      const last = text.trimEnd().split("\r\n\r\n").at(-1) as string;
      expect(JSON.parse(last.slice("data: ".length))).toMatchObject({ error: { code: 502 } });
      const record = await row(idOf(response));
      expect(record).toMatchObject({ outcome: "incomplete", errorCode: "upstream_broken" });
      expect(record.attempts).toHaveLength(1);
    });

    it("silence ends in an error event after IDLE_TIMEOUT_MS, and is not repeated", async () => {
      emulator.fault({ do: { stall: { afterChunks: 2 } } });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body() });
      const text = await response.text();
      expect(text).toContain('"error"');
      expect(await row(idOf(response))).toMatchObject({ outcome: "incomplete", errorCode: "upstream_idle_timeout" });
    });

    it.each(["event", "raw"] as const)("an upstream's in-stream error (%s) comes through as it is", async (shape) => {
      emulator.fault({ do: { streamError: { afterChunks: 2, shape } } });
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body() });
      expect(await response.text()).toContain('"error"');
      expect(await row(idOf(response))).toMatchObject({ outcome: "incomplete" });
    });

    it("a slow answer is never bought twice", async () => {
      const before = emulator.record().length;
      emulator.fault({ do: { delayMs: 6_000 } });
      const response = await call(native("generateContent"), { body: body() });
      expect(response.status, await response.clone().text()).toBe(504);
      expect(await response.text()).toContain("FIRST_BYTE_TIMEOUT_MS");
      expect(emulator.record().length - before).toBeLessThanOrEqual(1);
      expect((await row(idOf(response))).attempts).toHaveLength(1);
    });

    it("a client that leaves is noticed upstream, and its tokens are written down", async () => {
      const before = emulator.record().length;
      // Slow all along: some platforms notice that a client is gone only when they write to it.
      emulator.fault({ do: { drip: { bytes: 64, everyMs: 50 } } });
      const abort = new AbortController();
      const response = await call(`${native("streamGenerateContent")}?alt=sse`, { body: body(), signal: abort.signal });
      await (response.body as ReadableStream<Uint8Array>).getReader().read();
      abort.abort();
      const record = await until(async () => {
        const found = emulator.record()[before];
        return found?.outcome === "client-gone" ? found : undefined;
      }, "the emulator to see the client go");
      expect(record.outcome).toBe("client-gone");
      expect(await row(idOf(response))).toMatchObject({ outcome: "cancelled" });
    });
  });

  describe("OpenAI style", () => {
    it.each([
      "/v1/chat/completions",
      "/openai/v1/chat/completions",
      "/v1beta/openai/chat/completions",
      "/api/gproxy/openai/chat/completions",
      "/chat/completions",
    ])("%s answers", async (path) => {
      const response = await chat({}, path);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: "chat.completion", choices: [{ finish_reason: "stop" }] });
      expect((await served()).credential).toBe("bearer");
      expect(await row(idOf(response))).toMatchObject({ dialect: "openai-chat", modelAsked: model, outcome: "ok" });
    });

    it("streams with an index on every tool call and a final [DONE]", async () => {
      const response = await chat({
        stream: true,
        messages: [{ role: "user", content: 'call weather {"city":"Bern"}' }],
        tools: [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }],
      });
      const text = await response.text();
      expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
      const calls = text
        .split(/\r?\n\r?\n/)
        .filter((event) => event.includes('"tool_calls"') && event.startsWith("data: {"))
        .flatMap((event) => (JSON.parse(event.slice(6)) as ToolChunk).choices[0]?.delta.tool_calls ?? []);
      expect(calls.length).toBeGreaterThan(0);
      expect(calls.map((one) => one.index)).toEqual(calls.map((_, index) => index));
    });

    it("puts a dropped thought signature back", async () => {
      const tools = [
        { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } },
      ];
      const question = { role: "user", content: 'call weather {"city":"Bern"}' };
      const first = (await (await chat({ messages: [question], tools })).json()) as Completion;
      const [toolCall] = first.choices[0]?.message.tool_calls ?? [];
      const { id, type, function: called } = toolCall as ToolCall;
      const response = await chat({
        tools,
        messages: [
          question,
          { role: "assistant", content: null, tool_calls: [{ id, type, function: called }] },
          { role: "tool", tool_call_id: id, content: "sunny" },
        ],
      });
      expect(response.status, await response.clone().text()).toBe(200);
      expect(await response.text()).toContain("sunny");
    });

    it("unwraps Google's array errors", async () => {
      const response = await chat({ model: "gemini-0-none" });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringContaining("is not found") as string },
      });
    });

    it("says which body it cannot route", async () => {
      const malformed = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${clientKey}`, ...json },
        body: '{"model": ',
      });
      expect(malformed.status).toBe(400);
      expect(await malformed.json()).toMatchObject({ error: { code: "body_malformed" } });
      const nameless = await chat({ model: undefined });
      expect(await nameless.json()).toMatchObject({ error: { code: "model_missing" } });
    });

    it("lists models in OpenAI's shape for a bearer key and in Google's for a Google key", async () => {
      const openai = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${clientKey}` } });
      expect(await openai.json()).toMatchObject({ object: "list" });
      const google = await call("/v1/models");
      expect(await google.json()).toHaveProperty("models");
    });

    it("embeds", async () => {
      const response = await fetch(`${gateway.url}/v1/embeddings`, {
        method: "POST",
        headers: { authorization: `Bearer ${clientKey}`, ...json },
        body: JSON.stringify({ model: "gemini-embedding-001", input: "x" }),
      });
      expect(await response.json()).toMatchObject({ object: "list", data: [{ object: "embedding" }] });
    });
  });

  describe("browsers", () => {
    it("get a preflight answered before authentication", async () => {
      const response = await fetch(`${gateway.url}${native("generateContent")}`, {
        method: "OPTIONS",
        headers: {
          origin: "https://app.example",
          "access-control-request-method": "POST",
          "access-control-request-headers": "x-goog-api-key",
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-allow-headers")).toContain("x-goog-api-key");
    });

    it("get CORS headers on answers, streams and errors", async () => {
      const origin = { origin: "https://app.example" };
      for (const response of [
        await call(native("countTokens"), { body: body(), headers: origin }),
        await call(`${native("streamGenerateContent")}?alt=sse`, { body: body(), headers: origin }),
        await fetch(`${gateway.url}/v1beta/models`, { headers: origin }),
      ]) {
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
        await response.arrayBuffer();
      }
    });
  });

  describe("bad input", () => {
    it("malformed JSON is Google's to refuse", async () => {
      const response = await call(native("generateContent"), { body: '{"contents": [' });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { status: "INVALID_ARGUMENT" } });
    });

    it("invalid UTF-8 and a wrong content type do no harm", async () => {
      const response = await call(native("generateContent"), {
        body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a]) as BodyInit,
        headers: { "content-type": "image/png" },
      });
      expect(response.status).toBe(400);
      await response.arrayBuffer();
    });

    it("a body over the limit is 413 in the caller's dialect", async () => {
      const response = await call(native("generateContent"), { body: "x".repeat(9 * 1024 * 1024) });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { code: 413 } });
    });

    it("an unknown path is 404", async () => {
      const response = await call("/nothing/here");
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 404 } });
    });

    it("the gateway still answers", async () => {
      expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    });
  });

  describe.skipIf(recordings.length === 0)(
    `recorded answers (absent: ${recordings.length === 0 ? recordingsFolder : "no"})`,
    () => {
      it.each(recordings.filter((one) => one.relayed))(
        "$name comes through byte for byte",
        async ({ path, status, contentType, bytes }) => {
          emulator.fault({
            match: { path: path.split("?")[0] as string },
            do: { response: { status, headers: { "content-type": contentType }, body: bytes.toString("utf8") } },
          });
          emulator.fault({
            match: { path: path.split("?")[0] as string },
            do: { response: { status, headers: { "content-type": contentType }, body: bytes.toString("utf8") } },
          });
          const response = await call(path, { body: body() });
          const received = Buffer.from(await response.arrayBuffer());
          expect(response.status).toBe(status);
          expect(received.equals(bytes)).toBe(true);
        },
      );
    },
  );

  it("every secret stays in: no key in what it printed", () => {
    for (const secret of [...keys, clientKey]) expect(gateway.output()).not.toContain(secret);
  });

  it("ledger and upstream agree on every attempt and every token", async () => {
    const all = await until(async () => {
      const calls = await gateway.calls();
      const attempts = calls.reduce((sum, one) => sum + one.attempts.length, 0);
      // Requests to the emulator that did not come through the gateway: the direct one of the first test.
      return attempts >= emulator.record().length - 1 ? calls : undefined;
    }, "the ledger to hold every attempt");
    const attempts = all.flatMap((one) => one.attempts);
    expect(attempts.length).toBe(emulator.record().length - 1);
  });
});

interface ToolCall {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}
interface Completion {
  choices: { message: { tool_calls?: ToolCall[] } }[];
}
interface ToolChunk {
  choices: { delta: { tool_calls?: { index?: number }[] } }[];
}

/** Ids differ from answer to answer. */
function withoutIds(text: string): string {
  return text.replace(/"(responseId|thoughtSignature)": "[^"]*"/g, '"$1": ""');
}
