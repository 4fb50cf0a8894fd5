/** @module Tests of the OpenAI surface over real HTTP. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { at, call } from "./test-client.ts";

const emulator = await startEmulator({ now: () => Date.parse("2026-11-20T20:00:00Z") });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const CHAT = "/v1beta/openai/chat/completions";
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

const ask = async (body: object): Promise<{ status: number; text: string; body: unknown }> => {
  const response = await call(emulator, { path: CHAT, body: { model: "gemini-3.8-flash", ...body } });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith("data:") ? null : JSON.parse(text) };
};

const user = (content: unknown): object => ({ messages: [{ role: "user", content }] });

const chunksOf = (text: string): unknown[] =>
  text
    .split("\n\n")
    .filter((event) => event !== "" && event !== "data: [DONE]")
    .map((event) => JSON.parse(event.slice("data: ".length)) as unknown);

function keysAreSorted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return (
    keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key) &&
    Object.values(value).every(keysAreSorted)
  );
}

describe("chat/completions", () => {
  it("answers in one line with keys in alphabetical order", async () => {
    const { status, text, body } = await ask(user("hi"));
    expect(status).toBe(200);
    expect(text).not.toContain("\n");
    expect(keysAreSorted(body)).toBe(true);
    expect(body).toMatchObject({
      choices: [
        { finish_reason: "stop", index: 0, message: { role: "assistant", content: expect.stringContaining("hi") } },
      ],
      created: 1_795_204_800,
      model: "gemini-3.8-flash",
      object: "chat.completion",
    });
    expect(at(body, "choices.0.message.extra_content.google.thought_signature")).toEqual(expect.any(String));
  });

  it("leaves thinking out of completion_tokens but not out of total_tokens", async () => {
    const { body } = await ask(user("hi"));
    const usage = at(body, "usage") as Record<string, number>;
    const [entry] = emulator.record();
    expect(usage["completion_tokens"]).toBe(entry?.usage?.candidates);
    expect((usage["total_tokens"] ?? 0) - (usage["prompt_tokens"] ?? 0) - (usage["completion_tokens"] ?? 0)).toBe(
      entry?.usage?.thoughts,
    );
    expect(entry?.usage?.thoughts).toBeGreaterThan(0);
  });

  it("streams chunks with usage in the last, then [DONE]", async () => {
    const { text } = await ask({ stream: true, ...user("hello there") });
    expect(text).toMatch(/^data: \{"choices":\[\{"delta":\{"content":/);
    expect(text.endsWith("}\n\ndata: [DONE]\n\n")).toBe(true);
    const chunks = chunksOf(text);
    expect(chunks.every(keysAreSorted)).toBe(true);
    expect(chunks.map((chunk) => at(chunk, "object"))).toEqual(chunks.map(() => "chat.completion.chunk"));
    expect(chunks.map((chunk) => at(chunk, "usage") !== undefined)).toEqual(
      chunks.map((_, index) => index === chunks.length - 1),
    );
    expect(at(chunks.at(-1), "choices.0.finish_reason")).toBe("stop");
    const joined = chunks.map((chunk) => (at(chunk, "choices.0.delta.content") as string | undefined) ?? "").join("");
    expect(joined).toBe(at((await ask(user("hello there"))).body, "choices.0.message.content"));
  });

  it("sends a tool call whole, without index, in the frame of usage and finish_reason", async () => {
    const { text } = await ask({ stream: true, tools, ...user('call get_weather {"city":"Oslo"}') });
    const chunks = chunksOf(text);
    expect(chunks).toHaveLength(1);
    expect(at(chunks[0], "choices.0")).toEqual({
      delta: {
        role: "assistant",
        tool_calls: [
          {
            extra_content: { google: { thought_signature: expect.any(String) } },
            function: { arguments: '{"city":"Oslo"}', name: "get_weather" },
            id: expect.stringMatching(/^function-call-\d+$/),
            type: "function",
          },
        ],
      },
      finish_reason: "tool_calls",
      index: 0,
    });
    expect(at(chunks[0], "usage.total_tokens")).toEqual(expect.any(Number));
  });

  it("wants the signature back with the call, as extra_content, and quotes the tool's result", async () => {
    const first = await ask({ tools, tool_choice: "required", ...user("weather?") });
    expect(at(first.body, "choices.0.finish_reason")).toBe("tool_calls");
    const message = at(first.body, "choices.0.message") as { tool_calls: { id: string; extra_content?: unknown }[] };
    const [toolCall] = message.tool_calls;
    const history = (assistant: unknown): object => ({
      tools,
      messages: [
        { role: "user", content: "weather?" },
        assistant,
        { role: "tool", tool_call_id: toolCall?.id, content: "sunny" },
      ],
    });
    const answered = await ask(history(message));
    expect(at(answered.body, "choices.0.message.content")).toBe(
      'The function answered: get_weather → {"result":"sunny"}',
    );
    const { extra_content: _, ...bare } = toolCall ?? {};
    const refused = await ask(history({ ...message, tool_calls: [bare] }));
    expect(refused.status).toBe(400);
    expect(at(refused.body, "0.error.message")).toContain("missing a thought_signature");
  });

  it("wraps thoughts in <thought> and marks their chunks", async () => {
    const extra_body = { google: { thinking_config: { include_thoughts: true } } };
    const chunks = chunksOf((await ask({ stream: true, extra_body, ...user("hi") })).text);
    expect(at(chunks[0], "choices.0.delta.content")).toMatch(/^<thought>/);
    expect(at(chunks[0], "choices.0.delta.extra_content.google.thought")).toBe(true);
    expect(at(chunks[1], "choices.0.delta.content")).toMatch(/^<\/thought>/);
    expect(at(chunks[1], "choices.0.delta.extra_content")).toBeUndefined();
  });

  it("ends with length at max_tokens, and maps a blocked finish to content_filter", async () => {
    const short = await ask({ max_tokens: 5, reasoning_effort: "low", ...user("hi") });
    expect(at(short.body, "choices.0.finish_reason")).toBe("length");
    emulator.script({ parts: [{ text: "no" }], finishReason: "SAFETY" });
    expect(at((await ask(user("hi"))).body, "choices.0.finish_reason")).toBe("content_filter");
  });

  it.each([
    ["gemini-2.5-flash", "none", false],
    ["gemini-2.5-flash", "high", true],
    ["gemini-3.8-flash", "minimal", true],
    ["gemini-3.6-flash", "minimal", false],
  ])("of %s with reasoning_effort %s thinks: %s", async (model, reasoning_effort, thinks) => {
    expect((await ask({ ...user("hi"), model, reasoning_effort })).status).toBe(200);
    expect((emulator.record()[0]?.usage?.thoughts ?? 0) > 0).toBe(thinks);
  });

  it("reads images from data URLs and counts them", async () => {
    await ask(
      user([
        { type: "text", text: "look" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ]),
    );
    expect(emulator.record()[0]?.usage?.prompt).toBe(1 + 258);
  });

  it("answers JSON for response_format", async () => {
    const response_format = {
      type: "json_schema",
      json_schema: { name: "x", schema: { type: "object", properties: { ok: { type: "boolean" } } } },
    };
    const { body } = await ask({ response_format, ...user("hi") });
    expect(at(body, "choices.0.message.content")).toBe('{"ok":true}');
  });

  it("refuses unknown fields and unknown models, in a list", async () => {
    const field = await ask({ foo: 1, ...user("hi") });
    expect(field.status).toBe(400);
    expect(at(field.body, "0.error.message")).toBe(
      'Invalid JSON payload received. Unknown name "foo": Cannot find field.',
    );
    const model = await ask({ ...user("hi"), model: "gpt-4" });
    expect(model.status).toBe(404);
    expect(at(model.body, "0.error.message")).toContain("models/gpt-4 is not found for API version v1main");
  });
});

describe("the rest of the surface", () => {
  it("lists models with ids as Google names them", async () => {
    const list: unknown = await (await call(emulator, { path: "/v1beta/openai/models" })).json();
    expect(at(list, "object")).toBe("list");
    expect(at(list, "data")).toContainEqual(
      expect.objectContaining({ id: "models/gemini-3.8-flash", object: "model", owned_by: "google" }),
    );
    const one: unknown = await (await call(emulator, { path: "/v1beta/openai/models/gemini-3.8-flash" })).json();
    expect(at(one, "id")).toBe("models/gemini-3.8-flash");
    expect((await call(emulator, { path: "/v1beta/openai/models/nope" })).status).toBe(404);
  });

  it("embeds as numbers or base64 of 32-bit floats", async () => {
    const path = "/v1beta/openai/embeddings";
    const body = { model: "gemini-embedding-001", input: ["a", "bcdef"], dimensions: 4 };
    const numbers: unknown = await (await call(emulator, { path, body })).json();
    expect(at(numbers, "usage")).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    const packed: unknown = await (await call(emulator, { path, body: { ...body, encoding_format: "base64" } })).json();
    const bytes = Buffer.from(String(at(packed, "data.1.embedding")), "base64");
    const floats = [0, 4, 8, 12].map((offset) => bytes.readFloatLE(offset));
    for (const [index, value] of (at(numbers, "data.1.embedding") as number[]).entries())
      expect(floats[index]).toBeCloseTo(value, 5);
  });

  it("makes images, ignoring fields it does not know", async () => {
    const body = { model: "gemini-3-pro-image", prompt: "a cat", n: 2, whatever: true };
    const response = await call(emulator, { path: "/v1beta/openai/images/generations", body });
    expect(response.status).toBe(200);
    expect(at(await response.json(), "data.1.b64_json")).toEqual(expect.any(String));
  });
});
