import { describe, expect, it } from "vitest";
import {
  called,
  eventsOf,
  lastResponse,
  streamed,
  text,
  thought,
  translated,
  unary,
  writerFacts,
  type SentEvent,
} from "../../testkit/responses-answer.ts";
import type { AnswerEvent, JsonObject } from "../../translation/types.ts";

const types = (events: readonly SentEvent[]): string[] => events.map(({ type }) => type.replace(/^response\./, ""));
const items = (events: readonly SentEvent[]): JsonObject[] =>
  events.filter(({ type }) => type === "response.output_item.done").map((event) => event["item"] as JsonObject);
const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];

const usage = {
  promptTokens: 100,
  cachedTokens: 40,
  outputTokens: 7,
  thoughtsTokens: 3,
  toolUseTokens: 5,
  totalTokens: 115,
  modalities: null,
  serviceTier: null,
};

describe("the stream", () => {
  it("tells of thoughts, text and a call in the order of fact sheet translation 2.4", () => {
    const { events, text: whole } = streamed({ tools }, [
      thought("**Look**\n\nhm"),
      text("Hel"),
      text("lo"),
      called("f", { a: 1 }),
    ]);
    expect(types(events)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ]);
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
    expect(whole.endsWith("\n\ndata: [DONE]\n\n")).toBe(true);
    expect(whole.match(/\[DONE\]/g)).toHaveLength(1);
  });

  it("names item, place and content in every event that tells of an item", () => {
    const { events } = streamed({ tools }, [thought("a"), text("b"), called("f")]);
    const done = items(events);
    for (const event of events.slice(2, -1)) {
      const index = event["output_index"] as number;
      const id = (event["item"] as JsonObject | undefined)?.["id"] ?? event["item_id"];
      expect(id).toBe(done[index]?.["id"]);
      if (event.type.includes("output_text") || event.type.includes("content_part"))
        expect(event["content_index"]).toBe(0);
      if (event.type.includes("summary")) expect(event["summary_index"]).toBe(0);
    }
  });

  it("gives each call its own place and whole arguments when several come at once (bug 1)", () => {
    const { events } = streamed({ tools }, [called("f", { a: 1 }), called("f", { b: 2 }), called("f")]);
    const calls = items(events);
    expect(calls.map((call) => call["arguments"])).toEqual(['{"a":1}', '{"b":2}', "{}"]);
    expect(new Set(calls.map((call) => call["call_id"])).size).toBe(3);
    const deltas = events.filter(({ type }) => type === "response.function_call_arguments.delta");
    expect(deltas.map((event) => event["output_index"])).toEqual([0, 1, 2]);
    expect(deltas.map((event) => event["delta"])).toEqual(['{"a":1}', '{"b":2}', "{}"]);
  });

  it("writes the first call only when parallel_tool_calls is false", () => {
    const { events } = streamed({ tools, parallel_tool_calls: false }, [called("f", { a: 1 }), called("f", { b: 2 })]);
    expect(items(events).map((call) => call["arguments"])).toEqual(['{"a":1}']);
  });

  it("puts the signature's envelope into a reasoning item before the signed call, and nowhere else (bug 30)", () => {
    const signature = "S".repeat(3000);
    const { events } = streamed({ tools }, [
      thought("hm"),
      called("f", {}, { signature }),
      called("f", {}, { signature: "T" }),
      called("f"),
    ]);
    const done = items(events);
    expect(done.map(({ type }) => type)).toEqual([
      "reasoning",
      "function_call",
      "reasoning",
      "function_call",
      "function_call",
    ]);
    expect(done[0]).toMatchObject({
      encrypted_content: `gp1.${signature}`,
      summary: [{ type: "summary_text", text: "hm" }],
    });
    expect(done[2]).toMatchObject({ encrypted_content: "gp1.T", summary: [] });
    for (const item of done) {
      expect((item["id"] as string).length).toBeLessThanOrEqual(64);
      expect(item["id"]).toMatch(/^(rs|fc)_[\w-]+$/);
    }
  });

  it("opens a reasoning item for every run of thoughts, and a part for every title", () => {
    const { events } = streamed({}, [
      thought("**One**\n\na\n\n"),
      thought("**Two**\n\nb"),
      text("x"),
      thought("c"),
      text("y"),
    ]);
    const done = items(events);
    expect(done.map(({ type }) => type)).toEqual(["reasoning", "message", "reasoning", "message"]);
    expect(done[0]?.["summary"]).toEqual([
      { type: "summary_text", text: "**One**\n\na\n\n" },
      { type: "summary_text", text: "**Two**\n\nb" },
    ]);
    const bold = items(streamed({}, [thought("this is "), thought("**bold**")]).events);
    expect(bold[0]?.["summary"]).toHaveLength(1);
    const added = events.filter(({ type }) => type === "response.reasoning_summary_part.added");
    expect(added.map((event) => event["summary_index"])).toEqual([0, 1, 0]);
  });

  it("remembers a text's signature under the text that the client saw, also when it comes in an empty piece", () => {
    const facts = writerFacts();
    streamed({}, [text("Hel"), text("lo"), text("", "sig"), thought("x"), text("", "lost"), text("more")], { facts });
    const json = { text: { format: { type: "json_object" } } };
    streamed(json, [text("```json\n", "lost"), called("f"), text("{}")], { facts });
    expect([...facts.texts]).toEqual([["Hello", "sig"]]);
  });

  it("ends with the whole response, its output and usage", () => {
    const { events } = streamed({}, [text("Hello")], { end: { usage } });
    const response = lastResponse(events);
    expect(response["output"]).toEqual(items(events));
    expect(response["usage"]).toEqual({
      input_tokens: 105,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 115,
    });
    expect(response).toMatchObject({ status: "completed", created_at: 1_790_000_000, completed_at: 1_790_000_005 });
  });

  it("keeps one id over all of its response objects", () => {
    const { events } = streamed({}, [text("x")]);
    const ids = events.flatMap((event) => ("response" in event ? [(event["response"] as JsonObject)["id"]] : []));
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(3);
  });

  it("is a comment where nothing but life is to be told, also before the head", () => {
    const writer = translated({ stream: true }).createWriter(writerFacts());
    expect(writer.ping()).toBe(": ping\n\n");
  });
});

