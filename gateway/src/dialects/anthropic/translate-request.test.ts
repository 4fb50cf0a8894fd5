import { describe, expect, it } from "vitest";
import type { Conversation, RequestProblem, TurnPart } from "../../translation/types.ts";
import { stripModelSuffix, translateCountRequest, translateMessagesRequest } from "./translate-request.ts";

type Body = Record<string, unknown>;

const picture = "iVBORw0KGgoAAAANSUhEUg==";

function read(body: Body, includeThoughts = true): Conversation {
  const base = { model: "gemini-3.8-flash", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
  const translated = translateMessagesRequest({ ...base, ...body }, { includeThoughts });
  if (!translated.ok) throw new Error(JSON.stringify(translated.problem));
  return translated.conversation;
}

function problemOf(body: unknown): RequestProblem {
  const translated = translateMessagesRequest(body, { includeThoughts: true });
  if (translated.ok) throw new Error("The request was taken.");
  return translated.problem;
}

function parts(content: unknown, role: "user" | "assistant" = "user"): TurnPart[] {
  return read({ messages: [{ role, content }, ...(role === "assistant" ? [{ role: "user", content: "go" }] : [])] })
    .turns[0]?.parts as TurnPart[];
}

const problem = (body: Body): RequestProblem =>
  problemOf({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }], ...body });

