import { describe, expect, it } from "vitest";
import { conversationOf, translated, unary } from "../../testkit/responses-answer.ts";
import type { JsonObject, RequestProblem, Turn, TurnPart } from "../../translation/types.ts";
import { writeCompaction } from "./compaction.ts";
import { previousResponseId, referencedResponseId, translateResponsesRequest } from "./translate-request.ts";

const png = "iVBORw0KGgoAAA==";

function turnsOf(input: unknown, previous: readonly unknown[] | null = null): Turn[] {
  return conversationOf({ input }, previous).turns;
}

function problemOf(body: unknown): RequestProblem | null {
  const translation = translateResponsesRequest(body, { includeThoughts: true, previous: null });
  return translation.ok ? null : translation.problem;
}

function userParts(...content: JsonObject[]): TurnPart[] {
  return turnsOf([{ role: "user", content }])[0]?.parts ?? [];
}

describe("fields", () => {
  it("are read into the middle shape", () => {
    expect(
      conversationOf({
        model: "models/gemini-3.8-flash",
        stream: true,
        instructions: "Be kind",
        input: "hi",
        temperature: 3,
        top_p: 0.5,
        max_output_tokens: 100,
        reasoning: { effort: "high", summary: "auto" },
        prompt_cache_key: "k",
        user: "u",
        service_tier: "flex",
        metadata: { never: "sent" },
        unheard_of: 1,
      }),
    ).toEqual({
      model: "gemini-3.8-flash",
      stream: true,
      system: ["Be kind"],
      turns: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
      tools: [],
      serverTools: [],
      toolChoice: { mode: "auto", names: null },
      sampling: {
        temperature: 2,
        topP: 0.5,
        topK: null,
        seed: null,
        presencePenalty: null,
        frequencyPenalty: null,
      },
      maxOutputTokens: 100,
      stop: [],
      thinking: { effort: "high", budget: null, level: null, includeThoughts: true },
      format: { kind: "text" },
      modalities: [],
      voice: null,
      google: { serviceTier: "flex" },
      carriers: [],
      conversationKey: "k",
    });
  });

  it("that need state at OpenAI are refused by name", () => {
    expect(problemOf({ model: "m", input: "x", background: true })).toMatchObject({
      code: "field_unsupported",
      field: "background",
    });
    expect(problemOf({ model: "m", input: "x", conversation: "conv_1" })?.field).toBe("conversation");
    expect(problemOf({ model: "m", prompt: { id: "p" }, input: "x" })?.field).toBe("prompt");
    expect(problemOf({ model: "m", input: "x", background: false, conversation: null })).toBeNull();
  });

  it("of a wrong kind are refused by name", () => {
    expect(problemOf(undefined)).toMatchObject({ code: "field_invalid", field: "" });
    expect(problemOf([])?.field).toBe("");
    expect(problemOf({ input: "x" })?.field).toBe("model");
    expect(problemOf({ model: "m" })?.field).toBe("input");
    expect(problemOf({ model: "m", input: 1 })?.field).toBe("input");
    expect(problemOf({ model: "m", input: ["x"] })?.field).toBe("input[0]");
    expect(problemOf({ model: "m", input: "x", temperature: "hot" })?.field).toBe("temperature");
    expect(problemOf({ model: "m", input: "x", tools: {} })?.field).toBe("tools");
    expect(problemOf({ model: "m", input: "x", text: { format: { type: "yaml" } } })).toMatchObject({
      code: "field_unsupported",
      field: "text.format.type",
    });
  });

  it("text.format asks for JSON", () => {
    const formatOf = (format: JsonObject): unknown => conversationOf({ text: { format } }).format;
    const schema = { type: "object" };
    expect(formatOf({ type: "json_object" })).toEqual({ kind: "json-object" });
    expect(formatOf({ type: "json_schema", name: "n", schema, strict: true })).toEqual({
      kind: "json-schema",
      name: "n",
      schema,
    });
  });

  it("show thoughts where a summary is asked and the gateway is set so", () => {
    const body = { model: "m", input: "x", reasoning: { summary: "detailed" } };
    const read = (includeThoughts: boolean): unknown => {
      const translation = translateResponsesRequest(body, { includeThoughts, previous: null });
      return translation.ok ? translation.conversation.thinking.includeThoughts : "problem";
    };
    expect([read(true), read(false)]).toEqual([true, false]);
    expect(conversationOf({}).thinking.includeThoughts).toBeNull();
  });

  it("of Google's own win over reasoning", () => {
    const { thinking, google } = conversationOf({
      reasoning: { effort: "low" },
      extra_body: { google: { thinking_config: { thinking_level: "high" }, cached_content: "cachedContents/1" } },
    });
    expect(thinking).toMatchObject({ effort: null, level: "HIGH", budget: null });
    expect(google).toEqual({ cachedContent: "cachedContents/1" });
  });
});