describe("what Codex, opencode, pi and Copilot need (fact sheet translation 2.4)", () => {
  const { events } = streamed({ tools, store: false, include: ["reasoning.encrypted_content"] }, [
    thought("hm"),
    text("x"),
    called("f", {}, { signature: "S" }),
  ]);

  it("Codex: output_item.done for every item, whole, and response.completed with an id and integer usage", () => {
    expect(items(events).map(({ type }) => type)).toEqual(["reasoning", "message", "reasoning", "function_call"]);
    expect(items(events).at(-1)).toMatchObject({ name: "f", arguments: "{}", status: "completed" });
    const response = lastResponse(events);
    expect(response["id"]).toMatch(/^resp_/);
    for (const key of ["input_tokens", "output_tokens", "total_tokens"])
      expect((response["usage"] as JsonObject)[key]).toBeTypeOf("number");
  });

  it("opencode and pi: output_item.added before every delta of an item, text in deltas, usage at the end", () => {
    const added = new Set<unknown>();
    let words = "";
    for (const event of events) {
      if (event.type === "response.output_item.added") added.add((event["item"] as JsonObject)["id"]);
      if ("item_id" in event) expect(added.has(event["item_id"])).toBe(true);
      if (event.type === "response.output_text.delta") words += String(event["delta"]);
    }
    expect(words).toBe("x");
    expect(lastResponse(events)["usage"]).not.toBeNull();
  });

  it("Copilot: response.completed with its output filled", () => {
    expect(lastResponse(events)["output"]).toHaveLength(4);
  });
});

