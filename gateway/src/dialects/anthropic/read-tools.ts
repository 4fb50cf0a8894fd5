/**
 * Tools and `tool_choice` (fact sheet translation 3.3).
 * @module
 */
import type { Conversation, FunctionTool, ServerTool } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";
import { serverToolOf, typedTool } from "./typed-tools.ts";

/** What a request says of tools. */
export interface ReadTools {
  tools: FunctionTool[];
  serverTools: ServerTool[];
  toolChoice: Conversation["toolChoice"];
  /** `disable_parallel_tool_use`: one call an answer. */
  onlyFirstCall: boolean;
}

/**
 * Reads both. Deferred tools are declared with the others: Gemini has no way to load one later. Types that are neither
 * the client's nor Gemini's (tool search, MCP and other toolsets) are left out.
 */
export function readTools(body: { tools: unknown; choice: unknown }, check: Check): ReadTools {
  const tools = new Map<string, FunctionTool>();
  const serverTools = new Set<ServerTool>();
  /** Names that `tool_choice` may give. */
  const known = new Set<string>();
  for (const [index, tool] of (check.list(body.tools, "tools") ?? []).entries()) {
    const field = `tools[${index}]`;
    if (!isObject(tool)) {
      check.fail(field, "Must be an object.");
      continue;
    }
    const type = check.string(tool["type"], `${field}.type`) ?? "custom";
    if (typeof tool["name"] === "string") known.add(tool["name"]);
    const server = serverToolOf(type);
    if (server !== null) serverTools.add(server);
    if (server !== null) continue;
    const typed = typedTool(type, tool);
    const schema = check.object(tool["input_schema"], `${field}.input_schema`);
    if (type !== "custom" && typed === null && schema === null) continue;
    const name = check.required(tool["name"], `${field}.name`);
    // Google refuses a name that is declared twice.
    if (tools.has(name)) continue;
    tools.set(name, {
      name,
      description: check.string(tool["description"], `${field}.description`) ?? typed?.description ?? "",
      schema: schema ?? typed?.schema ?? null,
      strict: check.boolean(tool["strict"], `${field}.strict`) ?? false,
    });
  }
  const choice = readChoice(body.choice, check, { known, functions: tools });
  return {
    tools: [...tools.values()],
    // "none" means all of them.
    serverTools: choice.toolChoice.mode === "none" ? [] : [...serverTools],
    ...choice,
  };
}

// --- helpers ---

function readChoice(
  value: unknown,
  check: Check,
  tools: { known: ReadonlySet<string>; functions: ReadonlyMap<string, FunctionTool> },
): Pick<ReadTools, "toolChoice" | "onlyFirstCall"> {
  const auto = { mode: "auto" as const, names: null };
  const choice = check.object(value, "tool_choice");
  if (choice === null) return { toolChoice: auto, onlyFirstCall: false };
  const onlyFirstCall =
    check.boolean(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use") ?? false;
  // Google's ANY is about functions: without one there is nothing to be forced.
  const any = tools.functions.size > 0 ? "any" : "auto";
  switch (check.required(choice["type"], "tool_choice.type")) {
    case "any":
      return { toolChoice: { mode: any, names: null }, onlyFirstCall };
    case "none":
      return { toolChoice: { mode: "none", names: null }, onlyFirstCall };
    case "tool": {
      const name = check.required(choice["name"], "tool_choice.name");
      if (tools.functions.has(name)) return { toolChoice: { mode: "any", names: [name] }, onlyFirstCall };
      if (!tools.known.has(name)) check.fail("tool_choice.name", "Must be the name of one of the tools.");
      return { toolChoice: auto, onlyFirstCall };
    }
    default:
      return { toolChoice: auto, onlyFirstCall };
  }
}
