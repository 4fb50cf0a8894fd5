import { describe, expect, it } from "vitest";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { Framing, Surface, TapResult } from "../tap-types.ts";
import { createTap } from "./tap.ts";

const bytes = nodeBytes;

function read(body: string, framing: Framing = "sse", surface: Surface = "gemini"): TapResult {
  const tap = createTap({ framing, surface, bytes });
  for (const chunk of body.split(/(?<=\n\n)/)) tap.push(bytes.encode(chunk));
  return tap.end();
}

/** A stream of events, one a chunk. */
const stream = (...events: unknown[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join("");
const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 9, totalTokenCount: 20, thoughtsTokenCount: 4 };
const nothing: TapResult = {
  usage: null,
  finishReason: null,
  modelServed: null,
  blockReason: null,
  error: null,
  empty: true,
  complete: false,
};

describe("nothing said", () => {
  it.each<[string, unknown]>([
    ["no candidates", { candidates: [], usageMetadata, modelVersion: "m", responseId: "r" }],
    ["a role without parts", { candidates: [{ content: { role: "model" }, finishReason: "STOP", index: 0 }] }],
    [
      "an empty text with a signature",
      { candidates: [{ content: { parts: [{ text: "", thoughtSignature: "c2ln" }] }, finishReason: "STOP" }] },
    ],
    ["no finish reason at all", { candidates: [{ content: {} }] }],
  ])("is empty: %s", (_name, event) => {
    expect(read(stream(event))).toMatchObject({ empty: true });
    expect(read(JSON.stringify(event), "unary")).toMatchObject({ empty: true, complete: true });
  });

  it("is empty: no bytes, in every framing", () => {
    for (const framing of ["sse", "unary", "json-array"] as const) expect(read("", framing)).toEqual(nothing);
  });

  it.each<[string, unknown]>([
    ["a reason other than STOP", { candidates: [{ finishReason: "MAX_TOKENS", content: {} }] }],
    ["SAFETY", { candidates: [{ finishReason: "SAFETY" }] }],
    ["a blocked prompt", { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata }],
    ["thoughts only", { candidates: [{ content: { parts: [{ text: "hm", thought: true }] }, finishReason: "STOP" }] }],
    [
      "a call without arguments",
      { candidates: [{ content: { parts: [{ functionCall: {} }] }, finishReason: "STOP" }] },
    ],
    [
      "a part of a kind that does not exist yet",
      { candidates: [{ content: { parts: [{ hologram: { x: 1 } }] }, finishReason: "STOP" }] },
    ],
  ])("is not empty: %s", (_name, event) => {
    expect(read(stream(event))).toMatchObject({ empty: false, complete: true });
    expect(read(JSON.stringify(event), "unary")).toMatchObject({ empty: false, complete: true });
  });

  it("is empty on the OpenAI surface: a role, an empty content, null, no tool calls", () => {
    const delta = { role: "assistant", content: "", refusal: null, tool_calls: [] };
    const body = `${stream({ choices: [{ delta, finish_reason: "stop", index: 0 }], model: "m" })}data: [DONE]\n\n`;
    expect(read(body, "sse", "openai")).toMatchObject({ empty: true, complete: true, finishReason: "stop" });
    const message = { role: "assistant", content: null, tool_calls: [{ id: "c" }] };
    expect(
      read(JSON.stringify({ choices: [{ message, finish_reason: "tool_calls" }] }), "unary", "openai"),
    ).toMatchObject({
      empty: false,
    });
  });

  it("is never said of embeddings, lists and resources", () => {
    for (const body of [
      { embedding: { values: [0.1] }, usageMetadata: { promptTokenCount: 3 } },
      { totalTokens: 5 },
      { name: "files/x" },
    ])
      expect(read(JSON.stringify(body), "unary")).toMatchObject({ empty: false, complete: true });
    expect(read('{"embedding":{"values":[0.1]},"usageMetadata":{"promptTokenCount":3}}', "unary").usage).toMatchObject({
      promptTokens: 3,
    });
    expect(read('{"totalTokens":5,"promptTokensDetails":[]}', "unary").usage).toBeNull();
    expect(read('{"object":"list","data":[{"embedding":[1]}]}', "unary", "openai").empty).toBe(false);
  });
});

describe("Interactions", () => {
  const total = { total_tokens: 58, total_input_tokens: 7, total_output_tokens: 19, total_thought_tokens: 32 };

  it("tell usage, model and how they ended", () => {
    const body = stream(
      {
        interaction: { id: "v1_x", status: "in_progress", object: "interaction", model: "gemini-3.8-flash" },
        event_type: "interaction.created",
      },
      { index: 0, delta: { text: "hi", type: "text" }, event_type: "step.delta" },
      {
        interaction: { id: "v1_x", status: "completed", usage: total, model: "gemini-3.8-flash" },
        event_type: "interaction.completed",
      },
    );
    expect(read(`${body}data: [DONE]\n\n`)).toMatchObject({
      usage: { promptTokens: 7, outputTokens: 19, thoughtsTokens: 32, totalTokens: 58 },
      modelServed: "gemini-3.8-flash",
      finishReason: "completed",
      complete: true,
      empty: false,
    });
    expect(read(stream({ interaction: { status: "queued" }, event_type: "x" }))).toMatchObject({
      finishReason: null,
      complete: false,
    });
  });

  it("tell their usage when unary, and their errors", () => {
    const body = {
      id: "v1_x",
      status: "completed",
      usage: total,
      steps: [{ type: "thought" }],
      model: "m",
      object: "interaction",
    };
    expect(read(JSON.stringify(body), "unary")).toMatchObject({
      usage: { totalTokens: 58 },
      empty: false,
      complete: true,
    });
    const failed = stream({ event_type: "error", error: { code: "internal", message: "boom" } });
    expect(read(failed)).toMatchObject({ error: { code: null, message: "boom" }, complete: false });
  });
});