describe("the end", () => {
  const statusOf = (finishReason: string | null, said: AnswerEvent[], more = {}): JsonObject =>
    unary({ tools }, said, { end: { finishReason, ...more } });

  it("is completed for STOP with a call, wherever the STOP came (bugs 2, 3, 7)", () => {
    expect(statusOf("STOP", [called("f")])).toMatchObject({ status: "completed", incomplete_details: null });
    expect(statusOf("STOP", [text("x")])).toMatchObject({ status: "completed", error: null });
    expect(statusOf(null, [text("x")])).toMatchObject({ status: "completed" });
  });

  it("is incomplete for MAX_TOKENS and filters even when there were calls (bug 4)", () => {
    for (const reason of ["MAX_TOKENS", "CONTINUATION"])
      expect(statusOf(reason, [called("f")])).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
        completed_at: null,
      });
    for (const reason of ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "IMAGE_SAFETY"])
      expect(statusOf(reason, [called("f")])).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "content_filter" },
      });
  });

  it("is told once, behind everything else (bug 5)", () => {
    const { events } = streamed({ tools }, [text("x"), called("f")], { end: { finishReason: "MAX_TOKENS" } });
    expect(events.filter(({ type }) => /\.(completed|incomplete|failed)$/.test(type)).map(({ type }) => type)).toEqual([
      "response.incomplete",
    ]);
    expect(events.at(-1)?.type).toBe("response.incomplete");
  });

  it("is a failure for a malformed call and for what is not known (bug 6)", () => {
    for (const reason of ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "NEW_WORD"]) {
      const { events, text: whole } = streamed({}, [text("x")], {
        end: { finishReason: reason, finishMessage: "why" },
      });
      expect(types(events).slice(-2)).toEqual(["error", "failed"]);
      expect(lastResponse(events)).toMatchObject({ status: "failed", error: { code: "server_error" } });
      expect(whole).toContain(`(${reason}): why`);
    }
  });

  it("comes also without a single event (bug 8)", () => {
    const { events } = streamed({}, []);
    expect(types(events)).toEqual(["created", "in_progress", "completed"]);
    expect(lastResponse(events)["output"]).toEqual([]);
  });

  it("marks the message that was cut as incomplete", () => {
    const { events } = streamed({}, [text("x")], { end: { finishReason: "MAX_TOKENS" } });
    expect(items(events)).toMatchObject([{ type: "message", status: "incomplete" }]);
  });

  it("says in words what was withheld when nothing else was said, since Codex shows no refusals", () => {
    const response = unary({}, [thought("hm")], { end: { finishReason: "SAFETY", finishMessage: "Unsafe." } });
    expect(JSON.stringify(response["output"])).toContain("withheld this answer (SAFETY). Unsafe.");
    const partial = unary({}, [text("Part")], { end: { finishReason: "SAFETY" } });
    expect(JSON.stringify(partial["output"])).not.toContain("withheld");
    expect(statusOf(null, [], { blockReason: "PROHIBITED_CONTENT" })).toMatchObject({ status: "incomplete" });
  });
});

describe("a fault", () => {
  const fault = {
    code: null,
    status: 502,
    message: "The upstream broke off.",
    requestId: "r1",
    retryAfterSeconds: null,
  };

  it("is an error event and response.failed, which Codex repeats", () => {
    const writer = translated({ stream: true }).createWriter(writerFacts());
    writer.begin({ responseId: null, usage: null });
    writer.event(text("half"));
    const whole = writer.fault(fault);
    const events = eventsOf(whole);
    expect(types(events)).toEqual(["error", "failed"]);
    expect(events[0]).toMatchObject({
      code: "server_error",
      message: "The upstream broke off. (request r1)",
      param: null,
    });
    expect(lastResponse(events)).toMatchObject({ status: "failed", error: { code: "server_error" }, output: [] });
    // The message is cut: no event may call it done.
    expect(whole).not.toContain("output_item.done");
    expect(writer.stored?.()).toBeNull();
  });

  it("may come before the head", () => {
    const writer = translated({ stream: true }).createWriter(writerFacts());
    const events = eventsOf(writer.fault({ ...fault, status: 429, retryAfterSeconds: 1.2 }));
    expect(events.map((event) => event["sequence_number"])).toEqual([0, 1]);
    expect(lastResponse(events)["error"]).toEqual({
      code: "rate_limit_exceeded",
      message: "The upstream broke off. (request r1) Please try again in 2s.",
    });
  });

  it("is one that Codex gives up on only where a repeat is useless, and never server_is_overloaded", () => {
    const codeOf = (more: Partial<typeof fault> & { code?: never } = {}): unknown => {
      const writer = translated({ stream: true }).createWriter(writerFacts());
      return (lastResponse(eventsOf(writer.fault({ ...fault, ...more })))["error"] as JsonObject)["code"];
    };
    expect([500, 502, 503, 504, 529, 499, 408].map((status) => codeOf({ status }))).toEqual(
      Array.from({ length: 7 }, () => "server_error"),
    );
    expect(codeOf({ status: 400 })).toBe("invalid_prompt");
    expect(codeOf({ status: 400, message: "The input token count (9) exceeds the maximum (8)" })).toBe(
      "context_length_exceeded",
    );
  });

  it("says nothing in a unary answer", () => {
    expect(translated({}).createWriter(writerFacts()).fault(fault)).toBe("");
  });
});

