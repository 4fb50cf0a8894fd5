import { describe, expect, it } from "vitest";
import type { AnswerEnd, AnswerEvent, JsonObject, StreamFault } from "../../translation/types.ts";
import { translateCountRequest } from "./translate-request.ts";
import {
  call,
  parse,
  stopped,
  stream,
  text,
  thought,
  unary,
  usage,
  writerFacts,
  writerOf,
  type StreamedEvent,
} from "./writer-fixture.ts";

/** `text a`, `thinking b/signature`, `tool_use name {json}`: the blocks in short. */
function outline(events: readonly StreamedEvent[]): string[] {
  const lines: string[] = [];
  for (const { type, content_block: block, delta } of events) {
    if (type === "content_block_start")
      lines.push(`${block?.["type"] as string} ${block?.["type"] === "tool_use" ? `${block["name"] as string} ` : ""}`);
    if (type !== "content_block_delta") continue;
    const written = delta?.["text"] ?? delta?.["thinking"] ?? delta?.["partial_json"];
    lines[lines.length - 1] +=
      delta?.["type"] === "signature_delta" ? `/${String(delta["signature"])}` : String(written);
  }
  return lines;
}

describe("a streamed answer", () => {
  it("is written exactly as Anthropic writes it", () => {
    const events = [thought("I "), thought("think."), text("Hel"), text("lo"), call("Bash", { a: 1 }, "S")];
    const fullUsage = {
      input_tokens: 63,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 40,
      output_tokens: 12,
      output_tokens_details: { thinking_tokens: 5 },
      server_tool_use: null,
    };
    expect(stream(events)).toStrictEqual([
      {
        type: "message_start",
        message: {
          id: "msg_id1",
          type: "message",
          role: "assistant",
          model: "claude-opus-5",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: {
            ...fullUsage,
            output_tokens: 0,
            output_tokens_details: { thinking_tokens: 0 },
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            service_tier: "standard",
          },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "I " } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "think." } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "unsigned" } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Hel" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "lo" } },
      { type: "content_block_stop", index: 1 },
      { type: "content_block_start", index: 2, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 2, delta: { type: "signature_delta", signature: "carrier:S" } },
      { type: "content_block_stop", index: 2 },
      {
        type: "content_block_start",
        index: 3,
        content_block: { type: "tool_use", id: "toolu_2", name: "Bash", input: {} },
      },
      { type: "content_block_delta", index: 3, delta: { type: "input_json_delta", partial_json: "" } },
      { type: "content_block_delta", index: 3, delta: { type: "input_json_delta", partial_json: '{"a":1}' } },
      { type: "content_block_stop", index: 3 },
      { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: fullUsage },
      { type: "message_stop" },
    ]);
  });

  it("bug 33: keeps a text open across chunks and gives each block an index of its own", () => {
    const events = [text("a"), text("b"), call("A"), call("B"), text("c")];
    expect(outline(stream(events))).toStrictEqual(["text ab", "tool_use A {}", "tool_use B {}", "text c"]);
  });

  it("signs the thinking before a call, and writes an empty one where there is none", () => {
    expect(outline(stream([thought("hm"), call("A", {}, "S")]))).toStrictEqual([
      "thinking hm/carrier:S",
      "tool_use A {}",
    ]);
    expect(outline(stream([call("A", {}, "S"), call("B")]))).toStrictEqual([
      "thinking /carrier:S",
      "tool_use A {}",
      "tool_use B {}",
    ]);
    expect(outline(stream([text("a"), call("A", {}, null)]))).toStrictEqual(["text a", "tool_use A {}"]);
  });

  it("bug 29: a thought's signature is kept for the call right behind it that has none", () => {
    expect(outline(stream([thought("hm", "T"), call("A"), call("B")]))).toStrictEqual([
      "thinking hm/carrier:T",
      "tool_use A {}",
      "tool_use B {}",
    ]);
    expect(outline(stream([thought("hm", "T"), call("A", {}, "S")]))[0]).toBe("thinking hm/carrier:S");
    // As Google may tell it: without words.
    expect(outline(stream([text("a"), thought("", "T"), call("A")]))).toStrictEqual([
      "text a",
      "thinking /carrier:T",
      "tool_use A {}",
    ]);
    expect(outline(stream([thought("hm", "T"), text("a"), call("A")])).slice(1)).toStrictEqual([
      "text a",
      "tool_use A {}",
    ]);
  });

  it("bug 32: thoughts after a text wait for what follows, and are left out when nothing does", () => {
    expect(outline(stream([text("a"), thought("late")]))).toStrictEqual(["text a"]);
    expect(outline(stream([text("a"), thought("late"), text("b")]))).toStrictEqual([
      "text a",
      "thinking late/unsigned",
      "text b",
    ]);
    expect(outline(stream([text("a"), thought("late"), call("A", {}, "S")]))).toStrictEqual([
      "text a",
      "thinking late/carrier:S",
      "tool_use A {}",
    ]);
    expect(outline(stream([call("A"), thought("late")]))).toStrictEqual(["tool_use A {}"]);
  });

  it("leaves out the text of thoughts, not their signatures, when display is omitted", () => {
    const request = { thinking: { type: "adaptive", display: "omitted" } };
    const events = [thought("secret"), call("A", {}, "S")];
    expect(outline(stream(events, { request }))).toStrictEqual(["thinking /carrier:S", "tool_use A {}"]);
    const disabled = { thinking: { type: "disabled" } };
    expect(outline(stream([thought("secret"), text("a")], { request: disabled }))).toStrictEqual(["text a"]);
    expect(outline(stream(events, { request: disabled }))).toStrictEqual(["thinking /carrier:S", "tool_use A {}"]);
  });

  it("bug 8: ends an empty answer, too", () => {
    expect(stream([]).map((event) => event.type)).toStrictEqual(["message_start", "message_delta", "message_stop"]);
    expect(stream([text("")]).map((event) => event.type)).toHaveLength(3);
  });

  it("remembers a signature under the whole text that the client will repeat", () => {
    const remembered = writerFacts();
    stream([text("a"), text("b"), text("", "S"), call("A"), text("", "T"), text("c")], { remembered });
    expect(remembered.texts).toStrictEqual([{ text: "ab", signature: "S" }]);
  });

  it("keeps only the first call when parallel calls are switched off", () => {
    const request = {
      tools: [{ name: "A", input_schema: {} }],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    };
    expect(outline(stream([call("A", { n: 1 }), call("A", { n: 2 }, "S")], { request }))).toStrictEqual([
      'tool_use A {"n":1}',
    ]);
  });

  it("writes code as fenced text and says which picture it leaves out", () => {
    const events: AnswerEvent[] = [
      text("Look:"),
      { kind: "code", language: "PYTHON", code: "print('```')" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "```\n" },
      { kind: "media", mimeType: "image/png", data: "A".repeat(4_000), signature: null },
    ];
    const [line] = outline(stream(events));
    expect(line).toBe(
      "text Look:\n````python\nprint('```')\n````\n````\n```\n````\n" +
        "[image omitted: image/png, 3 kB; Anthropic's Messages format has no place for it in an answer]\n",
    );
  });

  it("takes the fence off an answer that shall be JSON", () => {
    const request = { output_config: { format: { type: "json_schema", schema: {} } } };
    expect(outline(stream([text("```json\n{"), text("}\n"), text("```")], { request }))).toStrictEqual(["text {}"]);
    expect(outline(stream([text("```json\n{}\n```")]))).toStrictEqual(["text ```json\n{}\n```"]);
  });

  it("names the prompt in its head by the first chunk's usage, else by the estimate", () => {
    const writer = writerOf({ stream: true });
    const [start] = parse(writer.begin({ responseId: null, usage: null }));
    expect(start?.message?.["usage"]).toMatchObject({ input_tokens: 33, cache_read_input_tokens: 0, output_tokens: 0 });
  });

  it("tells the end's numbers in message_delta, and the first ones where the end has none", () => {
    const delta = (end: Partial<AnswerEnd>): JsonObject | undefined => stream([text("a")], { end }).at(-2)?.usage;
    expect(delta({ usage: { ...usage, promptTokens: 50, cachedTokens: 0, toolUseTokens: 0 } })).toMatchObject({
      input_tokens: 50,
    });
    expect(delta({ usage: null })).toMatchObject({ input_tokens: 63, cache_read_input_tokens: 40 });
  });

  it("pings at any time, also before its head", () => {
    const writer = writerOf({ stream: true });
    expect(writer.ping()).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });

  it("ends in an error event, also before its head, and never in message_stop after it", () => {
    const fault: StreamFault = {
      code: "upstream_broken",
      status: 502,
      message: "broke off",
      requestId: "req-1",
      retryAfterSeconds: null,
    };
    const writer = writerOf({ stream: true });
    expect(writer.fault(fault)).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"broke off"},"request_id":"req-1"}\n\n',
    );
    const typeOf = (change: Partial<StreamFault>): string =>
      /"error":\{"type":"(\w+)"/.exec(writer.fault({ ...fault, ...change }))?.[1] ?? "";
    expect(typeOf({ code: null, status: 429 })).toBe("rate_limit_error");
    expect(typeOf({ code: null, status: 400 })).toBe("invalid_request_error");
    expect(typeOf({ code: "internal", status: 500 })).toBe("api_error");
    expect(writerOf({}).fault(fault)).toBe("");
  });
});