describe("fields of the request", () => {
  it("reads the smallest request, with nothing asked that was not asked", () => {
    expect(read({})).toStrictEqual({
      model: "gemini-3.8-flash",
      stream: false,
      system: [],
      turns: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
      tools: [],
      serverTools: [],
      toolChoice: { mode: "auto", names: null },
      sampling: {
        temperature: null,
        topP: null,
        topK: null,
        seed: null,
        presencePenalty: null,
        frequencyPenalty: null,
      },
      maxOutputTokens: 100,
      stop: [],
      thinking: { effort: null, budget: null, level: null, includeThoughts: null },
      format: { kind: "text" },
      modalities: [],
      voice: null,
      google: {},
      carriers: [],
      conversationKey: null,
    });
  });

  it("reads sampling, stop sequences, stream and the conversation's key", () => {
    const conversation = read({
      temperature: 0.2,
      top_p: 0.9,
      top_k: 20,
      stream: true,
      stop_sequences: ["a", "", "b", "c", "d", "e", "f"],
      metadata: { user_id: '{"session_id":"s"}' },
    });
    expect(conversation.sampling).toMatchObject({ temperature: 0.2, topP: 0.9, topK: 20 });
    expect(conversation.stop).toStrictEqual(["a", "b", "c", "d", "e"]);
    expect(conversation.stream).toBe(true);
    expect(conversation.conversationKey).toBe('{"session_id":"s"}');
  });

  it("strips the mark of a long context and models/ from the model", () => {
    expect(read({ model: "models/gemini-3.8-flash[1m]" }).model).toBe("gemini-3.8-flash");
    expect(stripModelSuffix("claude-opus-5[1M]")).toBe("claude-opus-5");
  });

  it("ignores what Gemini has no counterpart of, and what nobody knows", () => {
    const ignored = {
      cache_control: { type: "ephemeral" },
      context_management: { edits: [] },
      container: "c",
      mcp_servers: [{}],
      service_tier: "auto",
      speed: "fast",
      inference_geo: "us",
      diagnostics: {},
      user_profile_id: "u",
      workspace_id: "w",
      something_new: 1,
    };
    expect(read(ignored)).toStrictEqual(read({}));
  });

  it.each([
    [{ type: "enabled", budget_tokens: 4000 }, {}, { effort: null, budget: 4000, includeThoughts: true }],
    [{ type: "enabled", budget_tokens: 4000 }, { effort: "max" }, { effort: null, budget: 4000 }],
    [{ type: "enabled", budget_tokens: 4000, display: "omitted" }, {}, { budget: 4000, includeThoughts: false }],
    [{ type: "adaptive" }, { effort: "xhigh" }, { effort: "xhigh", budget: null, includeThoughts: true }],
    [{ type: "adaptive", display: "omitted" }, {}, { effort: null, includeThoughts: false }],
    [{ type: "between_tools" }, { effort: "low" }, { effort: "low", includeThoughts: true }],
    [{ type: "disabled" }, { effort: "high" }, { effort: "none", includeThoughts: false }],
    [undefined, { effort: "medium" }, { effort: "medium", budget: null, includeThoughts: null }],
    [{ type: "of the future" }, { effort: "huge" }, { effort: null, budget: null, includeThoughts: null }],
  ])("reads thinking %j with output_config %j", (thinking, output_config, wish) => {
    expect(read({ thinking, output_config }).thinking).toMatchObject(wish);
  });

  it("asks for no thoughts when the gateway's setting forbids them", () => {
    expect(read({ thinking: { type: "adaptive" } }, false).thinking.includeThoughts).toBe(false);
    expect(read({}, false).thinking.includeThoughts).toBe(false);
  });

  it("reads both spellings of structured output", () => {
    const format = { type: "json_schema", schema: { type: "object" } };
    const wanted = { kind: "json-schema", name: "answer", schema: { type: "object" } };
    expect(read({ output_config: { format } }).format).toStrictEqual(wanted);
    expect(read({ output_format: format }).format).toStrictEqual(wanted);
  });

  it("names the field that has a wrong type", () => {
    const block = (content: unknown): Body => ({ messages: [{ role: "user", content: [content] }] });
    const rows: [Body, string][] = [
      [{ max_tokens: "many" }, "max_tokens"],
      [{ messages: "hi" }, "messages"],
      [{ messages: [] }, "messages"],
      [{ messages: [{ role: "robot", content: "" }] }, "messages[0].role"],
      [{ messages: [{ role: "user" }] }, "messages[0].content"],
      [block({}), "messages[0].content[0].type"],
      [block({ type: 1 }), "messages[0].content[0].type"],
      [block({ type: "text", text: 1 }), "messages[0].content[0].text"],
      [block({ type: "image" }), "messages[0].content[0].source"],
      [block({ type: "image", source: { type: "base64", data: "§" } }), "messages[0].content[0].source.data"],
      [block({ type: "image", source: { type: "url", url: "ftp://x" } }), "messages[0].content[0].source.url"],
      [block({ type: "tool_result" }), "messages[0].content[0].tool_use_id"],
      [block({ type: "tool_use", id: "a", name: "b" }), "messages[0].content[0].type"],
      [{ system: 1 }, "system"],
      [{ system: [{ type: "text", text: 1 }] }, "system[0].text"],
      [{ thinking: true }, "thinking"],
      [{ thinking: { type: "enabled", budget_tokens: "1" } }, "thinking.budget_tokens"],
      [{ stop_sequences: [1] }, "stop_sequences[0]"],
      [{ stream: "yes" }, "stream"],
      [{ tools: {} }, "tools"],
      [{ tools: [{ name: "a", input_schema: [] }] }, "tools[0].input_schema"],
      [{ tools: [{}] }, "tools[0].name"],
      [{ tool_choice: { type: "tool", name: "nobody" } }, "tool_choice.name"],
      [{ metadata: { user_id: 1 } }, "metadata.user_id"],
      [{ output_config: { format: { type: "json_schema" } } }, "output_config.format.schema"],
      [{ model: 1 }, "model"],
    ];
    for (const [body, field] of rows) expect(problem(body)).toMatchObject({ code: "field_invalid", field });
    for (const body of [null, [], "x", 1]) expect(problemOf(body)).toMatchObject({ field: "" });
  });
});

describe("system", () => {
  it("takes a string or blocks, one text each, without the billing header that changes with every session", () => {
    expect(read({ system: "Be brief." }).system).toStrictEqual(["Be brief."]);
    const header = "x-anthropic-billing-header: cc_version=2.1; cch=abc;";
    const blocks = [header, "You are Claude Code.", "", "Be brief."].map((text) => ({
      type: "text",
      text,
      cache_control: { type: "ephemeral" },
    }));
    expect(read({ system: blocks }).system).toStrictEqual(["You are Claude Code.", "Be brief."]);
    expect(read({ system: `${header}\nBe brief.` }).system).toStrictEqual(["Be brief."]);
  });

  it("keeps system messages among the others at their place, as a reminder of the user's", () => {
    const { turns, system } = read({
      messages: [
        { role: "system", content: "first" },
        { role: "user", content: "hi" },
        {
          role: "system",
          content: [
            { type: "text", text: "late" },
            { type: "text", text: "later" },
          ],
        },
      ],
    });
    expect(system).toStrictEqual(["first"]);
    expect(turns[1]).toStrictEqual({
      role: "user",
      parts: [{ kind: "text", text: "<system-reminder>\nlate\n\nlater\n</system-reminder>" }],
    });
  });
});

