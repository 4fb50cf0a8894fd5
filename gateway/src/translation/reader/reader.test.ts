import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import type { AnswerReader, CreateAnswerReader } from "../types-request.ts";
import type { AnswerEvent } from "../types.ts";
import { createAnswerReader } from "./reader.ts";

type Options = Partial<Parameters<CreateAnswerReader>[0]>;

const names = { toGoogle: (name: string) => name, toClient: (name: string) => name };

function start(options: Options = {}): AnswerReader {
  return createAnswerReader({ framing: "sse", names, decoder: portableBytes, maxEventBytes: 100_000, ...options });
}

function readText(text: string, options: Options = {}): { events: AnswerEvent[]; state: AnswerReader["state"] } {
  const reader = start(options);
  const events = [...reader.push(portableBytes.encode(text)), ...reader.end()];
  return { events, state: reader.state };
}

/** Each argument is an event of its own. */
function read(...chunks: unknown[]): ReturnType<typeof readText> {
  return readText(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(""));
}

const parts = (...list: unknown[]): unknown => ({
  candidates: [{ content: { role: "model", parts: list }, index: 0 }],
});
const stop = { candidates: [{ finishReason: "STOP", index: 0 }] };

describe("parts", () => {
  it("gives texts, thoughts, calls and media in their order, each with its signature (bugs 1, 29)", () => {
    const { events, state } = read(
      parts({ text: "I think", thought: true, thoughtSignature: "sigT" }, { text: "Hello " }),
      parts(
        { functionCall: { id: "a1", name: "get", args: { city: "Oslo" } }, thoughtSignature: "sigC" },
        { functionCall: { id: "a2", name: "get", args: { city: "Rome" } } },
        { inlineData: { mimeType: "image/png", data: "AAAA" }, thoughtSignature: "sigM" },
      ),
      parts({ executableCode: { language: "PYTHON", code: "1+1" } }),
      parts(
        { codeExecutionResult: { outcome: "OUTCOME_OK", output: "2\n" } },
        { fileData: { fileUri: "https://x/y" } },
      ),
      parts({ text: "", thoughtSignature: "sigE" }),
      stop,
    );
    expect(events).toEqual([
      { kind: "thought", text: "I think", signature: "sigT" },
      { kind: "text", text: "Hello ", signature: null },
      { kind: "call", id: "a1", name: "get", args: { city: "Oslo" }, signature: "sigC" },
      { kind: "call", id: "a2", name: "get", args: { city: "Rome" }, signature: null },
      { kind: "media", mimeType: "image/png", data: "AAAA", signature: "sigM" },
      { kind: "code", language: "PYTHON", code: "1+1" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "2\n" },
      { kind: "text", text: "https://x/y", signature: null },
      { kind: "text", text: "", signature: "sigE" },
    ]);
    expect(state).toMatchObject({ hasContent: true, hasVisible: true, hasCalls: true, isBroken: false });
  });

  it("has the call in one event and STOP in the next, and both are known at the end (bug 2)", () => {
    const { events, state } = read(parts({ functionCall: { name: "f" } }), stop);
    expect(events).toEqual([{ kind: "call", id: null, name: "f", args: {}, signature: null }]);
    expect(state).toMatchObject({ hasCalls: true, finishReason: "STOP" });
  });

  it("reads finishReason, message and token of a last event without parts (bugs 8, 10)", () => {
    for (const content of [{}, { content: {} }, { content: { role: "model" } }, { content: { parts: [] } }]) {
      const last = { ...content, finishReason: "MAX_TOKENS", finishMessage: "too long", continuationToken: "tok" };
      const { events, state } = read(parts({ text: "a" }), { candidates: [last], responseId: "r1" });
      expect(events).toEqual([{ kind: "text", text: "a", signature: null }]);
      expect(state).toMatchObject({
        finishReason: "MAX_TOKENS",
        finishMessage: "too long",
        continuationToken: "tok",
        responseId: "r1",
      });
    }
  });

  it("takes events of which every field is missing, null or of another type (bug 10)", () => {
    const odd = [{}, null, 7, [], "x", { candidates: null }, { candidates: [null, {}] }, { candidates: {} }].concat(
      [null, 1, "x", [], [null], [{}], [{ text: null }], [{ functionCall: 3 }], [{ inlineData: {} }]].map((list) => ({
        candidates: [{ content: { parts: list }, finishReason: null, groundingMetadata: 4 }],
        usageMetadata: "none",
        promptFeedback: [],
      })) as never[],
    );
    const { events, state } = read(...odd);
    expect(events).toEqual([]);
    expect(state).toMatchObject({
      responseId: null,
      usage: null,
      finishReason: null,
      finishMessage: null,
      blockReason: null,
      continuationToken: null,
      hasContent: false,
      hasVisible: false,
      hasCalls: false,
      isBroken: false,
    });
  });

  it("leaves out pictures of thoughts, and keeps their signature", () => {
    const { events, state } = read(parts({ inlineData: { data: "AA" }, thought: true, thoughtSignature: "s" }));
    expect(events).toEqual([{ kind: "thought", text: "", signature: "s" }]);
    expect(state.hasVisible).toBe(false);
  });

  it("counts calls of Google's own tools as content that nobody sees", () => {
    const { events, state } = read(parts({ toolCall: { toolType: "GOOGLE_SEARCH" } }, { toolResponse: { id: "x" } }));
    expect(events).toEqual([]);
    expect(state).toMatchObject({ hasContent: true, hasVisible: false });
  });

  it("reads snake_case as it does camelCase", () => {
    const { events, state } = read({
      response_id: "r",
      usage_metadata: { prompt_token_count: 3, candidates_token_count: 2, total_token_count: 5 },
      candidates: [
        {
          content: {
            parts: [
              { function_call: { name: "f", args: { a: 1 } }, thought_signature: "s" },
              { inline_data: { mime_type: "image/png", data: "AA" } },
              { executable_code: { language: "PYTHON", code: "x" } },
              { code_execution_result: { outcome: "OUTCOME_OK", output: "y" } },
              { file_data: { file_uri: "files/1" } },
            ],
          },
          finish_reason: "STOP",
          grounding_metadata: { web_search_queries: ["q"] },
        },
      ],
    });
    expect(events).toEqual([
      { kind: "call", id: null, name: "f", args: { a: 1 }, signature: "s" },
      { kind: "media", mimeType: "image/png", data: "AA", signature: null },
      { kind: "code", language: "PYTHON", code: "x" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "y" },
      { kind: "text", text: "files/1", signature: null },
      { kind: "grounding", grounding: { queries: ["q"], sources: [], supports: [] } },
    ]);
    expect(state).toMatchObject({ responseId: "r", finishReason: "STOP", usage: { promptTokens: 3, totalTokens: 5 } });
  });

  it("reads the first candidate only, also when the others come in events of their own", () => {
    const second = { content: { parts: [{ text: "no" }] }, finishReason: "SAFETY", index: 1 };
    const first = { content: { parts: [{ text: "yes" }] }, finishReason: "STOP", index: 0 };
    const { events, state } = read({ candidates: [second, first] }, { candidates: [second] });
    expect(events).toEqual([{ kind: "text", text: "yes", signature: null }]);
    expect(state.finishReason).toBe("STOP");
  });

  it("names a refused prompt", () => {
    const { events, state } = read({ promptFeedback: { blockReason: "SAFETY", blockReasonMessage: "no" } });
    expect(events).toEqual([]);
    expect(state).toMatchObject({ blockReason: "SAFETY", finishMessage: "no", hasContent: false, isBroken: false });
  });

  it("gives no event for an error inside the stream, in either shape", () => {
    const error = { error: { code: 503, message: "x", status: "UNAVAILABLE" } };
    const framed = read(parts({ text: "a" }), error);
    const raw = readText(`data: ${JSON.stringify(parts({ text: "a" }))}\r\n\r\n${JSON.stringify(error, null, 2)}\n`);
    expect(framed.events).toEqual([{ kind: "text", text: "a", signature: null }]);
    expect(raw.events).toEqual(framed.events);
  });
});

