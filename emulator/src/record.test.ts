/** @module Tests of the record over real HTTP: exactly what was served, also under load, also when clients leave. */

import { hash, randomBytes } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { DEFAULT_KEY, startEmulator } from "./emulator.ts";
import { at, call, prompt, sseEvents, to } from "./test-client.ts";

let emulator: Emulator;
afterEach(() => emulator.close());

const start = async (options: EmulatorOptions = {}): Promise<void> => {
  emulator = await startEmulator(options);
};

describe("record", () => {
  it("has one entry per request, there as soon as the answer has ended", async () => {
    await start({ now: () => 1_700_000_000_000, recordHeaders: true, recordBodyBytes: 20 });
    const text = JSON.stringify(prompt("hi"));
    const response = await call(emulator, { path: to("gemini-2.5-flash"), body: text, headers: { "x-test": "1" } });
    const answer = await response.text();
    const [entry, ...rest] = emulator.record();
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      sequence: 1,
      time: 1_700_000_000_000,
      key: DEFAULT_KEY,
      credential: "header",
      project: "projects/1001",
      model: "gemini-2.5-flash",
      surface: "native",
      operation: "generateContent",
      method: "POST",
      path: "/v1beta/models/gemini-2.5-flash:generateContent",
      status: 200,
      errorStatus: null,
      outcome: "complete",
      stream: false,
      requestBytes: text.length,
      responseBytes: Buffer.byteLength(answer),
      sha256: hash("sha256", text, "hex"),
      fault: null,
      body: text.slice(0, 20),
    });
    expect(entry?.headers).toMatchObject({ "x-test": "1" });
    const usage = at(JSON.parse(answer), "usageMetadata") as Record<string, number>;
    expect(entry?.usage).toEqual({
      prompt: usage["promptTokenCount"],
      cached: 0,
      candidates: usage["candidatesTokenCount"],
      thoughts: usage["thoughtsTokenCount"],
      toolUse: 0,
      total: usage["totalTokenCount"],
    });
  });

  it("sums to what 1,000 calls at concurrency 64 were told, faults included", async () => {
    await start();
    emulator.fault({ match: { nth: 50, count: 100 }, do: { error: "overloaded" } });
    emulator.fault({
      match: { nth: 300, count: 50, stream: true },
      do: { streamError: { afterChunks: 2, shape: "event" } },
    });
    let told = 0;
    const statuses: Record<string, number> = {};
    let left = 1_000;
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const stream = left % 2 === 0;
        const path = to(
          "gemini-2.5-flash",
          stream ? "streamGenerateContent" : "generateContent",
          stream ? "?alt=sse" : "",
        );
        const { status, text } = await post(agent, path, JSON.stringify(prompt(`call ${left}`)));
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status !== 200) continue;
        const usages = (stream ? sseEvents(text) : [JSON.parse(text) as unknown]).map((event) =>
          at(event, "usageMetadata.totalTokenCount"),
        );
        told += Number(usages.findLast((total) => total !== undefined));
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    agent.destroy();
    const totals = emulator.totals();
    expect(totals).toMatchObject({ requests: 1_000, inFlight: 0, recordDropped: 0, byStatus: statuses });
    expect(totals.byStatus["503"]).toBe(100);
    expect(totals.byOutcome).toEqual({ complete: 950, "stream-error": 50 });
    expect(totals.tokens.total).toBe(told);
    expect(emulator.record().reduce((sum, { usage }) => sum + (usage?.total ?? 0), 0)).toBe(told);
    expect(new Set(emulator.record().map(({ sequence }) => sequence)).size).toBe(1_000);
  });

  it("notices a client that leaves in the middle, with the tokens so far", async () => {
    await start({ tokenRate: 200 });
    const abort = new AbortController();
    const path = to("gemini-2.5-flash", "streamGenerateContent", "?alt=sse");
    const response = await call(emulator, { path, body: prompt("a long story"), signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    while (emulator.totals().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
    const [entry] = emulator.record();
    expect(entry).toMatchObject({ outcome: "client-gone", status: 200, stream: true });
    expect(entry?.chunksSent).toBeGreaterThan(0);
    expect(entry?.usage?.prompt).toBe(3);
  });

  it("notices a client that leaves while it sends", async () => {
    await start();
    const socket = connect(emulator.port, "127.0.0.1");
    socket.write(`POST ${to("gemini-2.5-flash")} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"contents"`);
    while (emulator.totals().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (emulator.totals().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(emulator.record()).toMatchObject([{ outcome: "client-gone", status: 499, requestBytes: 11, usage: null }]);
  });

  it("drops the oldest entries at its limit, says so, and keeps exact sums", async () => {
    await start({ recordLimit: 3 });
    for (let index = 0; index < 5; index++)
      await (await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("x") })).text();
    expect(emulator.record().map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    expect(emulator.totals()).toMatchObject({ requests: 5, recordDropped: 2 });
  });

  it("numbers connections, so that reuse shows", async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = 0; index < 3; index++) await post(agent, to("gemini-2.5-flash"), JSON.stringify(prompt("x")));
    agent.destroy();
    expect(emulator.record().map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  it("hashes a body of 60 MB and answers it, and refuses one over the limit", async () => {
    await start({ maxBodyBytes: 70_000_000 });
    const data = randomBytes(45_000_000).toString("base64");
    const text = JSON.stringify({
      contents: [{ parts: [{ inlineData: { mimeType: "image/png", data } }, { text: "what is it" }] }],
    });
    const response = await call(emulator, { path: to("gemini-2.5-flash"), body: text });
    expect(response.status).toBe(200);
    expect(emulator.record()[0]).toMatchObject({
      requestBytes: text.length,
      sha256: hash("sha256", text, "hex"),
      usage: { prompt: 258 + 3 },
    });
    const refused = await call(emulator, { path: to("gemini-2.5-flash"), body: `${text}${" ".repeat(20_000_000)}` });
    expect(refused.status).toBe(400);
    expect(at(await refused.json(), "error.message")).toBe("Request payload size exceeds the limit: 70000000 bytes.");
    expect(emulator.record()[1]?.requestBytes).toBe(text.length + 20_000_000);
  });
});

describe("scripts", () => {
  it("play the model's side of several turns in order, per model", async () => {
    await start();
    emulator.script(
      {
        model: "gemini-3.8-flash",
        parts: [{ functionCall: { name: "a", args: {} } }, { functionCall: { name: "b", args: {} } }],
      },
      { model: "gemini-2.5-pro", parts: [{ text: "for pro" }] },
      {
        model: "gemini-3.8-flash",
        parts: [{ text: "all " }, { text: "done" }],
        usage: { cached: 2 },
        candidate: { groundingMetadata: { webSearchQueries: ["x"] } },
      },
      { error: "internal" },
      { blockReason: "PROHIBITED_CONTENT" },
    );
    const ask = async (model: string): Promise<unknown> =>
      (await call(emulator, { path: to(model), body: prompt("x".repeat(40)) })).json();
    const calls = at(await ask("gemini-3.8-flash"), "candidates.0.content.parts") as object[];
    expect(calls).toEqual([
      { functionCall: { name: "a", args: {}, id: expect.any(String) }, thoughtSignature: expect.any(String) },
      { functionCall: { name: "b", args: {}, id: expect.any(String) } },
    ]);
    const done = await ask("gemini-3.8-flash");
    expect(done).toMatchObject({
      candidates: [{ content: { parts: [{ text: "all done" }] }, groundingMetadata: { webSearchQueries: ["x"] } }],
      usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 2 },
    });
    expect(at(await ask("gemini-2.5-pro"), "candidates.0.content.parts.0.text")).toBe("for pro");
    expect(at(await ask("gemini-2.5-pro"), "error.code")).toBe(500);
    const blocked = await ask("gemini-3.8-flash");
    expect(blocked).not.toHaveProperty("candidates");
    expect(blocked).toMatchObject({
      promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
      usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 },
    });
    expect(emulator.totals().tokens.cached).toBe(2);
  });

  it("can be a function that sees the request in native shape", async () => {
    await start({
      script: ({ model, surface, stream, body }) =>
        model === "gemini-2.5-flash"
          ? { chunks: [{ parts: [{ text: `${surface} ${stream} ${JSON.stringify(body["contents"])}` }] }] }
          : undefined,
    });
    const chat = { model: "gemini-2.5-flash", messages: [{ role: "user", content: "hi" }] };
    const answer: unknown = await (
      await call(emulator, { path: "/v1beta/openai/chat/completions", body: chat })
    ).json();
    expect(at(answer, "choices.0.message.content")).toBe('openai false [{"role":"user","parts":[{"text":"hi"}]}]');
  });
});

function post(agent: Agent, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "x-goog-api-key": DEFAULT_KEY, "content-length": Buffer.byteLength(body) };
    const outgoing = httpRequest(emulator.url + path, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
