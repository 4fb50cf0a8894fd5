import { describe, expect, it } from "vitest";
import { conversationOf } from "../../testkit/responses-answer.ts";
import type { JsonObject } from "../../translation/types.ts";
import { translateResponsesRequest } from "./translate-request.ts";

const f = { type: "function", name: "f", description: "Does", parameters: { type: "object" }, strict: true };
const g = { type: "function", name: "g" };

function choose(
  tool_choice: unknown,
  tools: JsonObject[],
): Pick<ReturnType<typeof conversationOf>, "tools" | "serverTools" | "toolChoice"> {
  const { tools: kept, serverTools, toolChoice } = conversationOf({ tools, tool_choice });
  return { tools: kept, serverTools, toolChoice };
}

function problemOf(body: JsonObject): string | null {
  const translation = translateResponsesRequest(
    { model: "m", input: "x", ...body },
    { includeThoughts: true, previous: null },
  );
  return translation.ok ? null : `${translation.problem.code} ${translation.problem.field}`;
}

describe("tools", () => {
  it("are functions by name, description and schema; of two with one name the first stays", () => {
    expect(conversationOf({ tools: [f, g, { ...f, description: "Other" }] }).tools).toEqual([
      { name: "f", description: "Does", schema: { type: "object" }, strict: true },
      { name: "g", description: "", schema: null, strict: false },
    ]);
  });

  it("of a namespace are one function each, with the namespace before the name (bug 39)", () => {
    const namespace = {
      type: "namespace",
      name: "ns",
      description: "Files",
      tools: [f, { type: "custom", name: "raw" }],
    };
    expect(conversationOf({ tools: [namespace] }).tools).toMatchObject([
      { name: "ns__f", description: "Files\n\nDoes" },
      { name: "ns__raw", schema: { required: ["input"] } },
    ]);
  });

  it("of free form take one text and tell the grammar", () => {
    const format = { type: "grammar", syntax: "lark", definition: "start: WORD" };
    const [tool] = conversationOf({ tools: [{ type: "custom", name: "p", description: "Patch", format }] }).tools;
    expect(tool?.description).toBe("Patch\n\nThe input must match this lark grammar:\nstart: WORD");
    expect(tool?.schema).toMatchObject({ properties: { input: { type: "string" } } });
  });

  it("of Google's own stand apart; others are left out", () => {
    const { serverTools, tools } = conversationOf({
      tools: [
        { type: "web_search", external_web_access: true },
        { type: "web_search_preview_2025_03_11" },
        { type: "code_interpreter", container: {} },
        { type: "file_search" },
        { type: "mcp" },
        { type: "computer_use_preview" },
        { type: "local_shell" },
        { type: "shell" },
        { type: "apply_patch" },
        { type: "tool_search", execution: "client" },
        { type: "tool_search" },
      ],
    });
    expect(serverTools).toEqual(["web-search", "code-execution"]);
    expect(tools.map(({ name }) => name)).toEqual(["local_shell", "shell", "apply_patch", "tool_search"]);
  });

  it("make pictures with models that can, or when a picture is demanded", () => {
    const tools = [{ type: "image_generation" }];
    expect(conversationOf({ tools }).modalities).toEqual([]);
    expect(conversationOf({ tools, model: "gemini-3-pro-image" }).modalities).toEqual(["TEXT", "IMAGE"]);
    expect(conversationOf({ tools, tool_choice: { type: "image_generation" } }).modalities).toEqual(["TEXT", "IMAGE"]);
  });

  it("without a name are refused with their path", () => {
    expect(problemOf({ tools: [g, { type: "function" }] })).toBe("field_invalid tools[1].name");
    expect(problemOf({ tools: [1] })).toBe("field_invalid tools[0]");
  });
});

describe("tool_choice", () => {
  const search = { type: "web_search" };

  it("by word", () => {
    expect(choose("auto", [f]).toolChoice).toEqual({ mode: "auto", names: null });
    expect(choose("required", [f]).toolChoice).toEqual({ mode: "any", names: null });
    expect(choose("none", [f, search])).toMatchObject({ serverTools: [], toolChoice: { mode: "none", names: null } });
    expect(choose("validated", [f]).toolChoice).toEqual({ mode: "validated", names: null });
    expect(choose("novelty", [f]).toolChoice.mode).toBe("auto");
  });

  it("parallel_tool_calls never forces a call (bug 40)", () => {
    expect(conversationOf({ tools: [f], parallel_tool_calls: true }).toolChoice.mode).toBe("auto");
  });

  it("of one tool, also by the bare name of a namespaced one", () => {
    expect(choose({ type: "function", name: "f" }, [f, g]).toolChoice).toEqual({ mode: "any", names: ["f"] });
    const namespace = { type: "namespace", name: "ns", tools: [f] };
    expect(choose({ type: "function", name: "f" }, [namespace]).toolChoice.names).toEqual(["ns__f"]);
    expect(choose({ type: "function", name: "f", namespace: "ns" }, [namespace]).toolChoice.names).toEqual(["ns__f"]);
    expect(choose({ type: "local_shell" }, [{ type: "local_shell" }]).toolChoice.names).toEqual(["local_shell"]);
    expect(problemOf({ tools: [f], tool_choice: { type: "function", name: "x" } })).toBe("field_invalid tool_choice");
  });

  it("of several", () => {
    const allowed = (mode: string, ...tools: JsonObject[]): JsonObject => ({ type: "allowed_tools", mode, tools });
    const named = { type: "function", name: "f" };
    expect(choose(allowed("auto", named), [f, g, search])).toMatchObject({
      serverTools: [],
      toolChoice: { mode: "validated", names: ["f"] },
    });
    expect(choose(allowed("required", named, search), [f, g, search])).toMatchObject({
      serverTools: ["web-search"],
      toolChoice: { mode: "any", names: ["f"] },
    });
    expect(choose(allowed("auto", search), [f, search])).toMatchObject({ tools: [], serverTools: ["web-search"] });
  });

  it("of a search leaves nothing but the search", () => {
    expect(choose({ type: "web_search_preview" }, [f, search])).toEqual({
      tools: [],
      serverTools: ["web-search"],
      toolChoice: { mode: "auto", names: null },
    });
  });

  it("of what Gemini has not is refused only where there is nothing else", () => {
    const mcp = { type: "mcp", server_label: "x" };
    expect(problemOf({ tools: [mcp], tool_choice: { type: "mcp", server_label: "x" } })).toBe(
      "field_unsupported tool_choice",
    );
    expect(problemOf({ tools: [mcp], tool_choice: "required" })).toBe("field_unsupported tools");
    expect(problemOf({ tools: [mcp, f], tool_choice: { type: "mcp", server_label: "x" } })).toBeNull();
    expect(problemOf({ tools: [mcp] })).toBeNull();
  });
});
