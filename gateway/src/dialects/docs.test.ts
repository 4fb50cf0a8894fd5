import { describe, expect, it } from "vitest";
import {
  geminiRequest,
  namesInReaders,
  readDialectPage,
  valueAt,
  watched,
  type PageRow,
} from "../testkit/dialect-page.ts";
import type { Conversation, JsonObject, Translation } from "../translation/types.ts";
import { translateMessagesRequest } from "./anthropic/translate-request.ts";
import { translateChatRequest } from "./openai-chat/translate/translate-request.ts";
import { translateResponsesRequest } from "./openai-responses/translate-request.ts";

/** A request that is refused: what is added to a minimal one, and where the fault is. */
type Refusal = [more: JsonObject, field: string, code?: "field_invalid" | "previous_response_not_found"];

interface Dialect {
  translate: (body: JsonObject) => Translation;
  /** The least that is a request. */
  least: JsonObject;
  /** Files that read requests. */
  readers: string;
  /** For each field with a counterpart: members with which it shows; the field itself is taken out again. */
  mapped: Record<string, JsonObject>;
  /** For each row that names a 400. */
  refusals: Record<string, Refusal[]>;
  /** The least request with one more item, block or tool of a kind. */
  withKind: (table: string, type: string) => JsonObject;
}

const hello = { role: "user", content: "hi" };
const parameters = { type: "object", properties: { a: { type: "string" } } };
const schema = { type: "object", properties: { a: { type: "string" } } };
const image = "gemini-3-pro-image";
const google = {
  google: {
    cached_content: "cachedContents/1",
    safety_settings: [{ category: "c", threshold: "t" }],
    thinking_config: { thinking_budget: 512 },
  },
};

const chatTool = { type: "function", function: { name: "f", parameters } };
const chatPart = (part: JsonObject): JsonObject => ({ messages: [{ role: "user", content: [part] }] });