describe("messages", () => {
  it("put leading system and developer texts into the system, later ones where they stand", () => {
    const { system, turns } = conversationOf({
      instructions: "a",
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "b" }] },
        { role: "system", content: "c" },
        { role: "user", content: "hi" },
        { role: "developer", content: "d" },
      ],
    });
    expect(system).toEqual(["a", "b", "c"]);
    expect(turns).toEqual([
      {
        role: "user",
        parts: [
          { kind: "text", text: "hi" },
          { kind: "text", text: "<system-reminder>\nd\n</system-reminder>" },
        ],
      },
    ]);
  });

  it("carry pictures, files and sound", () => {
    expect(
      userParts(
        { type: "input_text", text: "see" },
        { type: "input_image", image_url: `data:image/jpg;base64,${png}` },
        { type: "input_image", image_url: "https://x.example/a.webp?b=c" },
        { type: "input_image", file_id: "files/abc" },
        { type: "input_file", filename: "a.pdf", file_data: "JVBERi0x" },
        { type: "input_file", filename: "a.ts", file_data: `data:application/octet-stream;base64,${btoa("let a;")}` },
        { type: "input_file", file_url: "https://x.example/b.pdf" },
        { type: "input_audio", input_audio: { data: "AA==", format: "mp3" } },
      ),
    ).toEqual([
      { kind: "text", text: "see" },
      { kind: "media", mimeType: "image/png", data: png },
      { kind: "file", uri: "https://x.example/a.webp?b=c", mimeType: "image/webp" },
      { kind: "file", uri: "files/abc", mimeType: null },
      { kind: "media", mimeType: "application/pdf", data: "JVBERi0x" },
      { kind: "text", text: "filename: a.ts\n\nlet a;" },
      { kind: "file", uri: "https://x.example/b.pdf", mimeType: "application/pdf" },
      { kind: "media", mimeType: "audio/mp3", data: "AA==" },
    ]);
  });

  it("that cannot be given to Gemini are refused with the path", () => {
    const fieldOf = (part: JsonObject): string | undefined =>
      problemOf({ model: "m", input: [{ role: "user", content: ["x", part] }] })?.field;
    expect(fieldOf({ type: "input_video" })).toBe("input[0].content[1].type");
    expect(fieldOf({ type: "input_image" })).toBe("input[0].content[1].image_url");
    expect(fieldOf({ type: "input_image", image_url: "blob:1" })).toBe("input[0].content[1].image_url");
    expect(fieldOf({ type: "input_image", file_id: "file-abc" })).toBe("input[0].content[1].file_id");
    expect(fieldOf({ type: "input_file", file_data: "AAAA" })).toBe("input[0].content[1].filename");
    expect(problemOf({ model: "m", input: [{ role: "robot", content: "x" }] })?.field).toBe("input[0].role");
  });

  it("of the model keep their texts, whatever else is in them", () => {
    expect(
      turnsOf([
        {
          role: "assistant",
          phase: "final_answer",
          content: [{ type: "output_text", text: "a" }, { type: "refusal", refusal: "b" }, { type: "novelty" }],
        },
      ]),
    ).toEqual([
      {
        role: "model",
        parts: [
          { kind: "text", text: "a" },
          { kind: "text", text: "b" },
        ],
      },
    ]);
  });
});

