/**
 * Answers in the translated dialects: whole, streamed, with tools, counted and listed.
 * @module
 */
import { describe, expect, it } from "vitest";
import { clientKey } from "./targets.ts";
import { at, translatedDialects, type Json, type Said, type TranslatedDialect } from "./translated-dialects.ts";
import { expectAnswer, model, type TranslatedWorld } from "./translated-world.ts";

const question = "Tell me of Zürich, 日本語";
const sentinel = "skip_thought_signature_validator";
const cities = ["Bern", "Rome"];

/** @param world gives what was started, when the tests run */
export function describeTranslatedAnswers(world: () => TranslatedWorld): void {
  describe.each(translatedDialects)("$name", (dialect) => {
    const { path, operation } = dialect;

    it.each([false, true])("answers whole, is billed and is in the ledger (stream: %s)", async (stream) => {
      const answer = await world().ask(dialect, dialect.request([dialect.user(question)], { stream }));
      expectAnswer(answer, { status: 200, said: { isWhole: true, error: null } });
      expect(answer.headers.get("content-type")).toMatch(stream ? /^text\/event-stream/ : /^application\/json/);
      expect(answer.said.text).toContain(`You said: “${question}”`);
      const usage = world().emulator.record().at(-1)?.usage;
      expect(answer.said.tokens).toEqual({
        input: usage?.prompt,
        output: (usage?.candidates ?? 0) + (usage?.thoughts ?? 0),
      });
      const row = await world().row(answer);
      expect(row).toMatchObject({
        dialect: dialect.name,
        backend: "gemini-api",
        operation,
        modelAsked: model,
        modelServed: model,
        status: 200,
        outcome: "ok",
        finishReason: "STOP",
        usage: { totalTokens: usage?.total },
        costUsd: expect.any(Number) as number,
        responseBytes: Buffer.byteLength(answer.body),
      });
      expect(row.attempts).toHaveLength(1);
    });

    it("the first words are there before the rest was said", async () => {
      world().emulator.fault({ do: { stall: { afterChunks: 3, forMs: 600 } } });
      const response = await world().post(path, dialect.request([dialect.user(question)], { stream: true }));
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const first = await reader.read();
      const firstAt = performance.now();
      expect(first.done).toBe(false);
      while (!(await reader.read()).done);
      expect(performance.now() - firstAt).toBeGreaterThan(300);
    });

    it("survives events of a megabyte and writes split at the worst places", async () => {
      world().emulator.fault({ do: { bigEventBytes: 1_048_576, split: "both" } });
      const answer = await world().ask(dialect, dialect.request([dialect.user(question)], { stream: true }));
      expectAnswer(answer, { said: { isWhole: true } });
      const { said } = answer;
      expect(said.text.length).toBeGreaterThan(1_048_576);
      expect(said.text).toContain(question);
    });

    it.each([
      ["unary, all that was answered kept", false, false],
      ["streamed, all that was answered kept", true, false],
      ["unary, undocumented fields and thoughts dropped", false, true],
      ["streamed, undocumented fields and thoughts dropped", true, true],
    ])("tools, two turns, parallel calls, every signature in its place: %s", async (_name, stream, bare) => {
      const turns: Json[] = [];
      const tools = ["weather", "map"].map((name) => dialect.tool(name));
      const go = async (): Promise<Said> => {
        const answer = await world().ask(dialect, dialect.request(turns, { stream, tools }));
        expectAnswer(answer, { said: { isWhole: true, error: null } });
        const history = bare ? dialect.bare(answer.said.history) : answer.said.history;
        turns.push(...history, ...dialect.results(answer.said.tools.map(({ id }) => ({ id, output: `of ${id}` }))));
        return answer.said;
      };
      const upstream = (): Json => JSON.parse(world().emulator.record().at(-1)?.body ?? "") as Json;

      turns.push(dialect.user("How is the weather?"));
      world().emulator.script({
        parts: cities.map((city) => ({ functionCall: { name: "weather", args: { city } } })),
      });
      const first = await go();
      expect(first.tools.map(({ name, args }) => [name, args])).toEqual(cities.map((city) => ["weather", { city }]));
      expect(new Set(first.tools.map(({ id }) => id)).size).toBe(2);

      world().emulator.script({ parts: [{ functionCall: { name: "map", args: {} } }] });
      const second = await go();
      expect(second.tools).toMatchObject([{ name: "map", args: {} }]);
      expect(resultsOf(upstream())).toEqual([["weather", "weather"]]);

      // The second question, in a new turn.
      await go();
      turns.push(dialect.user('call weather {"city":"Oslo"}'));
      const third = await go();
      expect(third.tools).toMatchObject([{ name: "weather", args: { city: "Oslo" } }]);
      const last = await go();
      expect(last).toMatchObject({ tools: [] });
      expect(last.text).not.toBe("");
      expect(resultsOf(upstream())).toEqual([["weather", "weather"], ["map"], ["weather"]]);
      // The emulator refuses what is missing or spoiled; the way out of that was not needed.
      expect(JSON.stringify(upstream())).not.toContain(sentinel);
      expect(signaturesOf(upstream())).toBeGreaterThanOrEqual(3);
    });
  });

  it("count_tokens counts system, tools and messages as Google does", async () => {
    const [anthropic] = translatedDialects as [TranslatedDialect];
    const count = async (more: Json): Promise<number> => {
      const request = { model, messages: [anthropic.user(question)], ...more };
      const response = await world().post("/v1/messages/count_tokens", request);
      const body = (await response.json()) as { input_tokens: number };
      expect(response.status).toBe(200);
      return body.input_tokens;
    };
    const plain = await count({});
    expect(plain).toBe(Math.ceil(question.length / 4));
    expect(world().emulator.record().at(-1)).toMatchObject({ operation: "countTokens" });
    expect(await count({ system: "x".repeat(400) })).toBe(plain + 100);
    expect(await count({ tools: [anthropic.tool("weather")] })).toBeGreaterThan(plain);
  });

  it("models are listed, and told one by one, in the shape of whoever asks", async () => {
    const get = async (path: string, headers: Record<string, string>): Promise<Json> => {
      const response = await fetch(`${world().gateway.url}${path}`, { headers });
      expect(response.status).toBe(200);
      return (await response.json()) as Json;
    };
    const google = { "x-goog-api-key": clientKey };
    const openai = { authorization: `Bearer ${clientKey}` };
    const anthropic = { ...openai, "anthropic-version": "2026-10-21" };
    const names = (value: unknown, field: string): unknown[] => (value as Json[]).map((one) => one[field]);
    expect(names((await get("/v1/models", google))["models"], "name")).toContain(`models/${model}`);
    const list = await get("/v1/models", openai);
    expect(list).toMatchObject({ object: "list" });
    expect(names(list["data"], "id").some((id) => String(id).endsWith(model))).toBe(true);
    const page = await get("/v1/models", anthropic);
    expect(page).toMatchObject({ has_more: false });
    expect(page["data"]).toContainEqual(expect.objectContaining({ type: "model", id: model }));
    expect(page["first_id"]).toBe(at(page, "data", 0, "id"));
    expect(await get(`/v1/models/${model}`, google)).toMatchObject({ name: `models/${model}` });
    expect(await get(`/v1/models/${model}`, openai)).toMatchObject({ object: "model" });
    expect(await get(`/v1/models/${model}`, anthropic)).toMatchObject({ type: "model", id: model });
  });

  describe("previous_response_id", () => {
    const responses = translatedDialects.find(({ name }) => name === "openai-responses") as TranslatedDialect;

    it.each([false, true])("goes on from what was stored, signatures included (stream: %s)", async (stream) => {
      const tools = [responses.tool("weather")];
      const ask = async (turns: Json[], previous?: string): Promise<Said> => {
        const more = { stream, tools, ...(previous === undefined ? {} : { previous_response_id: previous }) };
        const answer = await world().ask(responses, responses.request(turns, more));
        expectAnswer(answer, { said: { isWhole: true, error: null } });
        return answer.said;
      };
      const first = await ask([responses.user('call weather {"city":"Bern"}')]);
      const results = responses.results(first.tools.map(({ id }) => ({ id, output: "sunny" })));
      const second = await ask(results, first.id);
      expect(second.text).toContain("sunny");
      await ask([responses.user("And now?")], second.id);
      const body = world().emulator.record().at(-1)?.body ?? "";
      expect(body).toContain('call weather {\\"city\\":\\"Bern\\"}');
      expect(body).toContain("sunny");
      expect(body).toContain("And now?");
      expect(body).not.toContain(sentinel);
    });

    it("of nobody is a 400 that says so", async () => {
      const request = responses.request([responses.user("Go on")], { previous_response_id: "resp_unknown" });
      const { status, body } = await world().ask(responses, request);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ error: { code: "previous_response_not_found" } });
    });
  });
}

// --- helpers ---

/** Names of the results in a request of Google's, by content. */
function resultsOf(request: Json): unknown[][] {
  return (request["contents"] as { parts: Json[] }[])
    .map(({ parts }) =>
      parts
        .filter((part) => part["functionResponse"] !== undefined)
        .map((part) => at(part, "functionResponse", "name")),
    )
    .filter((names) => names.length > 0);
}

function signaturesOf(request: Json): number {
  return (request["contents"] as { parts: Json[] }[])
    .flatMap(({ parts }) => parts)
    .filter((part) => typeof part["thoughtSignature"] === "string").length;
}
