import { afterEach, describe, expect, it } from "vitest";

import type { Emulator } from "../emulator.ts";
import { startEmulator } from "../emulator.ts";
import { at } from "../test-client.ts";
import type { EmulatorOptions } from "../types.ts";
import type { LiveMessage } from "./test-client.ts";
import { dial, LIVE_MODEL, open, say, textOf } from "./test-client.ts";

const running: Emulator[] = [];
const start = async (options: EmulatorOptions = {}): Promise<Emulator> => {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

const usageOf = (messages: LiveMessage[]): Record<string, unknown> => messages.at(-1)?.["usageMetadata"] ?? {};
const isText = (value: unknown): value is string => typeof value === "string";
const TOOLS = [{ functionDeclarations: [{ name: "lookUp", parameters: { type: "OBJECT", properties: {} } }] }];
const slow = (text: string): { model: string; chunks: { parts: { text: string }[]; delayMs: number }[] } => ({
  model: LIVE_MODEL,
  chunks: [
    { parts: [{ text }], delayMs: 0 },
    { parts: [{ text: "never said" }], delayMs: 60_000 },
  ],
});

describe("a Live session", () => {
  it("is set up and answers in several binary messages that end with turnComplete and usage", async () => {
    const emulator = await start();
    const client = await open(emulator);
    expect(client.binary()).toBe(true);
    client.send(say("hello there"));
    const messages = await client.until("turnComplete");
    expect(textOf(messages)).toContain("You said: “hello there”");
    expect(messages.length).toBeGreaterThan(4);
    expect(at(messages.at(-2), "serverContent.generationComplete")).toBe(true);
    const usage = usageOf(messages);
    expect(usage["promptTokenCount"]).toBe(3);
    expect(usage["totalTokenCount"]).toBe(3 + Number(usage["responseTokenCount"]));
    expect(usage["promptTokensDetails"]).toEqual([{ modality: "TEXT", tokenCount: 3 }]);
    expect(messages.filter((message) => "usageMetadata" in message)).toHaveLength(1);
    expect(await client.closed(1000)).toMatchObject({ code: 1000 });
  });

  it("waits for turnComplete, and reads the whole context again with each turn", async () => {
    const client = await open(await start());
    client.send({ clientContent: { turns: [{ role: "user", parts: [{ text: "1234" }] }] } });
    client.send({ client_content: { turns: { role: "user", parts: { text: "5678" } }, turn_complete: true } });
    const first = usageOf(await client.until("turnComplete"));
    expect(first["promptTokenCount"]).toBe(2);
    client.send(say("9"));
    const second = usageOf(await client.until("turnComplete"));
    expect(second["promptTokenCount"]).toBe(2 + Number(first["responseTokenCount"]) + 1);
  });

  it("speaks when nobody asks for text, with a transcription where it is wanted", async () => {
    const client = await open(await start(), { generationConfig: {}, outputAudioTranscription: {} });
    client.send(say("hi"));
    const messages = await client.until("turnComplete");
    const sounds = messages.map((message) => at(message, "serverContent.modelTurn.parts.0.inlineData")).filter(Boolean);
    expect(sounds.length).toBeGreaterThan(3);
    expect(sounds[0]).toMatchObject({ mimeType: "audio/pcm;rate=24000" });
    const words = messages.map((message) => at(message, "serverContent.outputTranscription.text")).filter(isText);
    expect(words.join("")).toContain("You said: “hi”");
    expect(usageOf(messages)["responseTokensDetails"]).toMatchObject([{ modality: "AUDIO" }]);
  });

  it("hears sound until the stream ends, and transcribes it", async () => {
    const client = await open(await start(), { inputAudioTranscription: {} });
    const audio = { data: Buffer.alloc(3_200, 1).toString("base64"), mimeType: "audio/pcm;rate=16000" };
    client.send({ realtimeInput: { audio } });
    client.send({ realtimeInput: { mediaChunks: [audio] } });
    client.send({ realtimeInput: { audioStreamEnd: true } });
    const messages = await client.until("turnComplete");
    expect(at(messages[0], "serverContent.inputTranscription.text")).toBe("200 milliseconds of sound");
    expect(textOf(messages)).toContain("200 milliseconds of sound");
    expect(usageOf(messages)["promptTokensDetails"]).toEqual([{ modality: "AUDIO", tokenCount: 7 }]);
  });

  it("takes silence for the end of what is said", async () => {
    const client = await open(await start());
    const audio = (fill: number): unknown => ({
      realtimeInput: { audio: { data: Buffer.alloc(320, fill).toString("base64"), mimeType: "audio/pcm" } },
    });
    client.send(audio(0));
    client.send(audio(5));
    client.send(audio(0));
    expect(textOf(await client.until("turnComplete"))).toContain("30 milliseconds of sound");
  });

  it("leaves begin and end to a client that detects activity itself", async () => {
    const realtimeInputConfig = { automaticActivityDetection: { disabled: true } };
    const client = await open(await start(), { realtimeInputConfig });
    client.send({ realtimeInput: { activityStart: {} } });
    client.send({ realtimeInput: { text: "between" } });
    client.send({ realtimeInput: { video: { data: "AAAA", mimeType: "image/jpeg" } } });
    client.send({ realtimeInput: { audioStreamEnd: true } });
    client.send({ realtimeInput: { activityEnd: {} } });
    const messages = await client.until("turnComplete");
    expect(textOf(messages)).toContain("You said: “between”");
    expect(usageOf(messages)["promptTokenCount"]).toBe(2 + 258);
    client.send({ realtimeInput: { text: "alone" } });
    expect(textOf(await client.until("turnComplete"))).toContain("alone");
  });

  it("calls functions, waits for all results and goes on; each generation tells its own usage", async () => {
    const emulator = await start();
    const client = await open(emulator, { tools: TOOLS });
    emulator.script({
      parts: [
        { functionCall: { name: "lookUp", args: { a: 1 } } },
        { functionCall: { id: "given", name: "lookUp", args: {} } },
      ],
    });
    client.send(say("look it up"));
    const asked = await client.until("toolCall");
    const calls = at(asked.at(-1), "toolCall.functionCalls") as { id: string }[];
    expect(calls).toMatchObject([{ name: "lookUp", args: { a: 1 } }, { id: "given" }]);
    expect(calls[0]?.id).toMatch(/^\w{8}$/);
    client.send({ toolResponse: { functionResponses: [{ id: calls[0]?.id, name: "lookUp", response: { ok: 1 } }] } });
    client.send({ toolResponse: { functionResponses: [{ id: "given", name: "lookUp", response: { ok: 2 } }] } });
    const told = await client.until("turnComplete");
    expect(textOf(told)).toContain('lookUp → {"ok":1}; lookUp → {"ok":2}');
    const turns = emulator.record().filter(({ operation }) => operation === "liveTurn");
    expect(turns.map(({ usage }) => usage?.total)).toEqual([
      usageOf(asked)["totalTokenCount"],
      usageOf(told)["totalTokenCount"],
    ]);
  });

  it("calls the function that the user names", async () => {
    const client = await open(await start(), { tools: TOOLS });
    client.send(say('call lookUp {"city":"Bern"}'));
    const [message] = await client.until("toolCall");
    expect(at(message, "toolCall.functionCalls.0")).toMatchObject({ name: "lookUp", args: { city: "Bern" } });
  });

  it("cancels calls that the user talks over, and forgives their late results", async () => {
    const client = await open(await start(), { tools: TOOLS });
    client.send(say("call lookUp"));
    const [asked] = await client.until("toolCall");
    const id = at(asked, "toolCall.functionCalls.0.id");
    client.send(say("never mind"));
    client.send({ toolResponse: { functionResponses: [{ id, name: "lookUp", response: {} }] } });
    const messages = await client.until("turnComplete");
    expect(messages[0]).toEqual({ toolCallCancellation: { ids: [id] } });
    expect(textOf(messages)).toContain("never mind");
  });

  it("closes with 1008 for a result that nobody asked for", async () => {
    const client = await open(await start());
    client.send({ toolResponse: { functionResponses: [{ id: "x", name: "f", response: {} }] } });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  it("is interrupted by new input, and bills what was said until then", async () => {
    const emulator = await start();
    emulator.script(slow("so long as"));
    const client = await open(emulator);
    client.send(say("talk"));
    await client.until("modelTurn");
    client.send(say("stop"));
    const messages = await client.until("turnComplete");
    expect(messages.map(({ serverContent }) => Object.keys(serverContent ?? {})[0])).toEqual([
      "interrupted",
      "turnComplete",
    ]);
    expect(usageOf(messages)).toMatchObject({ promptTokenCount: 1, responseTokenCount: 3, totalTokenCount: 4 });
    expect(textOf(await client.until("turnComplete"))).toContain("You said: “stop”");
  });

  it("is interrupted by speech, unless the setup forbids it", async () => {
    const emulator = await start();
    emulator.script(slow("one"));
    const client = await open(emulator);
    client.send(say("talk"));
    await client.until("modelTurn");
    const audio = { data: Buffer.alloc(320, 1).toString("base64"), mimeType: "audio/pcm" };
    client.send({ realtimeInput: { audio } });
    expect(Object.keys((await client.next())["serverContent"] ?? {})).toEqual(["interrupted"]);
    const patient = await open(emulator, { realtimeInputConfig: { activityHandling: "NO_INTERRUPTION" } });
    emulator.script({ chunks: [{ parts: [{ text: "a" }] }, { parts: [{ text: "b" }], delayMs: 50 }] });
    patient.send(say("talk"));
    await patient.until("modelTurn");
    patient.send({ realtimeInput: { audio, audioStreamEnd: true } });
    const whole = await patient.until("turnComplete");
    expect(textOf(whole)).toBe("b");
  });

  it("plays scripts: parts, counts, reasons", async () => {
    const emulator = await start();
    const client = await open(emulator);
    emulator.script({
      parts: [{ text: "thinking", thought: true }, { text: "said" }],
      usage: { prompt: 100, thoughts: 7 },
      finishReason: "MALFORMED_FUNCTION_CALL",
    });
    client.send(say("go"));
    const messages = await client.until("turnComplete");
    expect(at(messages[0], "serverContent.modelTurn.parts.0")).toEqual({ text: "thinking", thought: true });
    expect(at(messages.at(-1), "serverContent.turnCompleteReason")).toBe("MALFORMED_FUNCTION_CALL");
    expect(usageOf(messages)).toMatchObject({ promptTokenCount: 100, thoughtsTokenCount: 7, totalTokenCount: 108 });
    emulator.script({ error: "overloaded" });
    client.send(say("go"));
    expect(await client.closed()).toEqual({ code: 1011, reason: "The model is overloaded. Please try again later." });
  });
});

describe("a Live session is closed", () => {
  it.each([
    ["when the first message is not a setup", say("hi"), 1007, /^setup must be the first message/],
    ["for a second setup", { setup: { model: LIVE_MODEL } }, 1007, /^setup must be the first message/],
    ["for what is not JSON", "{oops", 1007, /^Invalid JSON payload received\./],
    ["for an unknown field", { clientContent: { turn: 1 } }, 1007, /Unknown name "turn" at 'client_content'/],
    ["for a message with two members", { clientContent: {}, realtimeInput: {} }, 1007, /invalid argument/],
    ["for an empty message", {}, 1007, /invalid argument/],
  ])("%s", async (name, message, code, words) => {
    const emulator = await start();
    const client = name.includes("first") ? await dial(emulator) : await open(emulator);
    client.send(message);
    const end = await client.closed();
    expect(end.code).toBe(code);
    expect(end.reason).toMatch(words);
  });

  it.each([
    ["an unknown model", "models/gemini-nothing"],
    ["a model without Live", "models/gemini-3.8-flash"],
  ])("with 1008 for %s", async (_, model) => {
    const client = await dial(await start());
    client.send({ setup: { model } });
    const { code, reason } = await client.closed();
    expect(code).toBe(1008);
    const words = `${model} is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService.ListModels`;
    expect(reason).toBe(words.slice(0, 123));
  });
});

describe("a music session", () => {
  it("plays chunks between PLAY and PAUSE", async () => {
    const emulator = await start();
    const client = await dial(emulator, { method: "BidiGenerateMusic" });
    client.send({ setup: { model: "models/lyria-realtime-exp" } });
    expect(await client.next()).toEqual({ setupComplete: {} });
    client.send({ clientContent: { weightedPrompts: [{ text: "techno", weight: 1 }] } });
    client.send({ playbackControl: "PLAY" });
    expect(at(await client.next(), "serverContent.audioChunks.0.mimeType")).toBe("audio/l16;rate=48000;channels=2");
    await client.next();
    client.send({ playbackControl: "PAUSE" });
    await client.closed(1000);
    expect(emulator.record()).toMatchObject([{ operation: "bidiGenerateMusic", model: "lyria-realtime-exp" }]);
  });
});
