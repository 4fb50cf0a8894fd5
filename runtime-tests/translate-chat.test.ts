/**
 * OpenAI's own SDK as judge of the translated chat dialect: its accumulators must take every stream, and give what was put
 * in. The server has nothing but the dialect: what the SDK sends is translated, and a scripted answer is written.
 * @module
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toOpenAiModels } from "../gateway/src/dialects/openai-chat/translate/models-list.ts";
import { translateChatRequest } from "../gateway/src/dialects/openai-chat/translate/translate-request.ts";
import { anyChatAnswer, chatFacts, goodEnd, type ChatAnswer } from "../gateway/src/testkit/any-chat-answer.ts";
import type { AnswerEvent, Conversation, StreamFault } from "../gateway/src/translation/types.ts";

const model = "gemini-3.8-flash";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Hi" }];
let server: Server;
let client: OpenAI;
/** What the next request is answered with, and how its bytes are cut. */
let script: ChatAnswer & { fault?: StreamFault; cut?: number } = { events: [], end: goodEnd };
/** The last request, translated. */
let conversation: Conversation | null = null;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      if (request.url?.endsWith("/models") === true)
        return void response.end(toOpenAiModels({ models: [{ name: `models/${model}` }] }, 1_790_000_000_000));
      const translation = translateChatRequest(JSON.parse(Buffer.concat(chunks).toString()), { includeThoughts: true });
      if (!translation.ok) {
        response.statusCode = 400;
        return void response.end(JSON.stringify({ error: translation.problem }));
      }
      conversation = translation.conversation;
      const writer = translation.createWriter(chatFacts());
      if (translation.conversation.stream) response.setHeader("content-type", "text/event-stream");
      const bytes = Buffer.from(
        writer.ping() +
          writer.begin({ responseId: null, usage: null }) +
          script.events.map((event) => writer.event(event)).join("") +
          (script.fault === undefined ? writer.end(script.end) : writer.fault(script.fault)),
      );
      const step = script.cut ?? bytes.length;
      for (let at = 0; at < bytes.length; at += step) response.write(bytes.subarray(at, at + step));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: "k", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});

afterAll(() => server.close());

const text = (words: string): AnswerEvent => ({ kind: "text", text: words, signature: null });
const call = (name: string, args: Record<string, unknown>, signature: string | null = null): AnswerEvent => ({
  kind: "call",
  id: null,
  name,
  args,
  signature,
});