describe("content blocks", () => {
  it("bug 9: drops empty texts", () => {
    expect(
      parts([
        { type: "text", text: "" },
        { type: "text", text: "a" },
      ]),
    ).toStrictEqual([{ kind: "text", text: "a" }]);
  });

  it("bug 16: keeps the text beside tool calls", () => {
    expect(
      parts(
        [
          { type: "text", text: "I look." },
          { type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a" }, caller: { type: "direct" } },
        ],
        "assistant",
      ),
    ).toStrictEqual([
      { kind: "text", text: "I look." },
      { kind: "call", id: "toolu_1", name: "Read", args: { path: "a" }, signature: null },
    ]);
  });

  it("never drops a call for its input", () => {
    const inputOf = (input: unknown): unknown =>
      (parts([{ type: "tool_use", id: "a", name: "b", input }], "assistant")[0] as { args: unknown }).args;
    expect(inputOf(undefined)).toStrictEqual({});
    expect(inputOf('{"a":1}')).toStrictEqual({ a: 1 });
    expect(inputOf("{")).toStrictEqual({ _raw: "{" });
    expect(inputOf([1])).toStrictEqual({ value: [1] });
  });

  it("collects carriers of signatures and never sends thinking as text", () => {
    const { turns, carriers } = read({
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "secret thoughts", signature: "gp1.a" },
            { type: "redacted_thinking", data: "gp1.b" },
            { type: "thinking", thinking: "more", signature: "unsigned" },
            { type: "thinking", thinking: "" },
            { type: "text", text: "hello" },
          ],
        },
        { role: "user", content: "go on" },
      ],
    });
    expect(carriers).toStrictEqual(["gp1.a", "gp1.b"]);
    expect(JSON.stringify(turns)).not.toContain("thoughts");
    expect(turns[0]?.parts).toStrictEqual([{ kind: "text", text: "hello" }]);
  });

  it("reads pictures from data, addresses and files", () => {
    const image = (source: unknown): TurnPart | undefined => parts([{ type: "image", source }])[0];
    expect(image({ type: "base64", media_type: "image/jpg", data: "/9j/ 4AAQ\n" })).toStrictEqual({
      kind: "media",
      mimeType: "image/jpeg",
      data: "/9j/4AAQ",
    });
    // The bytes win over a wrong type.
    expect(image({ type: "base64", media_type: "image/jpeg", data: picture })).toMatchObject({ mimeType: "image/png" });
    expect(image({ type: "base64", media_type: "image/png", data: "UklGRiIAAABXRUJQVlA4" })).toMatchObject({
      mimeType: "image/webp",
    });
    expect(image({ type: "url", url: "https://x.example/a.PNG?b=c" })).toStrictEqual({
      kind: "file",
      uri: "https://x.example/a.PNG?b=c",
      mimeType: "image/png",
    });
    expect(image({ type: "url", url: `data:image/png;base64,${picture}` })).toMatchObject({ data: picture });
    expect(image({ type: "file", file_id: "files/abc-1" })).toStrictEqual({
      kind: "file",
      uri: "files/abc-1",
      mimeType: null,
    });
    const foreign = { type: "image", source: { type: "file", file_id: "file_011CNha8iCJcU1wXNR6q4V8w" } };
    expect(problem({ messages: [{ role: "user", content: [foreign] }] })).toMatchObject({ code: "field_unsupported" });
  });

  it("refuses sources of a kind it does not know, instead of answering without them", () => {
    const content = [{ type: "image", source: { type: "tape", reel: 7 } }];
    expect(problem({ messages: [{ role: "user", content }] })).toMatchObject({
      code: "field_unsupported",
      field: expect.stringMatching(/^messages\W0\W+content\W0\W+source\.type$/) as string,
    });
  });

  it("reads documents of every source, with title and context", () => {
    const named = { title: "Notes", context: "from 2026" };
    const document = (source: unknown, rest: Body = {}): TurnPart[] => parts([{ type: "document", source, ...rest }]);
    const head = { kind: "text", text: "Document: Notes\nContext: from 2026" };
    expect(document({ type: "base64", media_type: "application/pdf", data: "JVBERi0x" }, named)).toStrictEqual([
      head,
      { kind: "media", mimeType: "application/pdf", data: "JVBERi0x" },
    ]);
    expect(document({ type: "text", media_type: "text/plain", data: "body" }, named)).toStrictEqual([
      { kind: "text", text: `${head.text}\nbody` },
    ]);
    expect(document({ type: "content", content: "body" })).toStrictEqual([{ kind: "text", text: "body" }]);
    const blocks = [
      { type: "text", text: "a" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: picture } },
    ];
    expect(document({ type: "content", content: blocks }).map((part) => part.kind)).toStrictEqual(["text", "media"]);
    expect(document({ type: "url", url: "https://x.example/report" })).toStrictEqual([
      { kind: "file", uri: "https://x.example/report", mimeType: "application/pdf" },
    ]);
    expect(document({ type: "file", file_id: "abc" })).toMatchObject([{ kind: "file", uri: "files/abc" }]);
  });

  it("bug 34: keeps pictures and documents of tool results beside their text", () => {
    const content = [
      { type: "text", text: "one" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: picture } },
      { type: "document", title: "t", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0x" } },
      { type: "search_result", title: "s", source: "https://x", content: [{ type: "text", text: "c" }] },
      { type: "tool_reference", tool_name: "Grep" },
      { type: "browser_state" },
    ];
    expect(parts([{ type: "tool_result", tool_use_id: "toolu_1", content, is_error: true }])).toStrictEqual([
      {
        kind: "result",
        id: "toolu_1",
        name: null,
        text: "one\nDocument: t\ns\nhttps://x\nc\nTool Grep is now available.",
        isError: true,
        media: [
          { kind: "media", mimeType: "image/png", data: picture },
          { kind: "media", mimeType: "application/pdf", data: "JVBERi0x" },
        ],
      },
    ]);
  });

  it("bug 12: takes a result without its call, a string, and none at all", () => {
    const result = (content: unknown): TurnPart[] => parts([{ type: "tool_result", tool_use_id: "x", content }]);
    expect(result("done")).toMatchObject([{ kind: "result", name: null, text: "done", isError: false }]);
    expect(result(undefined)).toMatchObject([{ text: "", media: [] }]);
    expect(result([])).toMatchObject([{ text: "" }]);
  });

  it("bug 30: takes call ids of any length as they are, on both sides", () => {
    const id = `toolu_${"aB-_9".repeat(2_400)}`;
    const { turns } = read({
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "tool_use", id, name: "a", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "b" }] },
      ],
    });
    expect(turns[1]?.parts).toMatchObject([{ id }]);
    expect(turns[2]?.parts).toMatchObject([{ id }]);
  });

  it("keeps the results of server tools as short text and drops their calls", () => {
    const content = [
      { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
      {
        type: "web_search_tool_result",
        tool_use_id: "srvtoolu_1",
        content: [{ type: "web_search_result", title: "T", url: "https://x", encrypted_content: "zzz" }],
      },
      { type: "web_fetch_tool_result", content: { url: "https://y", content: { type: "document", title: "Y" } } },
      { type: "code_execution_tool_result", content: { stdout: "42", stderr: "", return_code: 0 } },
      { type: "web_search_tool_result", content: { type: "web_search_tool_result_error", error_code: "unavailable" } },
      { type: "mcp_tool_use", id: "m", name: "n", input: {} },
      { type: "mcp_tool_result", content: [{ type: "text", text: "from afar" }] },
      { type: "container_upload", file_id: "f" },
      { type: "compaction", content: "what was before" },
      { type: "of the future" },
    ];
    expect(parts(content, "assistant").map((part) => (part.kind === "text" ? part.text : part.kind))).toStrictEqual([
      "Result of web search:\n- T – https://x",
      "Result of web fetch:\n- Y – https://y",
      "Result of code execution:\n42",
      "Result of web search:\nunavailable",
      "Result of mcp:\nfrom afar",
      "what was before",
    ]);
  });

  it("bug 14: keeps a prefill as the model's last turn, without the spaces at its end", () => {
    const prefill = (content: unknown): unknown =>
      read({
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", content },
        ],
      }).turns.at(-1);
    expect(prefill("{ \n")).toStrictEqual({ role: "model", parts: [{ kind: "text", text: "{" }] });
    expect(prefill([{ type: "text", text: "  " }])).toStrictEqual({ role: "model", parts: [] });
  });
});

