/**
 * Tools and the choice among them.
 * @module
 */
import { describe, expect, it } from "vitest";
import { composeOptions, conversation, tool } from "../../testkit/conversation.ts";
import type { ComposeOptions } from "../types-request.ts";
import type { Conversation, JsonObject } from "../types.ts";
import { compose } from "./compose.ts";

const old = "gemini-2.5-pro";
const current = "gemini-4-carbon";

function toolsOf(parts: Partial<Conversation>, options: Partial<ComposeOptions> = {}): JsonObject {
  const of = conversation({ model: current, ...parts });
  const { tools, toolConfig } = compose(of, composeOptions(of, options));
  return { ...(tools === undefined ? {} : { tools }), ...(toolConfig === undefined ? {} : { toolConfig }) };
}

function configOf(parts: Partial<Conversation>, options: Partial<ComposeOptions> = {}): unknown {
  return (toolsOf(parts, options)["toolConfig"] as JsonObject | undefined)?.["functionCallingConfig"];
}

const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const read = tool("read", { description: "Reads a file", schema });
const choose = (
  mode: Conversation["toolChoice"]["mode"],
  names: string[] | null = null,
): Conversation["toolChoice"] => ({
  mode,
  names,
});

describe("declarations", () => {
  it("declares each function with its schema in the field of the form", () => {
    expect(toolsOf({ tools: [read] })).toEqual({
      tools: [{ functionDeclarations: [{ name: "read", description: "Reads a file", parametersJsonSchema: schema }] }],
    });
    expect(toolsOf({ tools: [read] }, { schemaForm: "lowered" })).toMatchObject({
      tools: [{ functionDeclarations: [{ name: "read", parameters: { properties: { path: {} } } }] }],
    });
  });

  it("leaves out what a tool does not have", () => {
    expect(toolsOf({ tools: [tool("now")] })).toEqual({ tools: [{ functionDeclarations: [{ name: "now" }] }] });
    expect(toolsOf({})).toEqual({});
  });

  it("keeps the first of tools with one name", () => {
    const tools = [tool("a", { description: "first" }), tool("b"), tool("a", { description: "second" })];
    expect(toolsOf({ tools })).toEqual({
      tools: [{ functionDeclarations: [{ name: "a", description: "first" }, { name: "b" }] }],
    });
  });

  it("does not declare functions to models without them, unless a call is demanded", () => {
    for (const model of ["gemini-2.5-flash-image", "gemma-3-27b-it", "gemini-3.8-flash-tts"]) {
      expect(toolsOf({ model, tools: [read] })).toEqual({});
      expect(toolsOf({ model, tools: [read], toolChoice: choose("any") })).not.toEqual({});
    }
  });
});

describe("the choice", () => {
  it("bug 40: says nothing when the model may choose", () => {
    expect(configOf({ tools: [read] })).toBeUndefined();
  });

  it("names functions only where Google takes names, as they are declared", () => {
    const tools = [read, tool("21st")];
    expect(configOf({ tools, toolChoice: choose("auto", ["read"]) })).toBeUndefined();
    expect(configOf({ tools, toolChoice: choose("none", ["read"]) })).toEqual({ mode: "NONE" });
    expect(configOf({ tools, toolChoice: choose("any") })).toEqual({ mode: "ANY" });
    expect(configOf({ tools, toolChoice: choose("any", ["21st", "gone"]) })).toEqual({
      mode: "ANY",
      allowedFunctionNames: [expect.stringMatching(/^_21st_[0-9a-f]{8}$/)],
    });
    expect(configOf({ tools, toolChoice: choose("any", ["gone"]) })).toEqual({ mode: "ANY" });
    expect(configOf({ tools, toolChoice: choose("validated", ["read"]) })).toEqual({
      mode: "VALIDATED",
      allowedFunctionNames: ["read"],
    });
    expect(configOf({ tools, toolChoice: choose("validated") })).toEqual({ mode: "VALIDATED" });
  });

  it("configures nothing without functions", () => {
    for (const mode of ["any", "none", "validated"] as const) expect(toolsOf({ toolChoice: choose(mode) })).toEqual({});
  });

  it("validates calls when a tool is strict, but not once a schema was too much for that", () => {
    const tools = [read, tool("list", { strict: true })];
    expect(configOf({ tools })).toEqual({ mode: "VALIDATED" });
    expect(configOf({ tools, toolChoice: choose("any") })).toEqual({ mode: "ANY" });
    expect(configOf({ tools }, { schemaForm: "lowered" })).toBeUndefined();
    expect(configOf({ tools, toolChoice: choose("validated") }, { schemaForm: "lowered" })).toBeUndefined();
    expect(configOf({ tools, toolChoice: choose("validated", ["list"]) }, { schemaForm: "lowered" })).toEqual({
      mode: "VALIDATED",
      allowedFunctionNames: ["list"],
    });
  });

  it("never asks Gemma for validated calls, and tells it only of the tools to choose from", () => {
    const tools = [tool("read"), tool("list", { strict: true })];
    const model = "gemma-4-31b-it";
    expect(configOf({ model, tools })).toBeUndefined();
    expect(toolsOf({ model, tools, toolChoice: choose("validated", ["list"]) })).toEqual({
      tools: [{ functionDeclarations: [{ name: "list" }] }],
    });
  });
});

describe("server tools", () => {
  it("writes each as an object of its own", () => {
    expect(toolsOf({ serverTools: ["web-search", "url-context", "code-execution", "web-search"] })).toEqual({
      tools: [{ googleSearch: {} }, { urlContext: {} }, { codeExecution: {} }],
    });
    expect(toolsOf({ model: old, serverTools: ["web-search"] })).toEqual({ tools: [{ googleSearch: {} }] });
  });

  it("bug 37: mixes them with functions from Gemini 3 on, and prefers functions before", () => {
    const parts: Partial<Conversation> = { tools: [tool("read")], serverTools: ["web-search"] };
    expect(toolsOf(parts)).toEqual({
      tools: [{ functionDeclarations: [{ name: "read" }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: "VALIDATED" }, includeServerSideToolInvocations: true },
    });
    expect(toolsOf({ ...parts, toolChoice: choose("any") })).toMatchObject({
      toolConfig: { functionCallingConfig: { mode: "ANY" }, includeServerSideToolInvocations: true },
    });
    expect(toolsOf({ ...parts, model: old })).toEqual({ tools: [{ functionDeclarations: [{ name: "read" }] }] });
  });

  it("are not there when no tool may be used", () => {
    expect(toolsOf({ serverTools: ["web-search"], toolChoice: choose("none") })).toEqual({});
    expect(toolsOf({ tools: [tool("read")], serverTools: ["web-search"], toolChoice: choose("none") })).toEqual({
      tools: [{ functionDeclarations: [{ name: "read" }] }],
      toolConfig: { functionCallingConfig: { mode: "NONE" } },
    });
  });
});
