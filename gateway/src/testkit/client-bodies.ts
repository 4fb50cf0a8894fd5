/* oxlint-disable max-lines -- one list of bodies, read from top to bottom */
/**
 * Requests shaped as real clients send them in the middle of a task (fact sheet translation 0.1, 3.7, 8.1): the fields, item
 * kinds and oddities are theirs, all words are made up.
 * @module
 */
import type { JsonObject } from "../translation/types.ts";

/** Dialects that are translated. */
export type ClientDialect = "openai-chat" | "openai-responses" | "anthropic";

/** A request of a client. */
export interface ClientBody {
  client: string;
  dialect: ClientDialect;
  body: JsonObject;
}

/** A picture of one pixel. */
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const dataUrl = `data:image/png;base64,${pixel}`;

/** What agents' tools look like: everything that Google's strict form refuses is in it. */
const schema: JsonObject = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
  properties: {
    path: { type: "string", minLength: 1, description: "Absolute path" },
    offset: { type: "integer", exclusiveMinimum: 0, maximum: 9_007_199_254_740_991 },
    mode: { type: ["string", "null"], enum: ["text", "binary", null] },
    anything: {},
    ref: { type: "string", format: "uri" },
    title: { const: "fixed" },
    nested: { type: "array", items: { $ref: "#/$defs/row" } },
  },
  required: ["path"],
  $defs: { row: { type: "object", properties: { key: { type: "string" } }, required: ["key"] } },
};

/** 32 KB of tools, as Claude Code sends them with a few MCP servers. */
const manyTools = (wrap: (name: string, description: string) => JsonObject): JsonObject[] =>
  Array.from({ length: 24 }, (_, index) =>
    wrap(`mcp__server-${index % 5}__tool.number/${index}`, "Does one thing well. ".repeat(50)),
  );

const chatTool = (name: string, description: string): JsonObject => ({
  type: "function",
  function: { name, description, parameters: schema, strict: false },
});

const chatCall = (id: string, name: string, given: string): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: given },
});

