/**
 * Anthropic's own SDK, and the AI SDK's provider, as judges of the translated Messages dialect: their accumulators must take
 * every stream, and give what was put in. The server has nothing but the dialect: what a client sends is translated, and a
 * scripted answer is written.
 * @module
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, streamText, tool, type ToolSet } from "ai";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { toAnthropicModel, toAnthropicModels } from "../gateway/src/dialects/anthropic/models-list.ts";
import {
  translateCountRequest,
  translateMessagesRequest,
} from "../gateway/src/dialects/anthropic/translate-request.ts";
import { toAnthropicError } from "../gateway/src/dialects/anthropic/unwrap-error.ts";
import { writeError } from "../gateway/src/dialects/anthropic/write-error.ts";
import { call, stopped, text, thought, usage, writerFacts } from "../gateway/src/dialects/anthropic/writer-fixture.ts";
import type {
  AnswerEnd,
  AnswerEvent,
  Conversation,
  JsonObject,
  StreamFault,
} from "../gateway/src/translation/types.ts";

interface Script {
  events: AnswerEvent[];
  end?: Partial<AnswerEnd>;
  fault?: StreamFault;
  /** Bytes a write; absent: all at once. */
  cut?: number;
  /** Answered in place of an answer. */
  error?: { status: number; headers: string[]; body: string };
}

const model = "gemini-3.8-flash";
const user: Anthropic.MessageParam[] = [{ role: "user", content: "Hi" }];
const asked = { model, max_tokens: 1_000, messages: user };
const gemini = { name: `models/${model}`, displayName: "Gemini 3.8 Flash", inputTokenLimit: 1_048_576 };
let server: Server;
let client: Anthropic;
let provider: ReturnType<typeof createAnthropic>;
let script: Script = { events: [] };
/** The last request, translated. */
let conversation: Conversation | null = null;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url?.split("?", 1)[0] ?? "";
      response.setHeader("content-type", "application/json");
      if (path === "/v1/models") return void response.end(toAnthropicModels({ models: [gemini] }));
      if (path === `/v1/models/${model}`) return void response.end(toAnthropicModel(gemini));
      if (script.error !== undefined) {
        const { status, headers, body } = script.error;
        return void response.writeHead(status, headers).end(body);
      }
      const translate = path.endsWith("/count_tokens") ? translateCountRequest : translateMessagesRequest;
      const translation = translate(JSON.parse(Buffer.concat(chunks).toString()), { includeThoughts: true });
      if (!translation.ok) {
        const error = writeError({ ...translation.problem, requestId: "req-1" });
        return void response.writeHead(error.status, error.headers).end(error.body);
      }
      conversation = translation.conversation;
      const writer = translation.createWriter({ ...writerFacts().facts, model });
      if (translation.conversation.stream) response.setHeader("content-type", "text/event-stream");
      const bytes = Buffer.from(
        writer.ping() +
          writer.begin({ responseId: null, usage }) +
          script.events.map((event) => writer.event(event) + writer.ping()).join("") +
          (script.fault === undefined ? writer.end({ ...stopped, ...script.end }) : writer.fault(script.fault)),
      );
      const step = script.cut ?? bytes.length;
      for (let at = 0; at < bytes.length; at += step) response.write(bytes.subarray(at, at + step));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new Anthropic({ apiKey: "k", baseURL: url, maxRetries: 0 });
  provider = createAnthropic({ apiKey: "k", baseURL: `${url}/v1` });
});

beforeEach(() => {
  script = { events: [] };
});

afterAll(() => server.close());

const words = fc.string({ maxLength: 12, unit: "grapheme" });
const signature = fc.option(fc.constantFrom("S1", "S2"));
const anyEvent: fc.Arbitrary<AnswerEvent> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text: words, signature }),
  fc.record({ kind: fc.constant("thought" as const), text: words, signature }),
  fc.record({
    kind: fc.constant("call" as const),
    id: fc.constant(null),
    name: fc.constantFrom("read", "write"),
    args: fc.dictionary(fc.constantFrom("a", "b", "ü"), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>,
    signature,
  }),
);

