import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
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
const says = (text: string, more: object = {}): object => ({
  candidates: [{ content: { parts: [{ text }], role: "model" }, ...more }],
});
const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 9, totalTokenCount: 20, thoughtsTokenCount: 4 };
const usage = {
  promptTokens: 7,
  cachedTokens: 0,
  outputTokens: 9,
  thoughtsTokens: 4,
  toolUseTokens: 0,
  totalTokens: 20,
  modalities: null,
  serviceTier: null,
};
const nothing: TapResult = {
  usage: null,
  finishReason: null,
  modelServed: null,
  blockReason: null,
  error: null,
  empty: true,
  complete: false,
};

describe("the end of an answer", () => {
  it("has the last usage, the finish reason of an earlier event and the model", () => {
    const body = stream(
      { ...says("a"), usageMetadata: { promptTokenCount: 7 } },
      { ...says("b", { finishReason: "STOP" }), modelVersion: "models/gemini-4-neon" },
      { usageMetadata },
    );
    expect(read(body)).toEqual({
      ...nothing,
      usage,
      finishReason: "STOP",
      modelServed: "gemini-4-neon",
      empty: false,
      complete: true,
    });
  });

  it("is incomplete without a finish reason", () => {
    const body = stream({ ...says("a"), usageMetadata, modelVersion: "m" });
    expect(read(body)).toEqual({ ...nothing, usage, modelServed: "m", empty: false });
  });

  it("is incomplete when bytes of a further event follow", () => {
    const body = stream({ ...says("a", { finishReason: "STOP" }), usageMetadata, modelVersion: "m" });
    expect(read(body)).toMatchObject({ complete: true });
    expect(read(`${body}data: {"candidates": [`)).toMatchObject({ complete: false, finishReason: "STOP", usage });
  });

  it("does not need the blank line after the last event", () => {
    expect(read(stream(says("a", { finishReason: "STOP" })).trimEnd())).toMatchObject({ complete: true });
  });

  it("takes nothing out of a function's arguments, the model's text or grounding", () => {
    const bait = {
      usageMetadata: { promptTokenCount: 1000 },
      finishReason: "BAIT",
      error: { code: 500 },
      modelVersion: "bait",
      promptFeedback: { blockReason: "BAIT" },
    };
    const parts = [
      { text: JSON.stringify(bait) },
      { functionCall: { name: "f", args: { ...bait, candidates: [bait] } } },
    ];
    const candidate = {
      content: { ...bait, parts },
      groundingMetadata: bait,
      finishReason: "STOP",
      citationMetadata: bait,
    };
    const event = { modelVersion: "m", usageMetadata, candidates: [candidate], responseId: JSON.stringify(bait) };
    const expected = { ...nothing, usage, finishReason: "STOP", modelServed: "m", empty: false, complete: true };
    expect(read(stream(event))).toEqual(expected);
    expect(read(JSON.stringify(event), "unary")).toEqual(expected);
    expect(read(`[${JSON.stringify(event, null, 2)}\n]\n`, "json-array")).toEqual(expected);
  });

  it("finds an early usage and finish reason in a stream that outgrew the window", () => {
    const long = Array.from({ length: 900 }, (_, index) => says(`${"x".repeat(100)}${index}`));
    const body = stream({ ...says("a", { finishReason: "STOP" }), usageMetadata, modelVersion: "m" }, ...long);
    expect(read(body)).toMatchObject({ usage, finishReason: "STOP", modelServed: "m", complete: true });
  });

  it("reads a data line that looks whole but ends an event of several lines", () => {
    const first = `data: ${JSON.stringify(says("a"))}\n\n`;
    const last = `data: {"responseId":\ndata: {"usageMetadata":{"totalTokenCount":5},"candidates":[{"finishReason":"BAIT"}],"modelVersion":"bait"}\ndata: , "modelVersion": "m"}\n\n`;
    expect(read(first + last)).toMatchObject({ usage: null, finishReason: null, modelServed: "m" });
    expect(read(first + last.replace(/\ndata: ,.*\}/, ""))).toMatchObject({ modelServed: null, finishReason: null });
  });

  it("goes on with the next event after one that was cut inside a string, also right behind a backslash", () => {
    const cuts = [
      'data: {"candidates": [{"content": {"parts": [{"text": "abc',
      `data: {"responseId": "${"x".repeat(200)}`,
      'data: {"responseId": "x\\',
      'data: {"responseId": "x\\\\',
    ];
    for (const cut of cuts) {
      const body = `${cut}\n${stream({ ...says("a", { finishReason: "STOP" }), usageMetadata })}`;
      const expected = { usage, finishReason: "STOP", complete: true };
      expect(read(body)).toMatchObject(expected);
      const tap = createTap({ framing: "sse", surface: "gemini", bytes });
      for (const byte of bytes.encode(body)) tap.push(Uint8Array.of(byte));
      expect(tap.end()).toMatchObject(expected);
    }
  });

  it("goes on with the next event after raw JSON that was cut", () => {
    const body = `${stream(says("a"))}{"responseId": {\n${stream({ ...says("b", { finishReason: "STOP" }), usageMetadata })}`;
    expect(read(body)).toMatchObject({ usage, finishReason: "STOP", complete: true });
  });

  it("is the same wherever a stream is cut in two", () => {
    const body = bytes.encode(
      stream(says("a"), says("error: in retry: id:"), {
        ...says("b", { finishReason: "STOP" }),
        usageMetadata,
        modelVersion: "m",
      }),
    );
    for (let at = 1; at < body.length; at += 1) {
      const tap = createTap({ framing: "sse", surface: "gemini", bytes });
      tap.push(body.subarray(0, at));
      tap.push(body.subarray(at));
      expect(tap.end()).toEqual({
        ...nothing,
        usage,
        finishReason: "STOP",
        modelServed: "m",
        empty: false,
        complete: true,
      });
    }
  });

  it("reads events with event, id and comment lines, with LF only and with lone CR", () => {
    const event = JSON.stringify({ ...says("a", { finishReason: "STOP" }), usageMetadata, modelVersion: "m" });
    for (const body of [`event: x\nid: 1\ndata:${event}\n\n: ping\n\n`, `data: ${event}\r\r`, `\uFEFFdata: ${event}\n`])
      expect(read(body)).toMatchObject({ usage, finishReason: "STOP", modelServed: "m", complete: true });
  });

  it("reads an event whose lines end in lone CR between other lines", () => {
    const event = JSON.stringify({ usageMetadata, modelVersion: "m", ...says("b", { finishReason: "STOP" }) });
    const body = `${stream(says("a"))}data: ${event.replace('"STOP"', '\rdata: "STOP"')}\n\n`;
    expect(read(body)).toMatchObject({ usage, finishReason: "STOP", complete: true });
  });

  it("is the same when asked twice, and deaf to what comes later", () => {
    const tap = createTap({ framing: "sse", surface: "gemini", bytes });
    tap.push(bytes.encode(stream(says("a", { finishReason: "STOP" }))));
    const result = tap.end();
    tap.push(bytes.encode(stream({ usageMetadata })));
    expect(tap.end()).toBe(result);
    expect(result.usage).toBeNull();
  });
});