describe("usage and grounding", () => {
  it("takes the last usage, which is the sum of all before", () => {
    const { state } = read(
      { ...(parts({ text: "a" }) as object), usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } },
      {
        usageMetadata: {
          promptTokenCount: 7,
          candidatesTokenCount: 3,
          thoughtsTokenCount: "5",
          totalTokenCount: 15,
          promptTokensDetails: [{ modality: "TEXT", tokenCount: 7 }],
          serviceTier: "standard",
        },
      },
      stop,
    );
    expect(state.usage).toEqual({
      promptTokens: 7,
      cachedTokens: 0,
      outputTokens: 3,
      thoughtsTokens: 5,
      toolUseTokens: 0,
      totalTokens: 15,
      modalities: { prompt: { TEXT: 7 } },
      serviceTier: "standard",
    });
  });

  it("gives the sources once, at the end, with the indexes of those that have an address", () => {
    const grounding = {
      webSearchQueries: ["q"],
      groundingChunks: [{ image: {} }, { web: { uri: "https://a", title: "A" } }, { maps: { uri: "https://b" } }],
      groundingSupports: [{ segment: { endIndex: 4, text: "text" }, groundingChunkIndices: [0, 1, 2, 9] }, null, {}],
    };
    const { events } = read(
      { candidates: [{ content: { parts: [{ text: "text" }] }, groundingMetadata: { webSearchQueries: ["early"] } }] },
      { candidates: [{ finishReason: "STOP", groundingMetadata: grounding }] },
      { candidates: [{ groundingMetadata: {} }] },
    );
    expect(events.slice(1)).toEqual([
      {
        kind: "grounding",
        grounding: {
          queries: ["q"],
          sources: [
            { title: "A", url: "https://a" },
            { title: "https://b", url: "https://b" },
          ],
          supports: [{ start: 0, end: 4, text: "text", sources: [0, 1] }],
        },
      },
    ]);
  });
});

