/**
 * The official OpenAI SDK reads what our Responses writer writes: its accumulator throws on every event out of order.
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { toResponsesError } from "../gateway/src/dialects/openai-responses/unwrap-error.ts";
import {
  previousResponseId,
  referencedResponseId,
  translateResponsesRequest,
} from "../gateway/src/dialects/openai-responses/translate-request.ts";
import { called, goodEnd, text, thought, writerFacts } from "../gateway/src/testkit/responses-answer.ts";
import type { AnswerEnd, AnswerEvent, Conversation, StreamFault } from "../gateway/src/translation/types.ts";

/** What the model says next, and how it ends. */
let said: AnswerEvent[] = [];
let end: Partial<AnswerEnd> = {};
let fault: StreamFault | null = null;
let refusal: { status: number; body: string } | null = null;
/** What the last request asked for. */
let asked: Conversation | null = null;
const archive = new Map<string, readonly unknown[]>();
let server: Server;
let client: OpenAI;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: "k", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});

beforeEach(() => {
  said = [];
  end = {};
  fault = null;
  refusal = null;
});

afterAll(() => void server?.close());

const model = "gemini-3.8-flash";
const tools = [
  { type: "function" as const, name: "f", strict: false, parameters: { type: "object", properties: {} } },
  { type: "custom" as const, name: "raw" },
  {
    type: "namespace" as const,
    name: "ns",
    description: "Files",
    tools: [{ type: "function" as const, name: "read" }],
  },
  { type: "web_search" as const },
];
const usage = {
  promptTokens: 9,
  cachedTokens: 4,
  outputTokens: 5,
  thoughtsTokens: 2,
  toolUseTokens: 0,
  totalTokens: 16,
  modalities: null,
  serviceTier: null,
};

describe("openai.responses.stream", () => {
  it("accumulates thoughts, text, calls of all kinds, searches, code and pictures", async () => {
    said = [
      thought("**One**\n\na\n"),
      thought("**Two**\n\nb"),
      text("Hel"),
      text("lo"),
      called("f", { a: 1 }, { signature: "S1" }),
      called("f", { a: 2 }),
      called("raw", { input: "*** Begin" }),
      called("ns__read", {}),
      { kind: "code", language: "PYTHON", code: "1" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "1" },
      { kind: "media", mimeType: "image/png", data: "AA==", signature: null },
      text("See x"),
      {
        kind: "grounding",
        grounding: {
          queries: ["q"],
          sources: [{ title: "T", url: "https://x.example" }],
          supports: [{ start: 9, end: 10, text: "x", sources: [0] }],
        },
      },
    ];
    end = { usage };
    const stream = client.responses.stream({ model, input: "hi", tools });
    const deltas: string[] = [];
    stream.on("response.output_text.delta", (event) => deltas.push(event.delta));
    const response = await stream.finalResponse();
    expect(response.status).toBe("completed");
    expect(deltas).toEqual(["Hel", "lo", "See x"]);
    expect(response.output_text).toBe("HelloSee x");
    expect(response.output.map(({ type }) => type)).toEqual([
      "reasoning",
      "message",
      "reasoning",
      "function_call",
      "function_call",
      "custom_tool_call",
      "function_call",
      "code_interpreter_call",
      "image_generation_call",
      "message",
      "web_search_call",
    ]);
    expect(response.output).toMatchObject({
      0: { summary: [{ text: "**One**\n\na\n" }, { text: "**Two**\n\nb" }] },
      2: { encrypted_content: "gp1.S1" },
      3: { arguments: '{"a":1}' },
      5: { name: "raw", input: "*** Begin" },
      6: { name: "read", namespace: "ns", arguments: "{}" },
      9: { content: [{ annotations: [{ type: "url_citation", start_index: 4, end_index: 5 }] }] },
    });
    expect(response.usage).toEqual({
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 16,
    });
  });

  it("goes on with what it was given: calls, results and signatures come back", async () => {
    said = [thought("hm"), called("f", { a: 1 }, { signature: "S1", id: "g1" }), called("ns__read", {}, { id: "g2" })];
    const first = await client.responses.stream({ model, input: "hi", tools, store: false }).finalResponse();
    const outputs = first.output
      .filter((item) => item.type === "function_call")
      .map((call) => ({ type: "function_call_output" as const, call_id: call.call_id, output: `of ${call.name}` }));
    said = [text("done")];
    const second = await client.responses
      .stream({
        model,
        input: [{ role: "user", content: "hi" }, ...(first.output as OpenAI.Responses.ResponseInputItem[]), ...outputs],
        tools,
        store: false,
      })
      .finalResponse();
    expect(second.output_text).toBe("done");
    expect(asked?.carriers).toEqual(["gp1.S1"]);
    expect(asked?.turns.map(({ role, parts }) => [role, ...parts.map(({ kind }) => kind)])).toEqual([
      ["user", "text"],
      ["model", "call", "call"],
      ["user", "result", "result"],
    ]);
    expect(asked?.turns[1]?.parts).toMatchObject([
      { id: "call_g1", name: "f", args: { a: 1 } },
      { id: "call_g2", name: "ns__read" },
    ]);
  });

  it("goes on from a stored response, by name and by references", async () => {
    said = [text("two")];
    const first = await client.responses.stream({ model, input: "one" }).finalResponse();
    said = [text("four")];
    const second = await client.responses
      .stream({ model, input: "three", previous_response_id: first.id })
      .finalResponse();
    expect(second.output_text).toBe("four");
    const texts = (): string[] =>
      (asked?.turns ?? []).flatMap(({ parts }) => parts.map((part) => (part.kind === "text" ? part.text : part.kind)));
    expect(texts()).toEqual(["one", "two", "three"]);
    const reference = { type: "item_reference" as const, id: second.output[0]?.id ?? "" };
    await client.responses.create({
      model,
      input: [{ role: "user", content: "three" }, reference, { role: "user", content: "five" }],
    });
    expect(texts()).toEqual(["three", "four", "five"]);
  });

  it("parses structured output", async () => {
    said = [text("```json\n"), text('{"city":"Rome"}\n'), text("```")];
    const format = zodTextFormat(z.object({ city: z.string() }), "place");
    const response = await client.responses.stream({ model, input: "hi", text: { format } }).finalResponse();
    expect(response.output_parsed).toEqual({ city: "Rome" });
    expect(asked?.format).toMatchObject({ kind: "json-schema", name: "place" });
  });

  it("tells what is incomplete, and throws what failed", async () => {
    said = [text("cut")];
    end = { finishReason: "MAX_TOKENS" };
    const cut = await client.responses.stream({ model, input: "hi" }).finalResponse();
    expect(cut).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    end = { finishReason: "MALFORMED_FUNCTION_CALL" };
    await expect(client.responses.stream({ model, input: "hi" }).finalResponse()).rejects.toThrow(/MALFORMED/);
    fault = { code: null, status: 502, message: "Broke off.", requestId: "r1", retryAfterSeconds: null };
    await expect(client.responses.stream({ model, input: "hi" }).finalResponse()).rejects.toMatchObject({
      code: "server_error",
    });
  });

  it("takes a compaction", async () => {
    said = [text("Summary")];
    const stream = client.responses.stream({
      model,
      input: [{ role: "user", content: "hi" }, { type: "compaction_trigger" }],
    });
    const { output } = await stream.finalResponse();
    expect(output.map(({ type }) => type)).toEqual(["compaction"]);
  });

  it("does not mind pings before the head", async () => {
    said = [text("late")];
    const response = await client.responses.stream({ model, input: "ping" }).finalResponse();
    expect(response.output_text).toBe("late");
  });
});