describe("errors inside an answer", () => {
  const error = { code: 503, message: "overloaded", status: "UNAVAILABLE" };
  const found = { ...error, body: JSON.stringify({ error }) };

  it("are found in an event after content", () => {
    expect(read(stream(says("a"), { error }))).toEqual({ ...nothing, error: found, empty: false });
  });

  it("are found as raw JSON after the last event", () => {
    const tail = JSON.stringify(
      { error: { code: 499, message: "The operation was cancelled.", status: "CANCELLED" } },
      null,
      2,
    );
    for (const raw of [`${tail}\n`, `[${tail}\n]\n`, tail.replaceAll("\n", "\r\n")])
      expect(read(stream(says("a")) + raw)).toMatchObject({
        error: { code: 499, status: "CANCELLED", message: "The operation was cancelled." },
        complete: false,
        empty: false,
      });
  });

  it("are early when nothing was said before, whatever was sent", () => {
    const tap = createTap({ framing: "sse", surface: "gemini", bytes });
    tap.push(bytes.encode(stream(says(""), { error })));
    expect(tap.earlyError).toEqual(found);
    expect(tap.committed).toBe(false);
    const late = createTap({ framing: "sse", surface: "gemini", bytes });
    late.push(bytes.encode(stream(says("a"), { error })));
    expect(late.earlyError).toBeNull();
    expect(late.end().error).toEqual(found);
    const array = createTap({ framing: "json-array", surface: "gemini", bytes });
    array.push(bytes.encode(JSON.stringify([says("a"), { error }])));
    expect(array.earlyError).toBeNull();
    expect(array.end().error).toEqual(found);
  });

  it("are found in a unary 200, plain or wrapped in an array", () => {
    for (const body of [{ error }, [{ error }]])
      expect(read(JSON.stringify(body), "unary")).toEqual({ ...nothing, error: found, empty: false });
  });

  it("are found on the OpenAI surface, before its [DONE] and with a text for a code", () => {
    const odd = { code: "invalid_request", message: "no" };
    expect(
      read(`${stream({ choices: [{ delta: { content: "a" } }] }, { error: odd })}data: [DONE]\n\n`, "sse", "openai"),
    ).toMatchObject({
      error: { code: null, status: null, message: "no" },
      complete: false,
    });
    expect(read(stream({ error: "plain" }), "sse", "openai").error).toMatchObject({ message: "plain" });
  });

  it("are not how an answer ended that went on to a finish reason", () => {
    expect(read(stream(says("a"), { error }, says("b", { finishReason: "STOP" })))).toMatchObject({
      error: null,
      complete: true,
    });
  });
});

describe("unary answers", () => {
  it("are complete only when the JSON is whole and alone", () => {
    const whole = JSON.stringify(says("a", { finishReason: "STOP" }));
    expect(read(`${whole}\n`, "unary").complete).toBe(true);
    for (const body of [whole.slice(0, -1), `${whole}x`, `${whole}{}`, "<html>no</html>", "null"])
      expect(read(body, "unary").complete, body).toBe(false);
  });

  it("of 20 MB are read in bounded memory, and the usage behind the image is found", () => {
    const image = { inlineData: { mimeType: "image/png", data: "iVBORw0K".repeat(2_621_440) } };
    const body = bytes.encode(
      JSON.stringify({ candidates: [{ content: { parts: [image] }, finishReason: "STOP" }], usageMetadata }),
    );
    for (const own of [nodeBytes, portableBytes]) {
      const tap = createTap({ framing: "unary", surface: "gemini", bytes: own });
      for (let at = 0; at < body.length; at += 65_536) tap.push(body.subarray(at, at + 65_536));
      expect(tap.end()).toMatchObject({ usage, finishReason: "STOP", empty: false, complete: true });
    }
  });
});