describe("stop reasons", () => {
  const ended = (end: Partial<AnswerEnd>, events: AnswerEvent[]): JsonObject | undefined =>
    stream(events, { end }).find((event) => event.type === "message_delta")?.delta;

  it("bug 4, bug 7: the reason follows what was written, and never hides why Google stopped", () => {
    expect(ended({}, [text("a")])).toMatchObject({ stop_reason: "end_turn" });
    expect(ended({ finishReason: null }, [call("A")])).toMatchObject({ stop_reason: "tool_use" });
    expect(ended({ finishReason: "MAX_TOKENS" }, [call("A")])).toMatchObject({ stop_reason: "max_tokens" });
    expect(ended({ finishReason: "CONTINUATION" }, [text("a")])).toMatchObject({ stop_reason: "max_tokens" });
    expect(ended({ finishReason: "SAFETY", finishMessage: "no" }, [call("A")])).toStrictEqual({
      stop_reason: "refusal",
      stop_sequence: null,
      stop_details: { type: "refusal", category: null, explanation: "no" },
    });
    expect(ended({ finishReason: null, blockReason: "PROHIBITED_CONTENT" }, [])).toMatchObject({
      stop_reason: "refusal",
      stop_details: { explanation: "Google stopped this answer: PROHIBITED_CONTENT." },
    });
  });

  it("bug 5: there is one reason, in the last event but one", () => {
    const events = stream([text("a"), text("b"), call("A"), text("c")]);
    expect(events.filter((event) => event.delta?.["stop_reason"] !== undefined)).toStrictEqual([events.at(-2)]);
  });

  it("bug 6: a malformed answer with nothing to show ends in an error, else in its text", () => {
    const end = { finishReason: "MALFORMED_FUNCTION_CALL" };
    for (const events of [[], [thought("hm")]]) {
      const streamed = stream(events, { end });
      expect(streamed.at(-1)).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
      expect(streamed.map((event) => event.type)).not.toContain("message_stop");
    }
    expect(ended(end, [text("a")])).toMatchObject({ stop_reason: "end_turn" });
  });
});