describe("calls in pieces", () => {
  const call = (functionCall: unknown, more: object = {}): unknown => parts({ functionCall, ...more });

  it("are given once, when the last piece is there", () => {
    const { events, state } = read(
      call({ name: "f", id: "i", willContinue: true }, { thoughtSignature: "s" }),
      call({ partialArgs: [{ jsonPath: "$.place.city", stringValue: "New", willContinue: true }], willContinue: true }),
      call({
        partialArgs: [
          { jsonPath: "$.place.city", stringValue: " York" },
          { jsonPath: "$['odd.name'][0]", numberValue: 4 },
          { jsonPath: "$['odd.name'][1]", boolValue: false },
          { jsonPath: "$.none", nullValue: "NULL_VALUE" },
        ],
        willContinue: true,
      }),
      call({}),
      call({ name: "g", args: {} }),
      stop,
    );
    expect(events).toEqual([
      {
        kind: "call",
        id: "i",
        name: "f",
        args: { place: { city: "New York" }, "odd.name": [4, false], none: null },
        signature: "s",
      },
      { kind: "call", id: null, name: "g", args: {}, signature: null },
    ]);
    expect(state.hasCalls).toBe(true);
  });

  it("are not given when the answer ends in the middle of them", () => {
    const begun = call({ name: "f", partialArgs: [{ jsonPath: "$.path", stringValue: "/et" }], willContinue: true });
    const cut = read(begun, { candidates: [{ finishReason: "MAX_TOKENS" }] });
    expect(cut.events).toEqual([]);
    expect(cut.state).toMatchObject({ hasContent: false, hasCalls: false });
    expect(read(begun, stop).events).toEqual([
      { kind: "call", id: null, name: "f", args: { path: "/et" }, signature: null },
    ]);
  });

  it("cannot reach the prototype, make a list of any length, or grow beyond the bound", () => {
    const { events } = read(
      call({
        name: "f",
        partialArgs: [
          { jsonPath: "$.__proto__.polluted", boolValue: true },
          { jsonPath: "$.list[999999]", numberValue: 1 },
          { jsonPath: `$${".a".repeat(100)}`, numberValue: 1 },
          { jsonPath: "$.ok", numberValue: 1 },
          { jsonPath: "nonsense", numberValue: 1 },
        ],
      }),
    );
    expect(events[0]).toMatchObject({ args: { ok: 1, list: [] } });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const piece = call({ partialArgs: [{ jsonPath: "$.a", stringValue: "x".repeat(50_000) }], willContinue: true });
    const large = read(call({ name: "f", willContinue: true }), piece, piece, piece, call({}));
    expect(large.state.isBroken).toBe(true);
    expect(large.events).toEqual([]);
  });
});

describe("names and arguments", () => {
  it("gives tools the client's names, and the arguments as the client's schema has them", () => {
    const text = JSON.stringify(parts({ functionCall: { name: "default_api:f", args: { n: "1" } } }));
    const { events } = readText(`data: ${text}\n\n`, {
      names: { toGoogle: (name) => name, toClient: () => "client.f" },
      restoreArgs: (name, args) => ({ name, was: args }),
    });
    expect(events).toEqual([
      { kind: "call", id: null, name: "client.f", args: { name: "client.f", was: { n: "1" } }, signature: null },
    ]);
  });
});