describe("items", () => {
  it("make one model turn of what the model said at once, and one user turn of the outputs", () => {
    expect(
      turnsOf([
        { role: "user", content: "go" },
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], content: null },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "I will" }] },
        { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: '{"a":1}' },
        { type: "function_call", call_id: "call_2", name: "g", namespace: "ns", arguments: "" },
        { type: "function_call_output", call_id: "call_1", output: "one" },
        { type: "function_call_output", call_id: "call_2", output: "two" },
      ]),
    ).toEqual([
      { role: "user", parts: [{ kind: "text", text: "go" }] },
      {
        role: "model",
        parts: [
          { kind: "text", text: "I will" },
          { kind: "call", id: "call_1", name: "f", args: { a: 1 }, signature: null },
          { kind: "call", id: "call_2", name: "ns__g", args: {}, signature: null },
        ],
      },
      {
        role: "user",
        parts: [
          { kind: "result", id: "call_1", name: null, text: "one", isError: false, media: [] },
          { kind: "result", id: "call_2", name: null, text: "two", isError: false, media: [] },
        ],
      },
    ]);
  });

  it("of reasoning make no turn; our envelopes are carriers, foreign ones are dropped silently (bugs 13, 31)", () => {
    const { turns, carriers } = conversationOf({
      input: [
        { role: "user", content: "go" },
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gp1.abc" },
        {
          type: "reasoning",
          id: "rs_2",
          summary: [{ type: "summary_text", text: "x" }],
          encrypted_content: "gAAAA-foreign",
        },
        { type: "reasoning", id: "rs_3", summary: [] },
        { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
      ],
    });
    expect(carriers).toEqual(["gp1.abc"]);
    expect(turns.map(({ role, parts }) => [role, parts.length])).toEqual([
      ["user", 1],
      ["model", 1],
    ]);
  });

  it("keep a call whose arguments are not JSON or no object (bug 17)", () => {
    const argsOf = (text: unknown): unknown =>
      turnsOf([{ type: "function_call", call_id: "c", name: "f", arguments: text }])[0]?.parts[0];
    expect(argsOf("{broken")).toMatchObject({ args: { _raw: "{broken" } });
    expect(argsOf("[1]")).toMatchObject({ args: { value: [1] } });
    expect(argsOf("null")).toMatchObject({ args: {} });
    expect(argsOf(undefined)).toMatchObject({ args: {} });
  });

  it("take outputs as lists with pictures (bug 34)", () => {
    expect(
      turnsOf([
        {
          type: "function_call_output",
          call_id: "c",
          output: [
            { type: "input_text", text: "a" },
            { type: "input_image", image_url: `data:image/png;base64,${png}` },
            { type: "input_text", text: "b" },
          ],
        },
        {
          type: "computer_call_output",
          call_id: "d",
          output: { type: "computer_screenshot", image_url: `data:;base64,${png}` },
        },
      ])[0]?.parts,
    ).toMatchObject([
      { kind: "result", id: "c", text: "a\nb", media: [{ kind: "media", mimeType: "image/png", data: png }] },
      { kind: "result", id: "d", text: "", media: [{ kind: "media", mimeType: "image/png" }] },
    ]);
  });

  it("of tools that are declared by kind become calls of their functions", () => {
    const parts = turnsOf([
      { type: "custom_tool_call", call_id: "1", name: "apply_patch", input: "*** Begin" },
      {
        type: "local_shell_call",
        id: "lsh_1",
        call_id: "2",
        action: { type: "exec", command: ["ls"], env: {}, working_directory: "/x" },
      },
      { type: "shell_call", call_id: "3", action: { commands: ["ls"], timeout_ms: 5 } },
      { type: "apply_patch_call", call_id: "4", operation: { type: "delete_file", path: "a" } },
      { type: "computer_call", call_id: "5", action: { type: "click" } },
      { type: "tool_search_call", call_id: "6", arguments: { query: "q" } },
      { type: "custom_tool_call_output", call_id: "1", output: "done" },
      { type: "local_shell_call_output", id: "lsh_1", output: "a.txt" },
      {
        type: "shell_call_output",
        call_id: "3",
        output: [{ stdout: "x", stderr: "", outcome: { type: "exit", exit_code: 0 } }],
      },
      { type: "apply_patch_call_output", call_id: "4", status: "failed" },
    ]).flatMap((turn) => turn.parts);
    expect(parts).toMatchObject([
      { kind: "call", id: "1", name: "apply_patch", args: { input: "*** Begin" } },
      { kind: "call", id: "2", name: "local_shell", args: { command: ["ls"], workdir: "/x" } },
      { kind: "call", id: "3", name: "shell", args: { commands: ["ls"], timeout_ms: 5 } },
      { kind: "call", id: "4", name: "apply_patch", args: { operation: { path: "a" } } },
      { kind: "call", id: "5", name: "computer", args: { action: { type: "click" } } },
      { kind: "call", id: "6", name: "tool_search", args: { query: "q" } },
      { kind: "result", id: "1", text: "done" },
      { kind: "result", id: "2", text: "a.txt" },
      { kind: "result", id: "3", text: '[{"stdout":"x","stderr":"","outcome":{"type":"exit","exit_code":0}}]' },
      { kind: "result", id: "4", text: "status: failed", isError: true },
    ]);
  });

  it("that a search found, or a client adds, are tools from then on", () => {
    const { tools, turns } = conversationOf({
      tools: [{ type: "function", name: "a" }],
      input: [
        {
          type: "tool_search_output",
          call_id: "1",
          tools: [{ type: "namespace", name: "ns", tools: [{ type: "function", name: "b" }] }],
        },
        {
          type: "additional_tools",
          role: "developer",
          tools: [
            { type: "function", name: "c" },
            { type: "function", name: "a" },
          ],
        },
      ],
    });
    expect(tools.map(({ name }) => name)).toEqual(["a", "ns__b", "c"]);
    expect(turns[0]?.parts[0]).toMatchObject({ kind: "result", id: "1", text: "Found tools: ns__b" });
  });

  it("that only inform, or are unknown, are left out", () => {
    const { turns } = conversationOf({
      input: [
        { role: "user", content: "hi" },
        { type: "web_search_call", id: "ws_1", action: {} },
        { type: "mcp_list_tools", id: "m" },
        { type: "file_search_call", id: "f" },
        { type: "code_interpreter_call", id: "c" },
        { type: "novelty" },
        { type: "compaction", id: "cmp_1", encrypted_content: "foreign" },
        { type: "compaction", id: "cmp_2", encrypted_content: writeCompaction("Sum") },
        { type: "image_generation_call", id: "ig_1", result: png, output_format: "png" },
      ],
    });
    expect(turns).toMatchObject([
      { role: "user", parts: [{ text: "hi" }, { text: expect.stringContaining("Sum") as string }] },
      { role: "model", parts: [{ kind: "media", mimeType: "image/png", data: png }] },
    ]);
  });
});

