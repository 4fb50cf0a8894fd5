/**
 * The body around the history: system text, generationConfig, answer format, what is Google's own.
 * @module
 */
import { describe, expect, it } from "vitest";
import { composeOptions, conversation, model, tool, user } from "../../testkit/conversation.ts";
import type { ComposeOptions } from "../types-request.ts";
import type { Conversation, JsonObject } from "../types.ts";
import { compose } from "./compose.ts";

const old = "gemini-2.5-pro";
const current = "gemini-4-carbon";

function bodyOf(parts: Partial<Conversation>, options: Partial<ComposeOptions> = {}): JsonObject {
  const of = conversation({ model: old, ...parts });
  return compose(of, composeOptions(of, options));
}

function configOf(parts: Partial<Conversation>, options: Partial<ComposeOptions> = {}): unknown {
  return bodyOf(parts, options)["generationConfig"];
}

const noSampling = conversation().sampling;

describe("the body", () => {
  it("says no more than was asked", () => {
    expect(bodyOf({})).toEqual({ contents: [{ role: "user", parts: [{ text: "hi" }] }] });
  });

  it("writes system texts as parts of the system instruction, without empty ones", () => {
    expect(bodyOf({ system: ["Be kind.", "", "Be short."] })["systemInstruction"]).toEqual({
      parts: [{ text: "Be kind." }, { text: "Be short." }],
    });
    expect(bodyOf({ system: ["Be kind."] }, { backend: "code-assist" })["systemInstruction"]).toEqual({
      role: "user",
      parts: [{ text: "Be kind." }],
    });
  });

  it.each(["gemma-4-31b-it", "gemini-3.8-flash-tts"])("puts system text in front of the first turn for %s", (name) => {
    const body = bodyOf({
      model: name,
      system: ["Be kind.", "Be short."],
      turns: [user("hi"), model("yes"), user("so")],
    });
    expect(body["systemInstruction"]).toBeUndefined();
    expect(body["contents"]).toMatchObject([
      { role: "user", parts: [{ text: "Be kind.\n\nBe short." }, { text: "hi" }] },
      { role: "model" },
      { role: "user", parts: [{ text: "so" }] },
    ]);
    expect(bodyOf({ model: name, system: ["Be kind."], turns: [] })["contents"]).toEqual([
      { role: "user", parts: [{ text: "Be kind." }, { text: " " }] },
    ]);
  });

  it("passes on what is Google's own, as far as the backend knows it", () => {
    const google = { cachedContent: "cachedContents/x", safetySettings: [{ category: "C" }], serviceTier: "flex" };
    expect(bodyOf({ google })).toMatchObject(google);
    const body = bodyOf({ google }, { backend: "code-assist" });
    expect(body).toMatchObject({ cachedContent: "cachedContents/x", safetySettings: [{ category: "C" }] });
    expect(body).not.toHaveProperty("serviceTier");
  });

  it("shares media and arguments with the conversation instead of copying them", () => {
    const args = { path: "a" };
    const turns = [
      user("hi"),
      { role: "model" as const, parts: [{ kind: "call" as const, id: "1", name: "read", args, signature: null }] },
    ];
    const contents = bodyOf({ turns })["contents"] as { parts: { functionCall?: { args: unknown } }[] }[];
    expect(contents[1]?.parts[0]?.functionCall?.args).toBe(args);
  });
});

