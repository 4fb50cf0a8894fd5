import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyChatAnswer,
  chatFacts,
  chatWriter,
  goodEnd,
  writeAnswer,
  type ChatAnswer,
} from "../../../testkit/any-chat-answer.ts";
import type { JsonObject } from "../../../translation/types.ts";
import { toOpenAiModel, toOpenAiModels } from "./models-list.ts";

function write(body: JsonObject, answer: Partial<ChatAnswer>): string {
  const [last, ...before] = writeAnswer(chatWriter(body, chatFacts()), {
    events: [],
    end: goodEnd,
    ...answer,
  }).reverse();
  expect(before.join("")).toBe("");
  return last ?? "";
}

function messageOf(body: JsonObject, answer: Partial<ChatAnswer>): JsonObject {
  const parsed = JSON.parse(write(body, answer)) as { choices: [{ message: JsonObject }] };
  return parsed.choices[0].message;
}

describe("a whole answer", () => {
  it("is exactly this object", () => {
    const events: ChatAnswer["events"] = [
      { kind: "thought", text: "Hm", signature: null },
      { kind: "text", text: "Hel", signature: null },
      { kind: "text", text: "lo", signature: null },
      { kind: "call", id: "x", name: "f", args: {}, signature: "Sig+/=" },
    ];
    expect(write({}, { events })).toBe(
      '{"id":"chatcmpl-id0000000000000000000001","object":"chat.completion","created":1790000000,"model":"gemini-3.8-flash",' +
        '"choices":[{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null,"reasoning_content":"Hm",' +
        '"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"},' +
        '"extra_content":{"google":{"thought_signature":"Sig+/="}}}],' +
        '"reasoning_details":[{"type":"reasoning.encrypted","id":"call_1","data":"gp1.1","format":"google-gemini-v1"}],' +
        '"annotations":[]},"logprobs":null,"finish_reason":"tool_calls"}],' +
        '"usage":{"prompt_tokens":103,"completion_tokens":27,"total_tokens":130,' +
        '"prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":7}},' +
        '"system_fingerprint":null}',
    );
  });

  it("has null as content beside calls alone, and an empty text where there is nothing", () => {
    const call = { kind: "call" as const, id: null, name: "f", args: {}, signature: null };
    expect(messageOf({}, { events: [call] })["content"]).toBeNull();
    expect(messageOf({}, {})["content"]).toBe("");
  });

  it("of the older form has function_call", () => {
    const call = { kind: "call" as const, id: null, name: "f", args: { a: 1 }, signature: null };
    const message = messageOf({ functions: [{ name: "f" }] }, { events: [call, call] });
    expect(message["function_call"]).toEqual({ name: "f", arguments: '{"a":1}' });
    expect(message["tool_calls"]).toBeUndefined();
  });

  it("in JSON mode has no fence", () => {
    const body = { response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } } };
    const fenced = (words: string) => messageOf(body, { events: [{ kind: "text", text: words, signature: null }] });
    expect(fenced('```json\n{"a":1}\n```')["content"]).toBe('{"a":1}');
    expect(fenced('```{"a":1}```')["content"]).toBe('{"a":1}');
    expect(fenced('{"a":"```"}')["content"]).toBe('{"a":"```"}');
    expect(fenced("```js\n1\n```")["content"]).toBe("```js\n1\n```");
    expect(fenced("``")["content"]).toBe("``");
  });

  it("is valid JSON for any events, with the same calls as went in", () => {
    fc.assert(
      fc.property(anyChatAnswer(), (answer) => {
        const calls = (messageOf({}, answer)["tool_calls"] ?? []) as { function: { name: string } }[];
        const wanted = answer.events.flatMap((event) => (event.kind === "call" ? [event.name] : []));
        expect(calls.map((call) => call.function.name)).toEqual(wanted);
      }),
    );
  });
});

describe("speech", () => {
  const samples = Uint8Array.from({ length: 50 }, (_, index) => index);
  const pieces = [samples.subarray(0, 4), samples.subarray(4, 14), samples.subarray(14)];
  const events: ChatAnswer["events"] = pieces.map((bytes) => ({
    kind: "media",
    mimeType: "audio/L16;codec=pcm;rate=24000",
    data: Buffer.from(bytes).toString("base64"),
    signature: null,
  }));
  const body = { modalities: ["text", "audio"], audio: { voice: "Kore", format: "wav" } };
  const raw = { ...body, audio: { voice: "Kore", format: "pcm16" } };

  function streamed(request: JsonObject): { pieces: string[]; bytes: Buffer; last: unknown } {
    const stream = writeAnswer(chatWriter({ ...request, stream: true }), { events, end: goodEnd }).join("");
    const audio = stream
      .split("\n\n")
      .filter((line) => line.includes('"audio"'))
      .map(
        (line) => (JSON.parse(line.slice(6)) as { choices: [{ delta: { audio: JsonObject } }] }).choices[0].delta.audio,
      );
    const data = audio.flatMap((each) => (typeof each["data"] === "string" ? [each["data"]] : []));
    return { pieces: data, bytes: Buffer.from(data.join(""), "base64"), last: audio.at(-1) };
  }

  it("is a WAVE file of the samples", () => {
    const message = messageOf(body, { events });
    const audio = message["audio"] as { id: string; data: string; expires_at: number; transcript: string };
    expect(message["content"]).toBeNull();
    expect(audio).toMatchObject({ id: "audio_id0000000000000000000002", expires_at: 1_790_000_000, transcript: "" });
    const file = Buffer.from(audio.data, "base64");
    expect(file.subarray(0, 4).toString()).toBe("RIFF");
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect(file.readUInt32LE(24)).toBe(24_000);
    expect(file.readUInt32LE(28)).toBe(48_000);
    expect(file.readUInt32LE(40)).toBe(50);
    expect(new Uint8Array(file.subarray(44))).toEqual(samples);
  });

  it("is the raw samples when those were asked for", () => {
    const audio = messageOf(raw, { events })["audio"] as { data: string };
    expect(new Uint8Array(Buffer.from(audio.data, "base64"))).toEqual(samples);
  });

  it("in a stream can be joined as text, and each piece played alone", () => {
    const { pieces: texts, bytes, last } = streamed(raw);
    expect(new Uint8Array(bytes)).toEqual(samples);
    for (const text of texts) expect(Buffer.from(text, "base64").length % 2).toBe(0);
    expect(last).toEqual({ expires_at: 1_790_000_000 });
    expect(new Uint8Array(streamed(body).bytes.subarray(44))).toEqual(samples);
    expect(streamed(body).bytes.subarray(8, 12).toString()).toBe("WAVE");
  });
});

describe("the list of models", () => {
  it("is OpenAI's, whatever Google's looks like", () => {
    const list = { models: [{ name: "models/gemini-3.8-flash" }, { name: "tunedModels/x" }, {}, null] };
    expect(JSON.parse(toOpenAiModels(list, 1_790_000_000_999))).toEqual({
      object: "list",
      data: [
        { id: "gemini-3.8-flash", object: "model", created: 1_790_000_000, owned_by: "google" },
        { id: "tunedModels/x", object: "model", created: 1_790_000_000, owned_by: "google" },
      ],
    });
    for (const nothing of [null, {}, { models: 5 }, "x"])
      expect(JSON.parse(toOpenAiModels(nothing, 0))).toEqual({ object: "list", data: [] });
    expect(JSON.parse(toOpenAiModel({ name: "models/a" }, 5000))).toEqual({
      id: "a",
      object: "model",
      created: 5,
      owned_by: "google",
    });
  });
});
