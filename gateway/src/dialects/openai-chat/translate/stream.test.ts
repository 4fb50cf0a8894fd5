import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyChatAnswer,
  chatFacts,
  chatWriter,
  countingSignatures,
  goodEnd,
  writeAnswer,
  type ChatAnswer,
} from "../../../testkit/any-chat-answer.ts";
import type { AnswerEnd, AnswerEvent, JsonObject } from "../../../translation/types.ts";
import { codeBlock, resultBlock } from "./code-block.ts";

interface Delta {
  role?: string;
  content?: string;
  reasoning_content?: string;
  tool_calls?: { index: number; id: string; type: string; function: { name: string; arguments: string } }[];
  images?: unknown[];
  audio?: JsonObject;
  annotations?: { url_citation: { start_index: number; end_index: number; url: string } }[];
}

interface Chunk {
  id: string;
  created: number;
  model: string;
  choices: { index: number; delta: Delta; finish_reason: string | null }[];
  usage?: JsonObject;
}

const text = (words: string, signature: string | null = null): AnswerEvent => ({
  kind: "text",
  text: words,
  signature,
});
const call = (name: string, args: JsonObject = {}, signature: string | null = null): AnswerEvent => ({
  kind: "call",
  id: null,
  name,
  args,
  signature,
});
const ended = (more: Partial<AnswerEnd>): AnswerEnd => ({ ...goodEnd, ...more });

function write(body: JsonObject, answer: Partial<ChatAnswer>, facts = chatFacts()): string {
  return writeAnswer(chatWriter({ stream: true, ...body }, facts), { events: [], end: goodEnd, ...answer }).join("");
}

/** As clients read a stream: every line but the last is a chunk. */
function chunksOf(stream: string): Chunk[] {
  const lines = stream.split("\n\n");
  expect(lines.pop()).toBe("");
  expect(lines.pop()).toBe("data: [DONE]");
  return lines.map((line) => {
    expect(line.startsWith("data: {")).toBe(true);
    return JSON.parse(line.slice(6)) as Chunk;
  });
}

function deltasOf(stream: string): Delta[] {
  return chunksOf(stream).flatMap(({ choices }) => choices.map(({ delta }) => delta));
}

function finishOf(events: AnswerEvent[], end: Partial<AnswerEnd>, body: JsonObject = {}): string | null | undefined {
  return chunksOf(write(body, { events, end: ended(end) })).at(-1)?.choices[0]?.finish_reason;
}