const chat: Dialect = {
  translate: (body) => translateChatRequest(body, { includeThoughts: true }),
  least: { model: "gemini-2.5-pro", messages: [hello] },
  readers:
    "openai-chat/translate/{translate-request,fields,tools,tool-choice,format,thinking,*message*,parts,file-part,carried-*}.ts",
  withKind: (table, type) => (table === "Tools" ? { tools: [{ type, name: "x" }] } : chatPart({ type })),
  mapped: {
    messages: {
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "other" },
      ],
    },
    max_completion_tokens: { max_completion_tokens: 5000 },
    max_tokens: { max_tokens: 5000 },
    temperature: { temperature: 0.5 },
    top_p: { top_p: 0.5 },
    top_k: { top_k: 5 },
    stop: { stop: ["x"] },
    seed: { seed: 7 },
    reasoning_effort: { reasoning_effort: "low" },
    reasoning: { reasoning: { effort: "low" } },
    thinking: { thinking: { type: "enabled", budget_tokens: 512 } },
    enable_thinking: { enable_thinking: false },
    thinking_budget: { thinking_budget: 512 },
    response_format: { response_format: { type: "json_schema", json_schema: { name: "n", schema } } },
    tools: { tools: [chatTool] },
    functions: { functions: [{ name: "f", parameters }] },
    tool_choice: { tools: [chatTool], tool_choice: "required" },
    function_call: { functions: [{ name: "f", parameters }], function_call: { name: "f" } },
    web_search_options: { web_search_options: {} },
    modalities: { model: image, modalities: ["text", "image"] },
    audio: { model: "gemini-3.8-flash-tts", modalities: ["text", "audio"], audio: { voice: "Kore", format: "wav" } },
    extra_body: { extra_body: google },
    google,
    cached_content: { cached_content: "cachedContents/1" },
    cachedContent: { cachedContent: "cachedContents/1" },
    safety_settings: { safety_settings: [{}] },
    safetySettings: { safetySettings: [{}] },
    service_tier: { service_tier: "flex" },
  },
  refusals: {
    "Request n": [[{ n: 2 }, "n"]],
    "Request reasoning_effort": [[{ reasoning_effort: "huge" }, "reasoning_effort", "field_invalid"]],
    "Request reasoning": [[{ reasoning: { effort: "huge" } }, "reasoning.effort", "field_invalid"]],
    "Request response_format": [[{ response_format: { type: "xml" } }, "response_format.type"]],
    "Request tool_choice": [
      [
        { tools: [chatTool], tool_choice: { type: "function", function: { name: "g" } } },
        "tool_choice",
        "field_invalid",
      ],
      [{ functions: [{ name: "f" }], function_call: { name: "g" } }, "function_call", "field_invalid"],
    ],
    "Request modalities": [[{ modalities: ["video"] }, "modalities[0]"]],
    "Request audio": [[{ modalities: ["audio"], audio: { voice: "Kore", format: "mp3" } }, "audio.format"]],
    "Messages role system": [
      [
        { messages: [{ role: "system", content: [{ type: "image_url", image_url: "https://x/y.png" }] }, hello] },
        "messages[0].content",
      ],
    ],
    "Messages role tool": [
      [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id", "field_invalid"],
    ],
    "Messages any other role": [[{ messages: [{ role: "bot", content: "x" }] }, "messages[0].role", "field_invalid"]],
    "Messages part image_url": [
      [chatPart({ type: "image_url", image_url: { url: "http://x/y.png" } }), "messages[0].content[0].image_url.url"],
    ],
    "Messages part input_audio": [
      [
        chatPart({ type: "input_audio", input_audio: { data: "AAAA", format: "midi" } }),
        "messages[0].content[0].input_audio.format",
      ],
    ],
    "Messages part file": [
      [chatPart({ type: "file", file: { file_id: "file-1" } }), "messages[0].content[0].file.file_id", "field_invalid"],
    ],
    "Messages any other part": [[chatPart({ type: "hologram" }), "messages[0].content[0].type"]],
    "Tools function": [[{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name", "field_invalid"]],
    "Tools any other type": [[{ tools: [{ type: "file_search" }] }, "tools[0].type"]],
  },
};

const flatTool = { type: "function", name: "f", parameters };
const item = (more: JsonObject): JsonObject => ({ input: [hello, more] });
const userPart = (part: JsonObject): JsonObject => ({ input: [{ role: "user", content: [part] }] });

const responses: Dialect = {
  translate: (body) =>
    translateResponsesRequest(body, {
      includeThoughts: true,
      previous: body["previous_response_id"] === "resp_known" ? [{ role: "user", content: "before" }] : null,
    }),
  least: { model: "gemini-2.5-pro", input: [hello] },
  readers: "openai-responses/{translate-request,read-*,builtin-tools,toolbox,tool-choice,stored-turns}.ts",
  withKind: (table, type) => (table === "Tools" ? { tools: [{ type, name: "x" }] } : item({ type })),
  mapped: {
    input: {
      input: [
        { role: "system", content: "be brief" },
        { role: "user", content: "other" },
      ],
    },
    instructions: { instructions: "be brief" },
    previous_response_id: { previous_response_id: "resp_known" },
    max_output_tokens: { max_output_tokens: 5000 },
    temperature: { temperature: 0.5 },
    top_p: { top_p: 0.5 },
    top_k: { top_k: 5 },
    seed: { seed: 7 },
    reasoning: { reasoning: { effort: "low" } },
    text: { text: { format: { type: "json_schema", name: "n", schema } } },
    tools: { tools: [flatTool] },
    tool_choice: { tools: [flatTool], tool_choice: "required" },
    extra_body: { extra_body: google },
    google,
    service_tier: { service_tier: "flex" },
  },
  refusals: {
    "Request previous_response_id": [
      [{ previous_response_id: "resp_x" }, "previous_response_id", "previous_response_not_found"],
    ],
    "Request text": [[{ text: { format: { type: "xml" } } }, "text.format.type"]],
    "Request tool_choice": [
      [{ tools: [flatTool], tool_choice: { type: "function", name: "g" } }, "tool_choice", "field_invalid"],
      [{ tools: [{ type: "file_search" }], tool_choice: { type: "file_search" } }, "tool_choice"],
    ],
    "Request background": [[{ background: true }, "background"]],
    "Request conversation": [
      [{ conversation: "conv_1" }, "conversation"],
      [{ prompt: { id: "p" } }, "prompt"],
    ],
    "Items message of any other role": [[item({ role: "bot", content: "x" }), "input[1].role", "field_invalid"]],
    "Items part input_image": [
      [userPart({ type: "input_image", file_id: "file-1" }), "input[0].content[0].file_id", "field_invalid"],
      [userPart({ type: "input_image", image_url: "http://x/y.png" }), "input[0].content[0].image_url"],
    ],
    "Items part input_file": [
      [userPart({ type: "input_file", file_id: "file-1" }), "input[0].content[0].file_id", "field_invalid"],
      [userPart({ type: "input_file", file_data: "AAAA" }), "input[0].content[0].filename", "field_invalid"],
    ],
    "Items any other part of a user": [[userPart({ type: "hologram" }), "input[0].content[0].type"]],
    "Tools function": [[{ tools: [{ type: "function" }] }, "tools[0].name", "field_invalid"]],
    "Tools file_search": [[{ tools: [{ type: "mcp" }], tool_choice: "required" }, "tools"]],
  },
};

const messagesTool = { name: "f", input_schema: schema };
const block = (content: JsonObject, role = "user"): JsonObject => ({ messages: [hello, { role, content: [content] }] });

const anthropic: Dialect = {
  translate: (body) => translateMessagesRequest(body, { includeThoughts: true }),
  least: { model: "gemini-2.5-pro", max_tokens: 5000, messages: [hello] },
  readers: "anthropic/{translate-request,read-*,typed-tools}.ts",
  withKind: (table, type) =>
    table === "Tools"
      ? { tools: [{ type, name: "x" }] }
      : { messages: [{ role: "user", content: [{ type: "text", text: "hi" }, { type }] }] },
  mapped: {
    system: { system: "be brief" },
    messages: { messages: [{ role: "user", content: "other" }] },
    max_tokens: { max_tokens: 6000 },
    temperature: { temperature: 0.5 },
    top_p: { top_p: 0.5 },
    top_k: { top_k: 5 },
    stop_sequences: { stop_sequences: ["x"] },
    thinking: { thinking: { type: "enabled", budget_tokens: 512 } },
    output_config: { output_config: { effort: "low", format: { type: "json_schema", schema } } },
    output_format: { output_format: { type: "json_schema", schema } },
    tools: { tools: [messagesTool] },
    tool_choice: { tools: [messagesTool], tool_choice: { type: "any" } },
  },
  refusals: {
    "Request tool_choice": [
      [{ tools: [messagesTool], tool_choice: { type: "tool", name: "g" } }, "tool_choice.name", "field_invalid"],
    ],
    "Request output_config": [[{ output_config: { format: { type: "grammar" } } }, "output_config.format.type"]],
    "Request output_format": [[{ output_format: { type: "grammar" } }, "output_format.type"]],
    "Messages and blocks any other role": [
      [{ messages: [{ role: "bot", content: "x" }] }, "messages[0].role", "field_invalid"],
    ],
    "Messages and blocks image": [
      [block({ type: "image", source: { type: "url", url: "http://x/y.png" } }), "messages[1].content[0].source.url"],
      [
        block({ type: "image", source: { type: "file", file_id: "file_011CNha8" } }),
        "messages[1].content[0].source.file_id",
      ],
    ],
    "Messages and blocks tool_use": [
      [block({ type: "tool_use", id: "t", name: "f", input: {} }), "messages[1].content[0].type", "field_invalid"],
    ],
    "Messages and blocks tool_result": [
      [block({ type: "tool_result", tool_use_id: "t" }, "assistant"), "messages[1].content[0].type", "field_invalid"],
    ],
    "Tools custom": [[{ tools: [{ input_schema: schema }] }, "tools[0].name", "field_invalid"]],
  },
};

const dialects = { "openai-chat": chat, "openai-responses": responses, anthropic };

describe.each(Object.entries(dialects))("docs/dialects/%s.md", (name, dialect) => {
  const page = readDialectPage(name);
  const shared = readDialectPage("README");
  const request = page.rows.filter(({ id }) => id.startsWith("Request "));
  const conversationOf = (body: JsonObject): Conversation => {
    const translation = dialect.translate(body);
    if (!translation.ok) throw new Error(`${translation.problem.field}: ${translation.problem.message}`);
    return translation.conversation;
  };
  const base = conversationOf(dialect.least);
  const rowsOf = (rows: readonly PageRow[], loss: RegExp): string[][] =>
    rows.filter((row) => loss.test(row.loss)).flatMap((row) => row.fields.map((field) => [field, row.id]));

  it("says of each row what is lost, in the words that README explains", () => {
    expect(page.rows.length).toBeGreaterThan(30);
    for (const { id, loss } of page.rows) expect(loss, id).toMatch(/^(none|some: |dropped: |ignored|400: |see below)/);
  });

  it("has every field, item, block and tool that the readers look for", () => {
    const names = namesInReaders(dialect.readers);
    expect(names.size).toBeGreaterThan(40);
    const missing = [...names].filter((one) => !page.names.has(one) && !shared.names.has(one));
    expect(missing).toEqual([]);
  });

  it("has a row for each member of the body that is read", () => {
    const known = new Set(request.flatMap(({ fields }) => fields));
    const bodies = [dialect.least, ...Object.values(dialect.mapped).map((more) => ({ ...dialect.least, ...more }))];
    for (const one of bodies) {
      const { body, read } = watched(one);
      dialect.translate(body);
      expect([...read].filter((field) => !known.has(field))).toEqual([]);
    }
  });

  it("names a 400 in exactly those rows that have one", () => {
    const rows = page.rows.filter(({ loss }) => loss.startsWith("400")).map(({ id }) => id);
    expect(rows.toSorted()).toEqual(Object.keys(dialect.refusals).toSorted());
  });

  it.each(Object.entries(dialect.refusals))("refuses what the row '%s' says, and names the field", (_row, examples) => {
    for (const [more, field, code = "field_unsupported"] of examples) {
      const translation = dialect.translate({ ...dialect.least, ...more });
      expect(translation).toMatchObject({ ok: false, problem: { field, code } });
    }
  });

  it.each(rowsOf(request, /^ignored/))("ignores %s, whatever it is", (field) => {
    for (const value of ["x", 7, true, null, { a: 1 }, ["x"], { type: "x", id: "y" }])
      expect(conversationOf({ ...dialect.least, [field]: value })).toEqual(base);
  });

  it.each(rowsOf(request, /^dropped/))("sends nothing of %s", (field) => {
    for (const value of field === "metadata" ? [{ a: "b" }] : [0.5, 2])
      expect(geminiRequest(conversationOf({ ...dialect.least, [field]: value }))).toEqual(geminiRequest(base));
  });

  it("ignores the kinds that it says it does", () => {
    const kinds = page.rows.filter(({ id, loss }) => !id.startsWith("Request ") && loss.startsWith("ignored"));
    for (const { id, fields } of kinds)
      for (const type of fields.filter((field) => /^\w+$/.test(field) && field !== "input_schema")) {
        const table = id.startsWith("Tools ") ? "Tools" : "";
        const conversation = conversationOf({ ...dialect.least, ...dialect.withKind(table, type) });
        expect({ ...conversation, stream: false }, type).toEqual({ ...base, stream: false });
      }
  });

  const counterparts = request.flatMap(({ fields, paths }) =>
    fields.map(
      (field, index) => [field, paths.length === fields.length ? paths.slice(index, index + 1) : paths] as const,
    ),
  );
  it.each(counterparts.filter(([, paths]) => paths.length > 0))("maps %s to %j", (field, paths) => {
    const more = dialect.mapped[field];
    if (more === undefined) throw new Error(`there is no example of ${field}`);
    const { [field]: own, ...rest } = { ...dialect.least, ...more };
    // What a request cannot be without stays as it is in the least one.
    const without = field in dialect.least ? { ...rest, [field]: dialect.least[field] } : rest;
    const [before, after] = [without, { ...rest, [field]: own }].map((body) => geminiRequest(conversationOf(body)));
    for (const path of paths) {
      const value = valueAt(after as JsonObject, path);
      expect(value, path).toBeDefined();
      expect(value, path).not.toEqual(valueAt(before as JsonObject, path));
    }
  });
});