describe("generationConfig", () => {
  it("brings the length of the answer into the model's range", () => {
    expect(configOf({ maxOutputTokens: 128_000, model: current })).toEqual({ maxOutputTokens: 65_536 });
    expect(configOf({ maxOutputTokens: 1_500.7 })).toEqual({ maxOutputTokens: 1_500 });
    for (const maxOutputTokens of [0, -1, Number.NaN]) expect(configOf({ maxOutputTokens })).toBeUndefined();
  });

  it("sends five stops at most, none of them empty", () => {
    expect(configOf({ stop: ["", "a", "b", "c", "d", "e", "f"] })).toEqual({
      stopSequences: ["a", "b", "c", "d", "e"],
    });
    expect(configOf({ stop: [""] })).toBeUndefined();
  });

  it("sends sampling to models up to 3.5 only, in Google's ranges", () => {
    const sampling = { ...noSampling, temperature: 0.5, topP: 0.9, topK: 40 };
    expect(configOf({ sampling })).toEqual({ temperature: 0.5, topP: 0.9, topK: 40 });
    expect(configOf({ sampling, model: "gemini-3.5-flash" })).toEqual({ temperature: 0.5, topP: 0.9, topK: 40 });
    for (const newer of ["gemini-3.6-flash", "gemini-3.8-flash", current]) {
      expect(configOf({ sampling, model: newer })).toBeUndefined();
    }
    expect(configOf({ sampling: { ...noSampling, temperature: 9, topP: 5, topK: 500 } })).toEqual({
      temperature: 2,
      topP: 1,
      topK: 64,
    });
    expect(configOf({ sampling: { ...noSampling, topK: 0 } })).toBeUndefined();
  });

  it("leaves a temperature of 1 to Gemini 3, and says it to older models", () => {
    const sampling = { ...noSampling, temperature: 1 };
    expect(configOf({ sampling, model: "gemini-3-flash-preview" })).toBeUndefined();
    expect(configOf({ sampling })).toEqual({ temperature: 1 });
  });

  it("makes an int32 of any seed, the same one each time", () => {
    expect(configOf({ sampling: { ...noSampling, seed: 42 }, model: current })).toEqual({ seed: 42 });
    expect(configOf({ sampling: { ...noSampling, seed: 2 ** 52 + 7 } })).toEqual({ seed: 7 });
    expect(configOf({ sampling: { ...noSampling, seed: -5 } })).toEqual({ seed: -5 });
  });

  it("never sends penalties", () => {
    const sampling = { ...noSampling, presencePenalty: 1, frequencyPenalty: 1 };
    for (const name of [old, current]) expect(configOf({ sampling, model: name })).toBeUndefined();
  });

  it("asks for modalities and a voice", () => {
    expect(configOf({ modalities: ["TEXT", "IMAGE"], model: "gemini-3-pro-image" })).toEqual({
      responseModalities: ["TEXT", "IMAGE"],
    });
    const speech = { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } };
    expect(configOf({ modalities: ["AUDIO"], voice: "Kore" })).toEqual({
      responseModalities: ["AUDIO"],
      speechConfig: speech,
    });
    expect(configOf({ voice: "Kore", model: "gemini-3.8-flash-tts" })).toEqual({
      responseModalities: ["AUDIO"],
      speechConfig: speech,
    });
  });

  it("says how much to think, in the words of the model", () => {
    const thinking: Conversation["thinking"] = { effort: "high", budget: null, level: null, includeThoughts: null };
    expect(configOf({ thinking, model: current }, { includeThoughts: true })).toEqual({
      thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true },
    });
    expect(configOf({ thinking })).toEqual({ thinkingConfig: { thinkingBudget: 24_576 } });
  });

  it("has only fields that Code Assist knows", () => {
    const known = new Set(
      (
        "temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty " +
        "frequencyPenalty seed responseMimeType responseJsonSchema responseSchema routingConfig modelSelectionConfig " +
        "responseModalities mediaResolution speechConfig audioTimestamp thinkingConfig"
      ).split(" "),
    );
    const body = bodyOf(
      {
        system: ["s"],
        tools: [tool("read")],
        sampling: { temperature: 1, topP: 1, topK: 1, seed: 1, presencePenalty: 1, frequencyPenalty: 1 },
        maxOutputTokens: 5_000,
        stop: ["x"],
        thinking: { effort: "low", budget: null, level: null, includeThoughts: null },
        modalities: ["AUDIO"],
        voice: "Kore",
        google: { cachedContent: "c", safetySettings: [], serviceTier: "flex" },
      },
      { backend: "code-assist", schemaForm: "lowered", includeThoughts: true },
    );
    expect(Object.keys(body["generationConfig"] as JsonObject).filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(body).toSorted()).toEqual(
      ["cachedContent", "contents", "generationConfig", "safetySettings", "systemInstruction", "tools"].toSorted(),
    );
  });
});

describe("structured answers", () => {
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
  const format: Conversation["format"] = { kind: "json-schema", name: "answer", schema };

  it("asks for JSON, with the schema in the field of the form", () => {
    expect(configOf({ format: { kind: "json-object" } })).toEqual({ responseMimeType: "application/json" });
    expect(configOf({ format })).toEqual({ responseMimeType: "application/json", responseJsonSchema: schema });
    expect(configOf({ format }, { schemaForm: "lowered" })).toMatchObject({
      responseMimeType: "application/json",
      responseSchema: { properties: { a: {} }, required: ["a"] },
    });
    expect(configOf({ format, model: current, tools: [tool("read")] })).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
  });

  it.each<[string, Partial<Conversation>]>([
    ["functions before Gemini 3", { tools: [tool("read")] }],
    ["search before Gemini 3", { serverTools: ["web-search"] }],
    ["image models", { model: "gemini-3-pro-image" }],
  ])("tells the model in words with %s", (_, parts) => {
    const body = bodyOf({ ...parts, system: ["Be kind."], format });
    expect(body["generationConfig"]).toBeUndefined();
    const { parts: texts } = body["systemInstruction"] as { parts: { text: string }[] };
    expect(texts).toHaveLength(2);
    expect(texts[1]?.text).toContain(JSON.stringify(schema));
    expect(JSON.stringify(bodyOf({ ...parts, format: { kind: "json-object" } })["systemInstruction"])).toContain(
      "JSON",
    );
  });

  it("asks no voice for JSON", () => {
    expect(JSON.stringify(bodyOf({ model: "gemini-3.8-flash-tts", format }))).not.toContain("JSON");
  });
});