/** All of them. */
export const clientBodies: readonly ClientBody[] = [
  {
    client: "Copilot CLI: tool_choice validated, signatures in both places",
    dialect: "openai-chat",
    body: {
      model: "gemini-3.8-flash",
      stream: true,
      stream_options: { include_usage: true },
      temperature: 1,
      max_tokens: 64_000,
      reasoning_effort: "medium",
      tool_choice: "validated",
      tools: [chatTool("view", "Reads"), ...manyTools(chatTool)],
      messages: [
        { role: "system", content: "You are an agent" },
        { role: "user", content: [{ type: "text", text: "fix it" }] },
        {
          role: "assistant",
          content: null,
          refusal: null,
          reasoning_text: "…",
          reasoning_details: [
            { type: "reasoning.text", text: "…", index: 0 },
            { type: "reasoning.encrypted", id: "call_1", data: "@not ours@", format: "google-gemini-v1", index: 1 },
          ],
          tool_calls: [
            {
              ...chatCall("call_1", "view", '{"path":"/a"}'),
              extra_content: { google: { thought_signature: "skip_thought_signature_validator" } },
            },
            chatCall("call_2", "mcp__server-0__tool.number/0", ""),
          ],
        },
        { role: "tool", tool_call_id: "call_2", content: "two" },
        { role: "tool", tool_call_id: "call_1", content: "one" },
      ],
    },
  },
  {
    client: "qwen-code: content is a list everywhere, thoughts echoed",
    dialect: "openai-chat",
    body: {
      model: "gemini-2.5-pro",
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 8_000,
      tools: [chatTool("read_file", "Reads"), chatTool("run_shell_command", "Runs")],
      metadata: { sessionId: "s", promptId: "p" },
      messages: [
        { role: "system", content: "You are an agent" },
        { role: "user", content: [{ type: "text", text: "context" }] },
        { role: "assistant", content: "Got it.", reasoning_content: "hm" },
        { role: "user", content: [{ type: "text", text: "go" }] },
        {
          role: "assistant",
          content: "",
          reasoning_content: "hm",
          tool_calls: [chatCall("read_file_1", "read_file", '{"path":"/a"}')],
        },
        {
          role: "tool",
          tool_call_id: "read_file_1",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
      ],
    },
  },
  {
    client: "pi and opencode: developer only, a picture in a message after the result, the user interrupts",
    dialect: "openai-chat",
    body: {
      model: "gemini-3.8-flash",
      stream: true,
      stream_options: { include_usage: true },
      store: false,
      max_completion_tokens: 32_000,
      top_p: 0.95,
      reasoning_effort: "minimal",
      tools: [chatTool("21st_magic", "Draws"), chatTool("read", "Reads")],
      messages: [
        { role: "developer", content: "You are an agent" },
        { role: "user", content: "look" },
        {
          role: "assistant",
          content: "I look",
          tool_calls: [chatCall("c1", "read", "{}"), chatCall("c2", "21st_magic", "{bad")],
        },
        { role: "tool", tool_call_id: "c1", content: "a picture follows" },
        {
          role: "user",
          content: [
            { type: "text", text: "picture" },
            { type: "image_url", image_url: { url: dataUrl } },
          ],
        },
        { role: "user", content: "stop, do this instead" },
      ],
    },
  },
  {
    client: "LangChain and old SDKs: functions, a function role, empty texts, one id twice",
    dialect: "openai-chat",
    body: {
      model: "gemini-3.8-flash",
      stream: false,
      n: 1,
      functions: [{ name: "add", description: "", parameters: {} }],
      function_call: "auto",
      stop: null,
      messages: [
        { role: "assistant", content: "Hello, how can I help?" },
        { role: "user", content: "", name: "bob" },
        { role: "user", content: [{ type: "text", text: "" }] },
        { role: "assistant", content: null, function_call: { name: "add", arguments: "" } },
        { role: "function", name: "add", content: null },
        {
          role: "assistant",
          content: "",
          tool_calls: [chatCall("same", "add", "[1]"), chatCall("same", "add", "null")],
        },
        { role: "tool", tool_call_id: "same", content: "1" },
        { role: "tool", tool_call_id: "same", content: "2" },
        { role: "tool", tool_call_id: "nobody", content: "3" },
        { role: "assistant", content: "done" },
      ],
    },
  },
  {
    client: "Codex: developer items, namespaces, ids, content null, web search",
    dialect: "openai-responses",
    body: {
      model: "gemini-3.8-flash",
      stream: true,
      store: false,
      include: ["reasoning.encrypted_content"],
      parallel_tool_calls: false,
      prompt_cache_key: "0199-session",
      client_metadata: { "x-codex-installation-id": "i" },
      reasoning: { effort: "medium", summary: "auto" },
      text: { verbosity: "low" },
      tool_choice: "auto",
      tools: [
        { type: "function", name: "exec_command", description: "Runs", strict: false, parameters: schema },
        {
          type: "namespace",
          name: "multi_agent",
          description: "Other agents",
          tools: [{ type: "function", name: "spawn", description: "Starts one", strict: false, parameters: schema }],
        },
        { type: "web_search", external_web_access: true, search_content_types: ["text", "image"] },
        ...manyTools((name, description) => ({
          type: "function",
          name,
          description,
          strict: false,
          parameters: schema,
        })),
      ],
      input: [
        {
          type: "message",
          id: "msg_0",
          role: "developer",
          content: [{ type: "input_text", text: "You are an agent" }],
        },
        { type: "message", id: "msg_1", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
        { type: "message", id: "msg_2", role: "user", content: [{ type: "input_text", text: "<environment>" }] },
        { type: "message", id: "msg_3", role: "user", content: [{ type: "input_text", text: "go" }] },
        { type: "reasoning", id: "rs_1", summary: [], content: null, encrypted_content: "gAAAAfernet" },
        {
          type: "message",
          id: "msg_4",
          role: "assistant",
          phase: "commentary",
          content: [{ type: "output_text", text: "I look" }],
        },
        { type: "function_call", id: "fc_1", call_id: "call_1", name: "exec_command", arguments: '{"path":"/a"}' },
        {
          type: "function_call",
          id: "fc_2",
          call_id: "call_2",
          name: "spawn",
          namespace: "multi_agent",
          arguments: "{}",
        },
        { type: "function_call_output", id: "fco_2", call_id: "call_2", output: "started" },
        {
          type: "function_call_output",
          id: "fco_1",
          call_id: "call_1",
          output: [
            { type: "input_text", text: "a picture" },
            { type: "input_image", image_url: dataUrl },
          ],
        },
        { type: "message", id: "msg_5", role: "developer", content: [{ type: "input_text", text: "context changed" }] },
      ],
    },
  },
  {
    client: "Codex as gpt-5: freeform patch, tool search, local shell, foreign compaction",
    dialect: "openai-responses",
    body: {
      model: "gemini-4-carbon",
      stream: true,
      store: false,
      reasoning: { effort: "xhigh", summary: "detailed" },
      include: ["reasoning.encrypted_content"],
      tools: [
        {
          type: "custom",
          name: "apply_patch",
          description: "Patches",
          format: { type: "grammar", syntax: "lark", definition: "start: begin" },
        },
        { type: "tool_search", execution: "client", description: "Finds", parameters: schema },
        { type: "local_shell" },
        { type: "mcp", server_label: "x" },
      ],
      input: [
        { type: "compaction", id: "cmp_1", encrypted_content: "not ours" },
        { role: "user", content: "go" },
        { type: "tool_search_call", id: "ts_1", call_id: "c1", execution: "client", arguments: { query: "x" } },
        {
          type: "tool_search_output",
          call_id: "c1",
          execution: "client",
          tools: [{ type: "namespace", name: "git", tools: [{ type: "function", name: "log", parameters: schema }] }],
        },
        { type: "custom_tool_call", id: "ctc_1", call_id: "c2", name: "apply_patch", input: "*** Begin Patch" },
        { type: "custom_tool_call_output", call_id: "c2", output: "ok" },
        { type: "local_shell_call", id: "lsh_1", call_id: "c3", action: { type: "exec", command: ["ls"], env: {} } },
        { type: "local_shell_call_output", id: "lsh_1", output: "file" },
        { type: "function_call", id: "fc_1", call_id: "c4", name: "log", namespace: "git", arguments: "{}" },
      ],
    },
  },
  {
    client: "AI SDK: instructions, references to what was not stored, a schema for the answer",
    dialect: "openai-responses",
    body: {
      model: "gemini-2.5-flash",
      instructions: "Be brief",
      temperature: 0.2,
      max_output_tokens: 128_000,
      text: { format: { type: "json_schema", name: "answer", strict: true, schema } },
      tools: [{ type: "function", name: "f", description: null, parameters: { type: "object", properties: {} } }],
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "go" },
            { type: "input_image", image_url: dataUrl },
          ],
        },
        { type: "item_reference", id: "rs_0123456789abcdef01234567_0" },
        { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "1" },
        { role: "assistant", content: [{ type: "output_text", text: "one", id: "msg_x" }] },
        {
          role: "user",
          content: [{ type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjQK" }],
        },
      ],
    },
  },
  {
    client: "Claude Code: billing block, system inside messages, deferred tools, 32 KB of tools",
    dialect: "anthropic",
    body: {
      model: "gemini-3.8-flash[1m]",
      stream: true,
      max_tokens: 32_000,
      thinking: { type: "adaptive", display: "omitted" },
      output_config: { effort: "high" },
      metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=2; cch=1;" },
        { type: "text", text: "You are an agent", cache_control: { type: "ephemeral" } },
        { type: "text", text: "Rules", cache_control: { type: "ephemeral", ttl: "1h" } },
      ],
      tools: [
        { name: "Read", description: "Reads", input_schema: schema, eager_input_streaming: true },
        { name: "Bash", description: "Runs", input_schema: schema, cache_control: { type: "ephemeral" } },
        { name: "WebFetch", description: "Later", input_schema: schema, defer_loading: true },
        ...manyTools((name, description) => ({ name, description, input_schema: schema })),
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "<system-reminder>files</system-reminder>" },
            { type: "text", text: "fix it", cache_control: { type: "ephemeral" } },
          ],
        },
        { role: "system", content: "environment" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "", signature: "EqoBforeign" },
            { type: "text", text: "" },
            { type: "text", text: "I read" },
            { type: "tool_use", id: "toolu_1", name: "Read", input: { path: "/a" }, caller: { type: "direct" } },
            { type: "tool_use", id: "toolu_2", name: "Bash", input: {} },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "a hook said something" },
            { type: "tool_result", tool_use_id: "toolu_2", is_error: true, content: "exit 1" },
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: [
                { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
                { type: "tool_reference", tool_name: "WebFetch" },
              ],
            },
          ],
        },
        { role: "system", content: [{ type: "text", text: "the time has changed" }] },
      ],
    },
  },
  {
    client: "Claude Code's sub-request of a search, and an interrupted turn before it",
    dialect: "anthropic",
    body: {
      model: "gemini-2.5-pro",
      stream: true,
      max_tokens: 32_000,
      system: "x-anthropic-billing-header: a\nYou search",
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8, allowed_domains: ["x.example"] }],
      tool_choice: { type: "auto" },
      messages: [
        {
          role: "assistant",
          content: [
            { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
            {
              type: "web_search_tool_result",
              tool_use_id: "srvtoolu_1",
              content: [{ type: "web_search_result", title: "T", url: "https://x.example", encrypted_content: "e" }],
            },
            { type: "tool_use", id: "toolu_9", name: "Gone", input: { title: "kept", format: "kept", const: 1 } },
          ],
        },
        { role: "user", content: "[Request interrupted by user]" },
        { role: "assistant", content: "{" },
      ],
    },
  },
  {
    client: "the SDK's structured answer and typed tools",
    dialect: "anthropic",
    body: {
      model: "gemini-4-carbon",
      max_tokens: 1_024,
      temperature: 0.5,
      top_k: 40,
      thinking: { type: "enabled", budget_tokens: 2_048 },
      stop_sequences: ["", "END"],
      output_config: { format: { type: "json_schema", schema } },
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      tools: [
        { name: "json", input_schema: schema },
        { type: "bash_20250124", name: "bash" },
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        { type: "computer_20251124", name: "computer", display_width_px: 1024, display_height_px: 768 },
        { type: "memory_20250818", name: "memory" },
        { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "document", title: "t", source: { type: "text", media_type: "text/plain", data: "words" } },
            { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQK" } },
            { type: "search_result", title: "t", source: "s", content: [{ type: "text", text: "c" }] },
            { type: "image", source: { type: "url", url: "https://x.example/a.png" } },
          ],
        },
      ],
    },
  },
];
