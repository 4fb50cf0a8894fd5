/**
 * Known fields of wrong types: refused with their path, never quietly read as nothing (docs/dialects/README.md).
 * @module
 */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../translation/types.ts";
import { translateChatRequest } from "./translate-request.ts";

function problemOf(more: JsonObject) {
  const translation = translateChatRequest(
    { model: "gemini-3.8-flash", messages: [{ role: "user", content: "hi" }], ...more },
    { includeThoughts: true },
  );
  return translation.ok ? null : translation.problem;
}

const tool = (more: JsonObject): JsonObject => ({ tools: [{ type: "function", function: { name: "f", ...more } }] });
const assistant = (more: JsonObject): JsonObject => ({ messages: [{ role: "assistant", content: null, ...more }] });

describe("a wrong type", () => {
  it.each<[string, JsonObject]>([
    ["stream_options", { stream_options: true }],
    ["stream_options.include_usage", { stream_options: { include_usage: "true" } }],
    ["reasoning_effort", { reasoning_effort: 3 }],
    ["reasoning", { reasoning: "high" }],
    ["thinking", { thinking: "enabled" }],
    ["extra_body", { extra_body: "x" }],
    ["extra_body.google", { extra_body: { google: [] } }],
    ["google", { google: "x" }],
    ["thinking_config", { google: { thinking_config: "low" } }],
    ["thinking_config.thinking_level", { google: { thinking_config: { thinking_level: 1 } } }],
    ["thinking_config.thinking_budget", { google: { thinking_config: { thinking_budget: "0" } } }],
    ["thinking_config.include_thoughts", { google: { thinking_config: { include_thoughts: "no" } } }],
    ["web_search_options", { web_search_options: true }],
    ["audio", { modalities: ["audio"], audio: "Kore" }],
    ["tool_choice", { ...tool({}), tool_choice: 1 }],
    ["tool_choice", { ...tool({}), tool_choice: ["f"] }],
    ["tool_choice.function.name", { ...tool({}), tool_choice: { type: "function", function: { name: 1 } } }],
    ["tool_choice.function.name", { ...tool({}), tool_choice: { type: "function" } }],
    ["tool_choice.tools", { ...tool({}), tool_choice: { type: "allowed_tools", allowed_tools: { tools: "f" } } }],
    ["tools[0].function.description", tool({ description: 5 })],
    ["tools[0].function.strict", tool({ strict: "true" })],
    ["messages[0].tool_calls[0].id", assistant({ tool_calls: [{ id: 7, function: { name: "f" } }] })],
    ["messages[0].function_call", assistant({ function_call: "f" })],
    ["messages[0].function_call.name", assistant({ function_call: { name: 5, arguments: "{}" } })],
    ["messages[0].refusal", assistant({ refusal: true })],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", tool_call_id: 7, name: "f", content: "x" }] }],
  ])("of %s is refused: %j", (field, more) => {
    expect(problemOf(more)).toMatchObject({ code: "field_invalid", field });
  });

  it("is not null, nor what real clients leave out or add", () => {
    const nothing = { stream_options: null, reasoning: null, thinking: null, extra_body: null, google: null };
    expect(problemOf({ ...nothing, web_search_options: null, audio: null, tool_choice: null })).toBeNull();
    expect(problemOf({ ...tool({ description: null, strict: null }), tool_choice: "validated" })).toBeNull();
    expect(problemOf({ ...tool({}), tool_choice: { type: "auto" } })).toBeNull();
    expect(
      problemOf(assistant({ tool_calls: [{ id: null, function: { name: "f" } }], function_call: null })),
    ).toBeNull();
    expect(problemOf({ google: { thinking_config: { thinking_level: null, include_thoughts: null } } })).toBeNull();
  });

  it("is told in few words, however long the value is", () => {
    const named = { type: "function", function: { name: "x".repeat(100_000) } };
    expect((problemOf({ ...tool({}), tool_choice: named })?.message ?? "x".repeat(999)).length).toBeLessThan(400);
  });
});