describe("@anthropic-ai/sdk", () => {
  it("takes any stream, cut anywhere, and gives its text, calls and usage back, as a whole answer does", async () => {
    const finishReason = fc.constantFrom("STOP", "MAX_TOKENS", "SAFETY", null);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { maxLength: 10 }),
        finishReason,
        fc.integer({ min: 1, max: 200 }),
        async (events, reason, cut) => {
          script = { events, end: { finishReason: reason }, cut };
          const streamed = await client.messages.stream(asked).finalMessage();
          script = { events, end: { finishReason: reason } };
          const whole = await client.messages.create(asked);
          expect(streamed.content.map(blockOf)).toEqual(whole.content.map(blockOf));
          expect(streamed.stop_reason).toBe(whole.stop_reason);
          expect(streamed.usage).toMatchObject({ input_tokens: 63, cache_read_input_tokens: 40, output_tokens: 12 });
          expect(whole.usage).toMatchObject({ input_tokens: 63, cache_read_input_tokens: 40, output_tokens: 12 });
          const said = events.map((event) => (event.kind === "text" ? event.text : "")).join("");
          expect(whole.content.map((block) => (block.type === "text" ? block.text : "")).join("")).toBe(said);
          const calls = events.flatMap((event) => (event.kind === "call" ? [[event.name, plain(event.args)]] : []));
          expect(
            whole.content.flatMap((block) => (block.type === "tool_use" ? [[block.name, block.input]] : [])),
          ).toEqual(calls);
          if (reason === "STOP") expect(whole.stop_reason === "tool_use").toBe(calls.length > 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hands thinking, calls and results back as they were given", async () => {
    script = {
      events: [thought("Hm."), text("Let me see."), call("read", { path: "a" }, "S"), call("read", { path: "b" })],
    };
    const tools: Anthropic.Tool[] = [{ name: "read", input_schema: { type: "object" } }];
    const message = await client.messages.stream({ ...asked, tools }).finalMessage();
    expect(message.stop_reason).toBe("tool_use");
    const results = message.content.flatMap((block) =>
      block.type === "tool_use"
        ? [
            {
              type: "tool_result" as const,
              tool_use_id: block.id,
              content: `content of ${JSON.stringify(block.input)}`,
            },
          ]
        : [],
    );
    script = { events: [text("Done.")] };
    await client.messages.create({
      ...asked,
      tools,
      messages: [...user, { role: "assistant", content: message.content }, { role: "user", content: results }],
    });
    expect(conversation?.carriers).toStrictEqual(["carrier:S"]);
    expect(conversation?.turns.flatMap(({ parts }) => parts)).toMatchObject([
      { kind: "text", text: "Hi" },
      { kind: "text", text: "Let me see." },
      { kind: "call", name: "read", args: { path: "a" } },
      { kind: "call", name: "read", args: { path: "b" } },
      { kind: "result", text: 'content of {"path":"a"}' },
      { kind: "result", text: 'content of {"path":"b"}' },
    ]);
  });

  it("gathers a web search: call, results, text with its sources", async () => {
    const grounding = {
      queries: ["rivers"],
      sources: [{ title: "Rivers", url: "https://rivers.example" }],
      supports: [{ start: 0, end: 10, text: "The Rhine.", sources: [0] }],
    };
    script = { events: [text("The Rhi"), text("ne. Long."), { kind: "grounding", grounding }], cut: 7 };
    const tools: Anthropic.WebSearchTool20250305[] = [{ type: "web_search_20250305", name: "web_search" }];
    const message = await client.messages.stream({ ...asked, tools }).finalMessage();
    const [search, found, cited, rest] = message.content;
    expect(search).toMatchObject({ type: "server_tool_use", name: "web_search", input: { query: "rivers" } });
    expect(found).toMatchObject({ type: "web_search_tool_result", content: [{ url: "https://rivers.example" }] });
    expect(cited).toMatchObject({ type: "text", text: "The Rhine.", citations: [{ title: "Rivers" }] });
    expect(rest).toMatchObject({ type: "text", text: " Long." });
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1);
  });

  it("throws at a fault inside of a stream", async () => {
    const fault = { code: "upstream_broken" as const, status: 502, requestId: "req-1", retryAfterSeconds: null };
    script = { events: [text("Half")], fault: { ...fault, message: "It broke off." } };
    await expect(client.messages.stream(asked).finalMessage()).rejects.toThrow("It broke off.");
  });

  it("reads refusals with their field, and Google's errors", async () => {
    const refused = await client.messages.create({ ...asked, messages: [] }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Anthropic.BadRequestError);
    expect((refused as { requestID?: string | null }).requestID).toBe("req-1");
    expect((refused as Error).message).toContain("messages: Must be a list");
    const { status, body } = toAnthropicError(429, '{"error":{"code":429,"message":"Quota."}}', "req-1");
    script = { events: [], error: { status, body, headers: ["content-type", "application/json"] } };
    await expect(client.messages.create(asked)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  });

  it("counts tokens and lists models", async () => {
    expect(await client.messages.countTokens({ model, messages: user })).toMatchObject({ input_tokens: 100 });
    const listed: string[] = [];
    for await (const found of client.models.list()) listed.push(found.id);
    expect(listed).toStrictEqual([model]);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, display_name: "Gemini 3.8 Flash" });
  });
});

describe("@ai-sdk/anthropic", () => {
  it("streams reasoning, text and calls, and sends the signature back", async () => {
    script = { events: [thought("Hm."), text("Let me see."), call("read", { path: "a" }, "S")], cut: 11 };
    const read = tool({ description: "Reads", inputSchema: z.object({ path: z.string() }) });
    // The package's own types are not made for exactOptionalPropertyTypes.
    const tools = { read } as unknown as ToolSet;
    const common = { model: provider(model), tools, maxRetries: 0, maxOutputTokens: 1_000 };
    const streamed = streamText({ ...common, prompt: "Hi" });
    expect(await streamed.text).toBe("Let me see.");
    const step = await streamed.finalStep;
    expect(step.reasoningText).toContain("Hm.");
    expect((await streamed.toolCalls).map(({ input }) => input as unknown)).toStrictEqual([{ path: "a" }]);
    expect(await streamed.finishReason).toBe("tool-calls");
    const { messages } = step.response;
    const [{ toolCallId } = { toolCallId: "" }] = await streamed.toolCalls;
    script = { events: [text("Done.")] };
    const answer = await generateText({
      ...common,
      messages: [
        { role: "user", content: "Hi" },
        ...messages,
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId, toolName: "read", output: { type: "text", value: "content of a" } },
          ],
        },
      ],
    });
    expect(answer.text).toBe("Done.");
    expect(conversation?.carriers).toStrictEqual(["carrier:S"]);
    expect(conversation?.turns.flatMap(({ parts }) => parts)).toMatchObject([
      { kind: "text", text: "Hi" },
      { kind: "text", text: "Let me see." },
      { kind: "call", id: toolCallId, args: { path: "a" } },
      { kind: "result", id: toolCallId, text: "content of a" },
    ]);
  });
});

function blockOf(block: Anthropic.ContentBlock): unknown {
  switch (block.type) {
    case "text":
      return ["text", block.text];
    case "thinking":
      return ["thinking", block.thinking, block.signature];
    case "tool_use":
      return ["tool_use", block.id, block.name, block.input];
    default:
      return [block.type];
  }
}

/** As it is after a way through JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
