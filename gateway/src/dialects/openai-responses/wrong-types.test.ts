/**
 * Known fields of wrong types: refused with their path, never quietly read as nothing (docs/dialects/README.md).
 * @module
 */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../translation/types.ts";
import { translateResponsesRequest } from "./translate-request.ts";

function problemOf(more: JsonObject) {
  const translation = translateResponsesRequest(
    { model: "gemini-3.8-flash", input: "hi", ...more },
    { includeThoughts: true, previous: null },
  );
  return translation.ok ? null : translation.problem;
}

const item = (more: JsonObject): JsonObject => ({ input: [{ role: "user", content: "hi" }, more] });
const tool = (more: JsonObject): JsonObject => ({ tools: [{ type: "function", name: "f", ...more }] });
const part = (more: JsonObject): JsonObject => ({ input: [{ role: "user", content: [more] }] });

describe("a wrong type", () => {
  it.each<[string, JsonObject]>([
    ["stream", { stream: "true" }],
    ["store", { store: "false" }],
    ["background", { background: "true" }],
    ["parallel_tool_calls", { parallel_tool_calls: "false" }],
    ["include", { include: "reasoning.encrypted_content" }],
    ["instructions", { instructions: ["be kind"] }],
    ["prompt_cache_key", { prompt_cache_key: 7 }],
    ["user", { user: {} }],
    ["service_tier", { service_tier: 1 }],
    ["reasoning", { reasoning: "high" }],
    ["reasoning.effort", { reasoning: { effort: 3 } }],
    ["reasoning.max_tokens", { reasoning: { max_tokens: "1" } }],
    ["text", { text: "json" }],
    ["text.format", { text: { format: "json_object" } }],
    ["text.format.type", { text: { format: { type: 1 } } }],
    ["google", { google: [] }],
    ["extra_body", { extra_body: "x" }],
    ["google.cached_content", { google: { cached_content: 1 } }],
    ["extra_body.google.safety_settings", { extra_body: { google: { safety_settings: "off" } } }],
    ["google.thinking_config", { google: { thinking_config: 1 } }],
    ["google.thinking_config.thinking_level", { google: { thinking_config: { thinking_level: 1 } } }],
    ["google.thinking_config.thinking_budget", { google: { thinking_config: { thinking_budget: "0" } } }],
    ["google.thinking_config.include_thoughts", { google: { thinking_config: { include_thoughts: "no" } } }],
    ["tool_choice", { ...tool({}), tool_choice: 1 }],
    ["tool_choice.type", { ...tool({}), tool_choice: {} }],
    ["tool_choice.tools", { ...tool({}), tool_choice: { type: "allowed_tools", tools: "f" } }],
    ["tools[0].description", tool({ description: ["x"] })],
    ["tools[0].parameters", tool({ parameters: "{}" })],
    ["tools[0].strict", tool({ strict: "true" })],
    ["tools[0].tools", { tools: [{ type: "namespace", name: "n", tools: {} }] }],
    ["tools[0].tools[0]", { tools: [{ type: "namespace", name: "n", tools: ["f"] }] }],
    ["tools[0].format", { tools: [{ type: "custom", name: "f", format: "text" }] }],
    ["input[1].type", item({ type: 7 })],
    ["input[1].type", item({ text: "neither type nor role" })],
    ["input[1].content", item({ role: "developer", content: { text: "x" } })],
    ["input[1].content", item({ role: "developer", content: 5 })],
    ["input[1].name", item({ type: "function_call", call_id: "c", arguments: "{}" })],
    ["input[1].name", item({ type: "custom_tool_call", call_id: "c", name: ["f"], input: "" })],
    ["input[1].namespace", item({ type: "function_call", call_id: "c", name: "f", namespace: 1 })],
    ["input[1].call_id", item({ type: "function_call", call_id: 1, name: "f" })],
    ["input[1].call_id", item({ type: "function_call_output", call_id: 1, output: "x" })],
    ["input[1].input", item({ type: "custom_tool_call", call_id: "c", name: "f", input: { patch: "x" } })],
    ["input[0].content[0].filename", part({ type: "input_file", file_data: "JVBERi0x", filename: 1 })],
    ["input[0].content[0].file_data", part({ type: "input_file", file_data: "no base64!", filename: "a.pdf" })],
    ["input[0].content[0].input_audio.data", part({ type: "input_audio", input_audio: { data: "a b\u0000" } })],
    ["input[0].content[0].image_url", part({ type: "input_image", image_url: "data:image/png;base64,!!!!" })],
  ])("of %s is refused: %j", (field, more) => {
    expect(problemOf(more)).toMatchObject({ code: "field_invalid", field });
  });

  it.each<[string, JsonObject]>([
    ["input[0].content[0].image_url", part({ type: "input_image", image_url: "http://x.example/a.png" })],
    ["input[0].content[0].file_url", part({ type: "input_file", file_url: "http://x.example/a.pdf" })],
  ])("of address at %s, which Google does not fetch, is refused", (field, more) => {
    expect(problemOf(more)).toMatchObject({ code: "field_unsupported", field });
  });

  it("is not null, nor what real clients leave out or add", () => {
    const nothing = { stream: null, store: null, instructions: null, reasoning: null, text: null, include: null };
    expect(problemOf({ ...nothing, google: null, extra_body: null, user: null, tool_choice: null })).toBeNull();
    expect(problemOf(tool({ description: null, parameters: null, strict: null }))).toBeNull();
    expect(problemOf({ text: { format: null }, reasoning: { effort: null, summary: null } })).toBeNull();
    expect(problemOf(item({ type: "function_call", id: "fc_1", name: "f", arguments: "{}" }))).toBeNull();
    expect(problemOf(item({ type: "function_call", call_id: "c", name: "f", namespace: null }))).toBeNull();
    expect(problemOf(item({ type: "reasoning", summary: [], content: null, encrypted_content: null }))).toBeNull();
    expect(problemOf(item({ type: "something_new", id: 7 }))).toBeNull();
    expect(problemOf(part({ type: "input_image", image_url: "http://127.0.0.1:9/v1beta/files/abc" }))).toBeNull();
  });

  it("is told in few words, however long the value is", () => {
    const message = problemOf({ previous_response_id: "x".repeat(1_000_000) })?.message ?? "";
    expect(message.length).toBeLessThan(400);
  });
});
