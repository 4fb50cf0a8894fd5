/**
 * A gateway that has nothing but a Code Assist account: what it serves, in all dialects, and what it says of the rest.
 * @module
 */
import { describe, expect, it } from "vitest";
import { email, model, scarceModel, type AccountWorld } from "./account-world.ts";
import { clientKey } from "./targets.ts";
import { at, parseEvents, translatedDialects, type Json, type Said } from "./translated-dialects.ts";
import { expectAnswer, type Answered } from "./translated-world.ts";

const question = "Tell me of Zürich, 日本語";
const native = (method: string, name = model): string => `/v1beta/models/${name}:${method}`;
const contents = (text = question): Json => ({ contents: [{ role: "user", parts: [{ text }] }] });

/** @param world gives what was started, when the tests run */
export function describeAccountAnswers(world: () => AccountWorld): void {
  const served = (): Json => JSON.parse(world().emulator.record().at(-1)?.body ?? "{}") as Json;

  describe("the native dialect", () => {
    it("generates, out of the envelope, for nothing beyond the licence", async () => {
      const response = await world().native(native("generateContent"), contents());
      const text = await response.text();
      expect(response.status).toBe(200);
      const answer = JSON.parse(text) as Json;
      expect(answer).not.toHaveProperty("response");
      expect(answer).toMatchObject({ candidates: [{ finishReason: "STOP" }], modelVersion: model });
      expect(text).toContain(question);
      expect(world().emulator.record().at(-1)).toMatchObject({ account: email, operation: "codeAssistGenerate" });
      expect(served()).toMatchObject({ model, project: "emulated-ada" });
      expect(await world().row(response)).toMatchObject({
        dialect: "gemini",
        backend: "code-assist",
        outcome: "ok",
        finishReason: "STOP",
        costUsd: 0,
        usage: { totalTokens: world().emulator.record().at(-1)?.usage?.total },
      });
    });

    it.each(["?alt=sse", ""])("streams with framing %j", async (query) => {
      const response = await world().native(native("streamGenerateContent") + query, contents());
      const text = await response.text();
      expect(response.headers.get("content-type")).toMatch(query === "" ? /application\/json/ : /text\/event-stream/);
      const chunks = query === "" ? (JSON.parse(text) as Json[]) : parseEvents(text).map(({ data }) => data);
      expect(chunks.length).toBeGreaterThan(2);
      expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }], usageMetadata: {} });
      for (const chunk of chunks) expect(chunk).not.toHaveProperty("response");
      const texts = chunks.map((chunk) => textOf(chunk));
      expect(texts.join("")).toContain(question);
      expect(await world().row(response)).toMatchObject({
        backend: "code-assist",
        outcome: "ok",
        finishReason: "STOP",
      });
    });

    it("what breaks in the middle ends in an error, in either framing: no good end", async () => {
      const broken = async (query: string): Promise<string> => {
        world().emulator.fault({ match: { stream: true }, do: { cut: { afterBytes: 900 } } });
        const response = await world().native(native("streamGenerateContent") + query, contents());
        const text = await response.text().catch(() => "cut");
        expect(text).not.toContain('"finishReason":"STOP"');
        expect(await world().row(response)).toMatchObject({ outcome: "incomplete" });
        return text;
      };
      expect(await broken("?alt=sse")).toContain('"error"');
      expect((JSON.parse(await broken("")) as Json[]).at(-1)).toMatchObject({ error: { code: 502 } });
    });

    it("counts tokens", async () => {
      const response = await world().native(native("countTokens"), contents());
      expect(await response.json()).toMatchObject({ totalTokens: Math.ceil(question.length / 4) });
      expect(world().emulator.record().at(-1)).toMatchObject({ operation: "codeAssistCountTokens" });
    });

    it("an unknown model and a bad request are the client's to know, and do the account no harm", async () => {
      expect((await world().native(native("generateContent", "gemini-0-none"), contents())).status).toBe(404);
      expect((await world().native(native("generateContent"), { contents: [] })).status).toBe(400);
      expect(await world().gateway.admin("status")).toMatchObject({ counts: { usable: 1 } });
    });
  });

  describe.each(translatedDialects)("$name", (dialect) => {
    const ask = (more: Json = {}, turns = [dialect.user(question)]): Promise<Answered> =>
      world().ask(dialect, dialect.request(turns, { model, ...more }));

    it.each([false, true])("answers whole (stream: %s)", async (stream) => {
      const answer = await ask({ stream });
      expectAnswer(answer, { status: 200, said: { isWhole: true, error: null } });
      expect(answer.said.text).toContain(question);
      expect(await world().row(answer)).toMatchObject({
        dialect: dialect.name,
        backend: "code-assist",
        operation: dialect.operation,
        outcome: "ok",
        costUsd: 0,
        attempts: [{ status: 200 }],
      });
    });

    it.each([false, true])("tools, two steps, signatures in their places (stream: %s)", async (stream) => {
      const turns: Json[] = [dialect.user("How is the weather?")];
      const tools = ["weather", "map"].map((name) => dialect.tool(name));
      const go = async (): Promise<Said> => {
        const answer = await ask({ stream, tools }, turns);
        expectAnswer(answer, { status: 200, said: { isWhole: true, error: null } });
        turns.push(...answer.said.history);
        turns.push(...dialect.results(answer.said.tools.map(({ id }) => ({ id, output: `of ${id}` }))));
        return answer.said;
      };
      const calls = ["Bern", "Rome"].map((city) => ({ functionCall: { name: "weather", args: { city } } }));
      world().emulator.script({ parts: calls }, { parts: [{ functionCall: { name: "map", args: {} } }] });
      expect((await go()).tools.map(({ args }) => args)).toEqual([{ city: "Bern" }, { city: "Rome" }]);
      expect((await go()).tools).toMatchObject([{ name: "map" }]);
      expect((await go()).text).not.toBe("");
      expect(JSON.stringify(served())).not.toContain("skip_thought_signature_validator");
    });

    it("an exhausted account says so, and when to come back", async () => {
      // One call is left of its day; whoever is first takes it.
      let answer = await ask({ model: scarceModel });
      if (answer.status === 200) answer = await ask({ model: scarceModel });
      expectAnswer(answer, { status: 429 });
      expect(dialect.readError(JSON.parse(answer.body) as Json).type).toBe("rate_limit_error");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await world().row(answer)).toMatchObject({ errorCode: "credentials_exhausted" });
    });
  });

  it("count_tokens counts what Code Assist does not: system and tools", async () => {
    const count = async (more: Json): Promise<number> => {
      const body = { model, messages: [{ role: "user", content: question }], ...more };
      const response = await world().post("/v1/messages/count_tokens", body);
      expect(response.status).toBe(200);
      return ((await response.json()) as { input_tokens: number }).input_tokens;
    };
    expect(await count({ system: "x".repeat(400) })).toBeGreaterThanOrEqual((await count({})) + 90);
  });

  it("models are listed in the shape of whoever asks", async () => {
    const get = async (path: string, headers: Record<string, string>): Promise<unknown> => {
      const response = await fetch(`${world().gateway.url}${path}`, { headers });
      expect(response.status).toBe(200);
      return response.json();
    };
    const openai = { authorization: `Bearer ${clientKey}` };
    const anthropic = { ...openai, "anthropic-version": "2026-10-21" };
    const containing = (more: object): unknown => expect.arrayContaining([expect.objectContaining(more)]);
    expect(await get("/v1beta/models", { "x-goog-api-key": clientKey })).toEqual({
      models: containing({ name: `models/${model}` }),
    });
    expect(await get("/v1/models", openai)).toMatchObject({ object: "list", data: containing({ id: model }) });
    expect(await get("/v1/models", anthropic)).toMatchObject({ data: containing({ type: "model", id: model }) });
    expect(await get(`/v1/models/${model}`, openai)).toMatchObject({ object: "model", id: model });
    expect(await get(`/v1beta/models/${model}`, { "x-goog-api-key": clientKey })).toMatchObject({
      name: `models/${model}`,
    });
  });

  it.each([
    ["embedContent", native("embedContent", "gemini-embedding-001"), { content: { parts: [{ text: "x" }] } }],
    ["an upload", "/upload/v1beta/files", {}],
    ["a cache", "/v1beta/cachedContents", { model: `models/${model}` }],
    ["an interaction", "/v1beta/interactions", { model, input: "x" }],
  ])("%s needs a key: 501 in Google's words", async (_name, path, body) => {
    const response = await world().native(path, body);
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({
      error: { status: "UNIMPLEMENTED", details: [{ reason: "OPERATION_UNSUPPORTED" }] },
    });
  });

  it.each([
    ["embeddings", "/v1/embeddings", { model: "gemini-embedding-001", input: "x" }],
    ["images", "/v1/images/generations", { model: "imagen-4", prompt: "x" }],
  ])("%s need a key: 501 in OpenAI's words", async (_name, path, body) => {
    const response = await world().post(path, body);
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ error: { code: "operation_unsupported" } });
  });

  it("all of that cost one refresh", () => {
    expect(world().refreshes()).toBe(1);
  });
}

// --- helpers ---

function textOf(chunk: unknown): string {
  const text = at(chunk, "candidates", 0, "content", "parts", 0, "text");
  return typeof text === "string" ? text : "";
}