describe("openai.responses.create", () => {
  it("reads the whole object", async () => {
    said = [text("Hello"), called("f", {}, { signature: "S" })];
    end = { usage };
    const response = await client.responses.create({ model, input: "hi", tools });
    expect(response.output_text).toBe("Hello");
    expect(response.output.map(({ type }) => type)).toEqual(["message", "reasoning", "function_call"]);
    expect(response).toMatchObject({ object: "response", status: "completed", model });
  });

  it("throws the errors of the SDK's own kinds", async () => {
    refusal = toResponsesError(429, '{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}');
    await expect(client.responses.create({ model, input: "hi" })).rejects.toThrow(OpenAI.RateLimitError);
    refusal = toResponsesError(404, '{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}');
    await expect(client.responses.create({ model, input: "hi" })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    expect(requests).toBeGreaterThan(0);
  });
});

/** The gateway's part, without the gateway: translate, write; the bytes are cut where no event ends. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  requests += 1;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  if (refusal !== null) {
    response.writeHead(refusal.status, { "content-type": "application/json" }).end(refusal.body);
    return;
  }
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
  const previous = archive.get(previousResponseId(body) ?? referencedResponseId(body) ?? "") ?? null;
  const translation = translateResponsesRequest(body, { includeThoughts: true, previous });
  if (!translation.ok) {
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: translation.problem }));
    return;
  }
  asked = translation.conversation;
  const writer = translation.createWriter(writerFacts({ model, newId: randomId }));
  let whole = writer.ping() + writer.begin({ responseId: null, usage: null });
  for (const event of said) whole += writer.event(event) + writer.ping();
  whole += fault === null ? writer.end({ ...goodEnd, ...end }) : writer.fault(fault);
  const stored = writer.stored?.() ?? null;
  // As the archive keeps it: text.
  if (stored !== null) archive.set(stored.id, JSON.parse(JSON.stringify(stored.turns)) as unknown[]);
  response.writeHead(200, {
    "content-type": translation.conversation.stream ? "text/event-stream" : "application/json",
  });
  const bytes = Buffer.from(whole);
  for (let at = 0; at < bytes.length; at += 701) response.write(bytes.subarray(at, at + 701));
  response.end();
}

function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 24);
}