describe("compaction_trigger", () => {
  it("as the last item asks for a summary, without tools", () => {
    const { turns, tools, toolChoice, format } = conversationOf({
      tools: [{ type: "function", name: "f" }, { type: "web_search" }],
      tool_choice: "required",
      text: { format: { type: "json_object" } },
      input: [{ role: "user", content: "a" }, { role: "assistant", content: "b" }, { type: "compaction_trigger" }],
    });
    expect(turns.map(({ role }) => role)).toEqual(["user", "model", "user"]);
    expect(JSON.stringify(turns[2])).toContain("hand-over");
    expect({ tools, toolChoice, format }).toEqual({
      tools: [],
      toolChoice: { mode: "none", names: null },
      format: { kind: "text" },
    });
  });

  it("elsewhere is nothing", () => {
    expect(turnsOf([{ type: "compaction_trigger" }, { role: "user", content: "a" }])).toHaveLength(1);
  });
});

describe("previous_response_id and item_reference", () => {
  const before = [
    { type: "message", role: "user", content: "one" },
    { id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "two" }] },
  ];

  it("puts the stored items before the new ones", () => {
    expect(
      conversationOf({ input: "three", previous_response_id: "resp_1" }, before).turns.flatMap(({ parts }) => parts),
    ).toMatchObject([{ text: "one" }, { text: "two" }, { text: "three" }]);
    expect(conversationOf({ input: null, previous_response_id: "resp_1" }, before).turns).toHaveLength(2);
  });

  it("that is not known is a problem with the code that SDKs look for", () => {
    expect(problemOf({ model: "m", input: "x", previous_response_id: "resp_1" })).toMatchObject({
      code: "previous_response_not_found",
      field: "previous_response_id",
    });
  });

  it("is told beforehand: the response that is named", () => {
    expect(previousResponseId({ previous_response_id: "resp_1" })).toBe("resp_1");
    expect(previousResponseId({ input: "x", previous_response_id: null })).toBeNull();
    expect(previousResponseId({ previous_response_id: "" })).toBeNull();
    expect(previousResponseId(undefined)).toBeNull();
  });

  it("is told beforehand: the response of the last reference to an item of ours", () => {
    const foreign = { type: "item_reference", id: "rs_68af4030592c8190" };
    expect(referencedResponseId(undefined)).toBeNull();
    expect(referencedResponseId({ input: "x" })).toBeNull();
    expect(referencedResponseId({ input: [foreign] })).toBeNull();
    const response = unary({}, [{ kind: "text", text: "x", signature: null }]);
    const id = (response["output"] as JsonObject[])[0]?.["id"];
    const input = [{ type: "item_reference", id }, foreign, { role: "user", content: "x" }];
    expect(referencedResponseId({ input })).toBe(response["id"]);
    expect(previousResponseId({ input })).toBeNull();
  });

  it("references are replaced by what they refer to, unknown ones left out", () => {
    const input = [
      { role: "user", content: "one" },
      { type: "item_reference", id: "msg_1" },
      { type: "item_reference", id: "msg_unknown" },
      { id: "rs_unknown" },
      { role: "user", content: "three" },
    ];
    expect(turnsOf(input, before).flatMap(({ parts }) => parts)).toMatchObject([
      { text: "one" },
      { text: "two" },
      { text: "three" },
    ]);
    expect(turnsOf(input).flatMap(({ parts }) => parts)).toMatchObject([{ text: "one" }, { text: "three" }]);
  });

  it("problems name positions in the client's own input", () => {
    const translation = translateResponsesRequest(
      { model: "m", previous_response_id: "r", input: [{ role: "robot" }] },
      { includeThoughts: true, previous: before },
    );
    expect(translation).toMatchObject({ ok: false, problem: { field: "input[0].role" } });
  });
});

describe("the writer's choice of the model's name", () => {
  it("is the client's", () => {
    expect(translated({}).conversation.model).toBe("gemini-3.8-flash");
    expect(unary({ model: "models/x" }, [])["model"]).toBe("gemini-3.8-flash");
  });
});