describe("framing", () => {
  const hello = JSON.stringify(parts({ text: "h\u00e9llo \u{1f600}" }));
  const event = { kind: "text", text: "h\u00e9llo \u{1f600}", signature: null };

  it("reads LF and CRLF, comments, other fields, data without a space and in several lines (bug 38)", () => {
    const pretty = JSON.stringify(JSON.parse(hello), null, 2);
    const several = pretty.split("\n").map((line) => `data:${line}`);
    for (const text of [
      `data: ${hello}\n\n`,
      `data:${hello}\r\n\r\n`,
      `: ping\n\nevent: message\nid: 7\nretry: 10\ndata: ${hello}\n\n`,
      `${several.join("\n")}\n\n`,
      `${several.join("\r\n")}\r\n\r\n`,
      `\n\n\r\ndata: ${hello}\n\n\n`,
      `data: ${hello}\n\ndata: [DONE]\n\n`,
    ]) {
      const { events, state } = readText(text);
      expect(events, text).toEqual([event]);
      expect(state.isBroken, text).toBe(false);
    }
  });

  it("takes a last event without a blank line or a line end behind it", () => {
    for (const end of ["", "\r", "\n", "\r\n"]) {
      const { events, state } = readText(`data: ${hello}${end}`);
      expect(events).toEqual([event]);
      expect(state.isBroken).toBe(false);
    }
  });

  it("is broken by an end inside of an event, in its name too, and keeps what came before", () => {
    for (const end of ["d", "dat", "data", 'data: {"candidates": [', "data: {\r\n"]) {
      const { events, state } = readText(`data: ${hello}\r\n\r\n${end}`);
      expect(events).toEqual([event]);
      expect(state.isBroken, end).toBe(true);
    }
  });

  it("is broken by what is no JSON, and gives nothing that comes after it", () => {
    const { events, state } = readText(`data: ${hello}\n\ndata: {oops}\n\ndata: ${hello}\n\n`);
    expect(events).toEqual([event]);
    expect(state.isBroken).toBe(true);
  });

  it("is broken by an event beyond the bound, however it is cut, and holds none of it", () => {
    const size = `data: ${hello}`.length;
    const bytes = portableBytes.encode(`data: ${hello}\r\n\r\n`);
    const length = bytes.length - 4;
    expect(size).toBeLessThan(length);
    for (const step of [1, 7, bytes.length]) {
      for (const [maxEventBytes, isBroken] of [
        [length, false],
        [length - 1, true],
      ] as const) {
        const reader = start({ maxEventBytes });
        const events: AnswerEvent[] = [];
        for (let at = 0; at < bytes.length; at += step) events.push(...reader.push(bytes.subarray(at, at + step)));
        events.push(...reader.end());
        expect(reader.state.isBroken).toBe(isBroken);
        expect(events).toHaveLength(isBroken ? 0 : 1);
      }
    }
  });

  it("may be handed the same memory again", () => {
    const bytes = portableBytes.encode(`data: ${hello}\n\n`);
    const reader = start();
    const shared = new Uint8Array(10);
    const events: AnswerEvent[] = [];
    for (let at = 0; at < bytes.length; at += 10) {
      const piece = bytes.subarray(at, at + 10);
      shared.set(piece);
      events.push(...reader.push(shared.subarray(0, piece.length)));
    }
    expect([...events, ...reader.end()]).toEqual([event]);
  });

  it("gives nothing twice: the second end is empty", () => {
    const reader = start();
    reader.push(portableBytes.encode(`data: ${hello}`));
    expect(reader.end()).toEqual([event]);
    expect(reader.end()).toEqual([]);
    expect(reader.push(portableBytes.encode(`data: ${hello}\n\n`))).toEqual([]);
  });
});

describe("unary answers", () => {
  const answer = {
    ...(parts({ text: "a" }) as object),
    responseId: "r",
    usageMetadata: { promptTokenCount: 1 },
  };

  it("give all at the end, as an object or as a list of events", () => {
    const whole = readText(JSON.stringify(answer, null, 2), { framing: "unary" });
    expect(whole.events).toEqual([{ kind: "text", text: "a", signature: null }]);
    expect(whole.state).toMatchObject({
      responseId: "r",
      hasContent: true,
      usage: { promptTokens: 1, totalTokens: 1 },
    });
    const list = readText(JSON.stringify([answer, parts({ text: "b" }), stop]), { framing: "unary" });
    expect(list.events.map((event) => (event.kind === "text" ? event.text : ""))).toEqual(["a", "b"]);
    expect(list.state.finishReason).toBe("STOP");
  });

  it("are broken when cut or beyond the bound, and empty when there is nothing", () => {
    expect(readText('{"candidates": [', { framing: "unary" }).state.isBroken).toBe(true);
    expect(readText(JSON.stringify(answer), { framing: "unary", maxEventBytes: 20 })).toMatchObject({
      events: [],
      state: { isBroken: true },
    });
    expect(readText("", { framing: "unary" })).toMatchObject({ events: [], state: { isBroken: false } });
  });
});