describe("tools", () => {
  const weather = { name: "weather", description: "d", input_schema: { type: "object", $schema: "x" } };

  it("takes name, description and schema only, of deferred tools too, each name once", () => {
    const tool = {
      ...weather,
      type: "custom",
      strict: true,
      cache_control: {},
      defer_loading: true,
      eager_input_streaming: true,
      input_examples: [{}],
      allowed_callers: ["direct"],
    };
    expect(read({ tools: [tool, weather, { name: "bare" }] }).tools).toStrictEqual([
      { name: "weather", description: "d", schema: weather.input_schema, strict: true },
      { name: "bare", description: "", schema: null, strict: false },
    ]);
  });

  it("declares typed client tools by Anthropic's published schemas", () => {
    const { tools, serverTools } = read({
      tools: [
        { type: "bash_20250124", name: "bash" },
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        { type: "text_editor_20250124", name: "str_replace_editor" },
        { type: "memory_20250818", name: "memory" },
        { type: "computer_20250124", name: "computer", display_width_px: 1024, display_height_px: 768 },
        { type: "computer_20251124", name: "computer2" },
        { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
        { type: "mcp_toolset", mcp_server_name: "x" },
      ],
    });
    expect(serverTools).toStrictEqual([]);
    const propertiesOf = (name: string): Record<string, { enum?: string[] }> =>
      tools.find((tool) => tool.name === name)?.schema?.["properties"] as never;
    expect(tools.map((tool) => tool.name)).toStrictEqual([
      "bash",
      "str_replace_based_edit_tool",
      "str_replace_editor",
      "memory",
      "computer",
      "computer2",
    ]);
    expect(Object.keys(propertiesOf("bash"))).toStrictEqual(["command", "restart"]);
    expect(propertiesOf("str_replace_based_edit_tool")["command"]?.enum).not.toContain("undo_edit");
    expect(propertiesOf("str_replace_editor")["command"]?.enum).toContain("undo_edit");
    expect(propertiesOf("memory")["command"]?.enum).toContain("rename");
    expect(propertiesOf("computer")["action"]?.enum).not.toContain("zoom");
    expect(propertiesOf("computer2")["action"]?.enum).toContain("zoom");
    expect(tools.find((tool) => tool.name === "computer")?.description).toContain("1024 x 768");
  });

  it("turns server tools into Gemini's", () => {
    const tools = [
      { type: "web_search_20250305", name: "web_search", max_uses: 8 },
      { type: "web_fetch_20260309", name: "web_fetch" },
      { type: "code_execution_20260521", name: "code_execution" },
    ];
    const { serverTools, tools: functions } = read({ tools });
    expect(serverTools).toStrictEqual(["web-search", "url-context", "code-execution"]);
    expect(functions).toStrictEqual([]);
    expect(read({ tools, tool_choice: { type: "none" } }).serverTools).toStrictEqual([]);
    // A client's own tool of that name is a function.
    expect(read({ tools: [{ name: "web_search", input_schema: {} }] })).toMatchObject({
      serverTools: [],
      tools: [{ name: "web_search" }],
    });
  });

  it.each([
    [{ type: "auto" }, { mode: "auto", names: null }],
    [{ type: "any" }, { mode: "any", names: null }],
    [{ type: "none" }, { mode: "none", names: null }],
    [
      { type: "tool", name: "weather" },
      { mode: "any", names: ["weather"] },
    ],
    [{ type: "of the future" }, { mode: "auto", names: null }],
  ])("reads tool_choice %j", (tool_choice, wanted) => {
    expect(read({ tools: [weather], tool_choice }).toolChoice).toStrictEqual(wanted);
  });

  it("forces no function when there is none", () => {
    const tools = [{ type: "web_search_20250305", name: "web_search" }];
    for (const tool_choice of [{ type: "any" }, { type: "tool", name: "web_search" }])
      expect(read({ tools, tool_choice }).toolChoice).toStrictEqual({ mode: "auto", names: null });
  });
});

describe("translateCountRequest", () => {
  it("bug 35: reads the same conversation, without max_tokens, and answers Google's count", () => {
    const body = {
      model: "gemini-3.8-flash",
      system: "s",
      tools: [{ name: "a", input_schema: {} }],
      messages: [{ role: "user", content: "hi" }],
    };
    const counted = translateCountRequest(body, { includeThoughts: true });
    if (!counted.ok) throw new Error(counted.problem.message);
    expect(counted.conversation).toStrictEqual(read({ ...body, max_tokens: undefined }));
  });

  it("refuses what the request itself would be refused for", () => {
    expect(translateCountRequest({ model: "m" }, { includeThoughts: true })).toMatchObject({
      ok: false,
      problem: { field: "messages" },
    });
  });
});