describe("an answer in one piece", () => {
  it("is written exactly as Anthropic writes it (bug 36: numbers that do not overlap)", () => {
    expect(unary([thought("hm"), text("a"), text("b"), call("Bash", { a: [1] }, "S")])).toStrictEqual({
      id: "msg_id1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5",
      content: [
        { type: "thinking", thinking: "hm", signature: "unsigned" },
        { type: "text", text: "ab" },
        { type: "thinking", thinking: "", signature: "carrier:S" },
        { type: "tool_use", id: "toolu_2", name: "Bash", input: { a: [1] } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: {
        input_tokens: 63,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 40,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 12,
        output_tokens_details: { thinking_tokens: 5 },
        service_tier: "standard",
        server_tool_use: null,
      },
    });
    expect(unary([], { end: { blockReason: "SAFETY" } })).toMatchObject({
      content: [],
      stop_reason: "refusal",
      stop_details: { type: "refusal" },
    });
  });
});

describe("count_tokens", () => {
  it("bug 35: answers Google's number, or the estimate", () => {
    const body = { model: "m", messages: [{ role: "user", content: "hi" }] };
    const counted = translateCountRequest(body, { includeThoughts: true });
    if (!counted.ok) throw new Error(counted.problem.message);
    const writer = counted.createWriter(writerFacts().facts);
    expect(writer.begin({ responseId: null, usage: null }) + writer.ping()).toBe("");
    expect(writer.end(stopped)).toBe('{"input_tokens":100}');
    expect(writer.end({ ...stopped, usage: null })).toBe('{"input_tokens":33}');
  });
});