describe("a stream", () => {
  it("is written in exactly this order", () => {
    const stream = write(
      { stream_options: { include_usage: true } },
      {
        events: [
          { kind: "thought", text: "Hm", signature: null },
          text("Hel"),
          text("lo"),
          call("f", { a: 1 }, "Sig+/="),
          call("g"),
        ],
      },
    );
    const head =
      'data: {"id":"chatcmpl-id0000000000000000000001","object":"chat.completion.chunk","created":1790000000,"model":"gemini-3.8-flash","system_fingerprint":null,"choices":[';
    const delta = (json: string): string => `${head}{"index":0,"delta":${json},"logprobs":null,"finish_reason":null}]}`;
    expect(stream.split("\n\n")).toEqual([
      delta('{"role":"assistant","content":""}'),
      delta('{"reasoning_content":"Hm"}'),
      delta('{"content":"Hel"}'),
      delta('{"content":"lo"}'),
      delta(
        '{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"},"extra_content":{"google":{"thought_signature":"Sig+/="}}}],"reasoning_details":[{"type":"reasoning.encrypted","id":"call_1","data":"gp1.1","format":"google-gemini-v1"}]}',
      ),
      delta('{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]}'),
      `${head}{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]}`,
      `${head}],"usage":{"prompt_tokens":103,"completion_tokens":27,"total_tokens":130,"prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":7}}}`,
      "data: [DONE]",
      "",
    ]);
  });

  it("counts calls over the whole stream (bug 1), each whole, with id and type, arguments never empty", () => {
    const deltas = deltasOf(write({}, { events: [call("f"), text("x"), call("f"), call("g", { b: "é" })] }));
    const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
    expect(calls.map(({ index, id, type }) => [index, id, type])).toEqual([
      [0, "call_1", "function"],
      [1, "call_2", "function"],
      [2, "call_3", "function"],
    ]);
    expect(calls.map((each) => each.function.arguments)).toEqual(["{}", "{}", '{"b":"é"}']);
  });

  it("has usage on no chunk but the last, and there only when it was asked for (bug: usage on every chunk)", () => {
    const events = [text("a"), text("b")];
    expect(chunksOf(write({}, { events })).filter(({ usage }) => usage !== undefined)).toEqual([]);
    expect(
      chunksOf(write({ stream_options: { include_usage: false } }, { events })).some((chunk) => "usage" in chunk),
    ).toBe(false);
    const asked = chunksOf(write({ stream_options: { include_usage: true } }, { events }));
    expect(asked.map(({ usage }) => usage !== undefined)).toEqual([false, false, false, false, true]);
    expect(asked.at(-1)?.choices).toEqual([]);
  });

  it("has all numbers of usage also when Google told none, thoughts in the output, cached ones not taken away (bug 36)", () => {
    const body = { stream_options: { include_usage: true } };
    expect(chunksOf(write(body, {})).at(-1)?.usage).toEqual({
      prompt_tokens: 103,
      completion_tokens: 27,
      total_tokens: 130,
      prompt_tokens_details: { cached_tokens: 40 },
      completion_tokens_details: { reasoning_tokens: 7 },
    });
    expect(chunksOf(write(body, { end: ended({ usage: null }) })).at(-1)?.usage).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  it("writes nothing for empty texts, and its head also when nothing was said", () => {
    const writer = chatWriter({ stream: true });
    expect(writer.begin({ responseId: null, usage: null })).not.toBe("");
    expect(writer.event(text(""))).toBe("");
    expect(writer.event({ kind: "thought", text: "", signature: "s" })).toBe("");
    expect(deltasOf(chatWriter({ stream: true }).end(goodEnd))).toEqual([{ role: "assistant", content: "" }, {}]);
  });

  it("stays open by comments, also before it begins", () => {
    expect(chatWriter({ stream: true }).ping()).toBe(": keepalive\n\n");
  });
});

describe("the finish reason", () => {
  it("is found at the end: a call before a STOP gives tool_calls (bugs 2, 3)", () => {
    expect(finishOf([call("f")], { finishReason: "STOP" })).toBe("tool_calls");
    expect(finishOf([call("f"), text("done")], { finishReason: null })).toBe("tool_calls");
    expect(finishOf([text("x")], { finishReason: null })).toBe("stop");
  });

  it("stays what it was when an answer with calls was cut or filtered (bug 4)", () => {
    expect(finishOf([call("f")], { finishReason: "MAX_TOKENS" })).toBe("length");
    expect(finishOf([call("f")], { finishReason: "SAFETY" })).toBe("content_filter");
    expect(finishOf([call("f")], { finishReason: "MALFORMED_FUNCTION_CALL" })).toBe("stop");
  });

  it("is never tool_calls without a call (bugs 6, 7)", () => {
    for (const finishReason of ["STOP", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "A_NEW_WORD"])
      expect(finishOf([text("x")], { finishReason })).toBe("stop");
  });

  it.each([
    ["CONTINUATION", "length"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["LANGUAGE", "content_filter"],
  ])("of %s is %s", (finishReason, expected) => {
    expect(finishOf([text("x")], { finishReason })).toBe(expected);
  });

  it("of a prompt that was blocked after the stream began is content_filter", () => {
    expect(finishOf([], { finishReason: null, blockReason: "PROHIBITED_CONTENT" })).toBe("content_filter");
  });

  it("stands once, in the last chunk, whose delta is empty (bug 5)", () => {
    const chunks = chunksOf(write({}, { events: [text("a"), call("f"), text("b")] }));
    const reasons = chunks.map(({ choices }) => choices[0]?.finish_reason);
    expect(reasons.filter((reason) => reason !== null)).toEqual(["tool_calls"]);
    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({});
  });
});

describe("what a request asked for", () => {
  it("limits the answer to its first call with parallel_tool_calls: false", () => {
    const deltas = deltasOf(write({ parallel_tool_calls: false }, { events: [call("f"), call("g")] }));
    expect(deltas.flatMap(({ tool_calls }) => tool_calls ?? []).map((each) => each.function.name)).toEqual(["f"]);
  });

  it("answers functions with one function_call", () => {
    const body = { functions: [{ name: "f" }] };
    const stream = write(body, { events: [call("f", { a: 1 }), call("f")] });
    expect(deltasOf(stream).slice(1)).toEqual([{ function_call: { name: "f", arguments: '{"a":1}' } }, {}]);
    expect(finishOf([call("f")], {}, body)).toBe("function_call");
  });

  it("answers calls of custom tools with their free text", () => {
    const body = { tools: [{ type: "custom", custom: { name: "patch" } }] };
    const events = [call("patch", { input: "*** Begin" }), call("patch", { other: 1 })];
    expect(deltasOf(write(body, { events }))[1]?.tool_calls).toEqual([
      { index: 0, id: "call_1", type: "custom", custom: { name: "patch", input: "*** Begin" } },
    ]);
    expect(deltasOf(write(body, { events }))[2]?.tool_calls?.[0]).toMatchObject({ custom: { input: '{"other":1}' } });
  });

  it("takes a fence away in JSON mode only, wherever the stream is cut", () => {
    const json = '{"a": "```x```",\n "b": [1]}';
    const fenced = `\`\`\`json\n${json}\n\`\`\`\n`;
    const body = { response_format: { type: "json_object" } };
    const joined = (deltas: Delta[]): string => deltas.map(({ content }) => content ?? "").join("");
    fc.assert(
      fc.property(fc.array(fc.nat(fenced.length), { maxLength: 12 }), (places) => {
        const cuts = [0, ...places.sort((left, right) => left - right), fenced.length];
        const events = cuts.slice(1).map((end, index) => text(fenced.slice(cuts[index], end)));
        expect(joined(deltasOf(write(body, { events })))).toBe(json);
        expect(joined(deltasOf(write({}, { events })))).toBe(fenced);
      }),
    );
  });
});

describe("other kinds of content", () => {
  const png = "iVBORw0KGgoAAAANSUhEUg==";

  it("has pictures as images", () => {
    const deltas = deltasOf(
      write({}, { events: [{ kind: "media", mimeType: "image/png", data: png, signature: null }] }),
    );
    expect(deltas[1]).toEqual({
      images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }],
    });
  });

  it("has code and its result as fenced blocks", () => {
    const events: AnswerEvent[] = [
      { kind: "code", language: "PYTHON", code: "print('```')" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "```\n" },
      { kind: "code-result", outcome: "OUTCOME_FAILED", output: "no" },
    ];
    const content = deltasOf(write({}, { events })).map((delta) => delta.content ?? "");
    expect(content.join("")).toBe(
      "\n````python\nprint('```')\n````\n" + "\n````output\n```\n````\n" + "\n```output\nfailed\nno\n```\n",
    );
    expect(codeBlock("LANGUAGE_UNSPECIFIED", "")).toBe("\n```\n```\n");
    expect(resultBlock("", "x")).toBe("\n```output\nx\n```\n");
  });

  it("cites sources at places of what was written, with characters beyond the basic plane and code between", () => {
    const support = (start: number, end: number, sources: number[]) => ({ start, end, text: "", sources });
    const sources = [
      { title: "A", url: "https://a.example" },
      { title: "B", url: "https://b.example" },
    ];
    const words = ["Ünï 🦊 fox. ", "漢字 end."];
    const bytes = new TextEncoder().encode(words.join(""));
    const first = new TextEncoder().encode(words[0]).length;
    const events: AnswerEvent[] = [
      text("Ünï 🦊 fox. "),
      { kind: "code", language: "PYTHON", code: "1" },
      text("漢字 end."),
      {
        kind: "grounding",
        grounding: {
          queries: [],
          sources,
          supports: [support(6, 10, [0]), support(first, bytes.length, [0, 1, 9])],
        },
      },
    ];
    const deltas = deltasOf(write({ web_search_options: {} }, { events }));
    const content = deltas.map((delta) => delta.content ?? "").join("");
    const cited = deltas.flatMap(({ annotations }) => annotations ?? []).map(({ url_citation }) => url_citation);
    expect(cited.map(({ start_index, end_index, url }) => [content.slice(start_index, end_index), url])).toEqual([
      ["🦊", "https://a.example"],
      ["漢字 end.", "https://a.example"],
      ["漢字 end.", "https://b.example"],
    ]);
    // Before the finish reason.
    expect(deltas.at(-2)?.annotations).toHaveLength(3);
  });

  it("names sources without places at the end of the text", () => {
    const grounding = { queries: [], sources: [{ title: "A", url: "https://a.example" }], supports: [] };
    const events: AnswerEvent[] = [text("abc"), { kind: "grounding", grounding }];
    expect(deltasOf(write({ web_search_options: {} }, { events })).at(-2)?.annotations?.[0]?.url_citation).toEqual({
      start_index: 3,
      end_index: 3,
      url: "https://a.example",
      title: "A",
    });
  });
});

describe("signatures of texts", () => {
  it("are remembered under the whole text, as the client repeats it", () => {
    const signatures = countingSignatures();
    write({}, { events: [text("Hel"), text("lo", "s1"), text("", "s2")] }, chatFacts({ signatures }));
    expect(signatures.texts).toEqual([{ text: "Hello", signature: "s2" }]);
  });

  it("are given up where the client has another text, or one too long to keep", () => {
    const signatures = countingSignatures();
    const code: AnswerEvent = { kind: "code", language: "PYTHON", code: "1" };
    write({}, { events: [text("a"), code, text("", "s")] }, chatFacts({ signatures }));
    write({}, { events: [text("x".repeat(70_000)), text("", "s")] }, chatFacts({ signatures }));
    const json = { response_format: { type: "json_object" } };
    write(json, { events: [text("```json\n{}\n```", "s")] }, chatFacts({ signatures }));
    expect(signatures.texts).toEqual([]);
  });
});

describe("a fault", () => {
  it("is one event, and nothing after it: no [DONE]", () => {
    const writer = chatWriter({ stream: true });
    const facts = { status: 504, requestId: "call_0001", retryAfterSeconds: null };
    expect(writer.fault({ ...facts, code: "upstream_idle_timeout", message: "It fell silent." })).toBe(
      'data: {"error":{"message":"It fell silent. (request call_0001)","type":"server_error","param":null,"code":"upstream_idle_timeout"}}\n\n',
    );
  });

  it.each([
    [429, "rate_limit_error", "rate_limit_exceeded"],
    [503, "server_error", "server_error"],
    [400, "invalid_request_error", "invalid_request"],
    [404, "invalid_request_error", "model_not_found"],
  ])("of the upstream's %i has OpenAI's words", (status, type, code) => {
    const fault = { code: null, status, message: "No.", requestId: "r", retryAfterSeconds: 1.5 };
    const { error } = JSON.parse(chatWriter({ stream: true }).fault(fault).slice(6)) as { error: JsonObject };
    expect(error).toMatchObject({ type, code, param: null });
    expect(error["message"]).toMatch(/^No\. Try again in 2 seconds\./);
  });
});

describe("any answer", () => {
  it("comes out whole: text, calls in order, one finish reason, usage when asked", () => {
    fc.assert(
      fc.property(anyChatAnswer(), fc.boolean(), (answer, include_usage) => {
        const stream = write({ stream_options: { include_usage }, web_search_options: {} }, answer);
        const chunks = chunksOf(stream);
        const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
        const wanted = answer.events.flatMap((event) => {
          if (event.kind === "text") return [event.text];
          if (event.kind === "code") return [codeBlock(event.language, event.code)];
          return event.kind === "code-result" ? [resultBlock(event.outcome, event.output)] : [];
        });
        const content = deltas.map((delta) => delta.content ?? "").join("");
        expect(content).toBe(wanted.join(""));
        const thoughts = answer.events.flatMap((event) => (event.kind === "thought" ? [event.text] : []));
        expect(deltas.map((delta) => delta.reasoning_content ?? "").join("")).toBe(thoughts.join(""));
        const calls = answer.events.filter((event) => event.kind === "call");
        const written = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
        expect(written.map(({ index, id }) => [index, id])).toEqual(calls.map((_, at) => [at, `call_${at + 1}`]));
        expect(written.map((each) => [each.function.name, JSON.parse(each.function.arguments)])).toEqual(
          calls.map(({ name, args }) => [name, JSON.parse(JSON.stringify(args))]),
        );
        expect(chunks.filter(({ choices }) => choices.some((choice) => choice.finish_reason !== null))).toHaveLength(1);
        expect(chunks.filter(({ usage }) => usage !== undefined)).toHaveLength(include_usage ? 1 : 0);
        expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
        expect(deltas.filter(({ role }) => role !== undefined)).toEqual([deltas[0]]);
        for (const { url_citation } of deltas.flatMap(({ annotations }) => annotations ?? [])) {
          expect(url_citation.start_index).toBeGreaterThanOrEqual(0);
          expect(url_citation.end_index).toBeLessThanOrEqual(content.length);
        }
      }),
    );
  });
});