describe("openai", () => {
  it("takes any stream, cut anywhere, and gives its text, calls and usage back, as a whole answer does", async () => {
    await fc.assert(
      fc.asyncProperty(anyChatAnswer(), fc.integer({ min: 1, max: 200 }), async (answer, cut) => {
        script = { ...answer, cut };
        const request = { model, messages, web_search_options: {} };
        const streamed = await client.chat.completions
          .stream({ ...request, stream_options: { include_usage: true } })
          .finalChatCompletion();
        script = answer;
        const whole = await client.chat.completions.create(request);
        const [one, other] = [streamed.choices[0], whole.choices[0]];
        expect(one?.message.content ?? "").toBe(other?.message.content ?? "");
        expect(one?.message.tool_calls?.map(callOf)).toEqual(other?.message.tool_calls?.map(callOf));
        expect(one?.finish_reason).toBe(other?.finish_reason);
        expect(streamed.usage).toEqual(whole.usage);
        expect(streamed.model).toBe(model);
        const said = answer.events.flatMap((event) => (event.kind === "text" ? [event.text] : []));
        for (const words of said) expect(whole.choices[0]?.message.content ?? "").toContain(words);
        const calls = answer.events.flatMap((event) => (event.kind === "call" ? [event] : []));
        expect((whole.choices[0]?.message.tool_calls ?? []).map(callOf)).toEqual(
          calls.map(({ name, args }, at) => [`call_${at + 1}`, name, JSON.parse(JSON.stringify(args))]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("runs parallel calls of a stream to their ends and hands the results back", async () => {
    script = {
      events: [text("Let me see."), call("read", { path: "a" }, "Sig+/="), call("read", { path: "b" })],
      end: goodEnd,
    };
    const done: unknown[] = [];
    const stream = client.chat.completions.stream({
      model,
      messages,
      tools: [{ type: "function", function: { name: "read", strict: true, parameters: { type: "object" } } }],
    });
    stream.on("tool_calls.function.arguments.done", ({ index, name, parsed_arguments }) =>
      done.push([index, name, parsed_arguments]),
    );
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.finish_reason).toBe("tool_calls");
    expect(done).toEqual(
      expect.arrayContaining([
        [0, "read", { path: "a" }],
        [1, "read", { path: "b" }],
      ]),
    );
    const message = completion.choices[0]?.message as OpenAI.ChatCompletionMessage;
    const results = (message.tool_calls ?? []).map(({ id }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: `content of ${id}`,
    }));
    script = { events: [text("Done.")], end: goodEnd };
    await client.chat.completions.create({ model, messages: [...messages, message, ...results] });
    expect(conversation?.turns.flatMap(({ parts }) => parts)).toMatchObject([
      { kind: "text", text: "Hi" },
      { kind: "text", text: "Let me see." },
      { kind: "call", id: "call_1", args: { path: "a" }, signature: "Sig+/=" },
      { kind: "call", id: "call_2", args: { path: "b" }, signature: null },
      { kind: "result", id: "call_1", text: "content of call_1" },
      { kind: "result", id: "call_2", text: "content of call_2" },
    ]);
  });

  it("parses structured output", async () => {
    script = { events: [text('```json\n{"rivers"'), text(':["Rhine"]}\n``'), text("`\n")], end: goodEnd };
    const schema = { type: "object", properties: { rivers: { type: "array", items: { type: "string" } } } };
    const completion = await client.chat.completions.parse({
      model,
      messages,
      response_format: { type: "json_schema", json_schema: { name: "rivers", schema, strict: true } },
    });
    expect(completion.choices[0]?.message.content).toBe('{"rivers":["Rhine"]}');
    expect(conversation?.format).toEqual({ kind: "json-schema", name: "rivers", schema });
  });

  it("gathers speech", async () => {
    const samples = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const piece = (bytes: Buffer): AnswerEvent => ({
      kind: "media",
      mimeType: "audio/L16;codec=pcm;rate=24000",
      data: bytes.toString("base64"),
      signature: null,
    });
    script = { events: [piece(samples.subarray(0, 4)), piece(samples.subarray(4))], end: goodEnd };
    const completion = await client.chat.completions
      .stream({ model, messages, modalities: ["text", "audio"], audio: { voice: "Kore", format: "pcm16" } })
      .finalChatCompletion();
    expect(Buffer.from(completion.choices[0]?.message.audio?.data ?? "", "base64")).toEqual(samples);
  });

  it("throws at a fault inside of a stream", async () => {
    const fault = { code: "upstream_broken" as const, status: 502, requestId: "call_7", retryAfterSeconds: null };
    script = { events: [text("Half")], end: goodEnd, fault: { ...fault, message: "It broke off." } };
    const failed = client.chat.completions.stream({ model, messages }).finalChatCompletion();
    await expect(failed).rejects.toThrow("It broke off. (request call_7)");
  });

  it("names the field that is refused", async () => {
    await expect(client.chat.completions.create({ model, messages, n: 2 })).rejects.toThrow("'n' must be 1");
  });

  it("lists models", async () => {
    const models = await client.models.list();
    expect(models.data).toEqual([{ id: model, object: "model", created: 1_790_000_000, owned_by: "google" }]);
  });
});

function callOf(toolCall: OpenAI.ChatCompletionMessageToolCall): unknown {
  return toolCall.type === "function"
    ? [toolCall.id, toolCall.function.name, JSON.parse(toolCall.function.arguments)]
    : [toolCall.id, toolCall.custom.name, toolCall.custom.input];
}