describe("kinds of tools", () => {
  const itemFor = (tool: JsonObject, name: string, args: JsonObject): JsonObject =>
    (unary({ tools: [tool] }, [called(name, args)])["output"] as JsonObject[])[0] ?? {};

  it("gives a namespaced call its bare name and its namespace apart (bug 39)", () => {
    const tool = { type: "namespace", name: "mcp__fs", tools: [{ type: "function", name: "read" }] };
    const { events } = streamed({ tools: [tool] }, [called("mcp__fs__read", { p: 1 })]);
    expect(items(events)[0]).toMatchObject({ type: "function_call", name: "read", namespace: "mcp__fs" });
    expect(events.find(({ type }) => type === "response.output_item.added")?.["item"]).toMatchObject({
      name: "read",
      namespace: "mcp__fs",
    });
    // The model may leave the namespace out.
    expect(itemFor(tool, "read", {})).toMatchObject({ name: "read", namespace: "mcp__fs" });
    expect(itemFor({ type: "function", name: "read" }, "read", {})).not.toHaveProperty("namespace");
  });

  it("answers a freeform tool with custom_tool_call and plain text", () => {
    const tool = { type: "custom", name: "apply_patch" };
    const { events } = streamed({ tools: [tool] }, [called("apply_patch", { input: "*** Begin" })]);
    expect(types(events).slice(2, -1)).toEqual([
      "output_item.added",
      "custom_tool_call_input.delta",
      "custom_tool_call_input.done",
      "output_item.done",
    ]);
    expect(items(events)[0]).toMatchObject({ type: "custom_tool_call", name: "apply_patch", input: "*** Begin" });
    expect(itemFor(tool, "apply_patch", { patch: "x" })["input"]).toBe("x");
    expect(itemFor(tool, "apply_patch", { a: 1, b: 2 })["input"]).toBe('{"a":1,"b":2}');
  });

  it("answers built-in tools with their own items", () => {
    expect(itemFor({ type: "tool_search", execution: "client" }, "tool_search", { query: "q" })).toMatchObject({
      type: "tool_search_call",
      execution: "client",
      arguments: { query: "q" },
    });
    expect(itemFor({ type: "local_shell" }, "local_shell", { command: ["ls"], workdir: "/x" })).toMatchObject({
      type: "local_shell_call",
      status: "completed",
      action: { type: "exec", command: ["ls"], env: {}, working_directory: "/x", timeout_ms: null },
    });
    expect(itemFor({ type: "shell" }, "shell", { commands: "ls" })).toMatchObject({
      type: "shell_call",
      action: { commands: ["ls"], timeout_ms: null, max_output_length: null },
    });
    const operation = { type: "delete_file", path: "a" };
    expect(itemFor({ type: "apply_patch" }, "apply_patch", { operation })).toMatchObject({
      type: "apply_patch_call",
      operation,
    });
  });

  it("writes pictures, code and searches as items of their own", () => {
    const grounding: AnswerEvent = {
      kind: "grounding",
      grounding: {
        queries: ["q1", "q2"],
        sources: [{ title: "T", url: "https://x" }],
        supports: [{ start: 3, end: 8, text: "world", sources: [0] }],
      },
    };
    const said: AnswerEvent[] = [
      { kind: "media", mimeType: "image/webp", data: "AA==", signature: null },
      { kind: "code", language: "PYTHON", code: "print(1)" },
      { kind: "code-result", outcome: "OUTCOME_OK", output: "1" },
      text("é world"),
      grounding,
    ];
    const { events } = streamed({ include: ["web_search_call.action.sources"] }, said);
    expect(items(events)).toMatchObject([
      { type: "image_generation_call", status: "completed", result: "AA==", output_format: "webp" },
      { type: "code_interpreter_call", code: "print(1)", outputs: [{ type: "logs", logs: "1" }] },
      {
        type: "message",
        content: [
          { annotations: [{ type: "url_citation", start_index: 2, end_index: 7, url: "https://x", title: "T" }] },
        ],
      },
      {
        type: "web_search_call",
        status: "completed",
        action: { type: "search", query: "q1", queries: ["q1", "q2"], sources: [{ type: "url", url: "https://x" }] },
      },
    ]);
    expect(types(events)).toContain("output_text.annotation.added");
    // A fence that was taken off JSON would move every place.
    const json = { text: { format: { type: "json_object" } } };
    expect(types(streamed(json, [text('{"a":"world"}'), grounding]).events)).not.toContain(
      "output_text.annotation.added",
    );
    expect(types(events).filter((type) => type.startsWith("web_search_call"))).toEqual([
      "web_search_call.in_progress",
      "web_search_call.searching",
      "web_search_call.completed",
    ]);
  });
});
