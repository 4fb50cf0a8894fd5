/**
 * `tool_choice` in all of its forms (fact sheet translation 1.3, 2.3).
 * @module
 */
import type { Conversation, FunctionTool, ServerTool } from "../../translation/types.ts";
import { isObject, textOf } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";
import { isWebSearch, type Toolbox } from "./toolbox.ts";
import { readList, readText } from "./typed-members.ts";

/** What is left of the tools, and how they may be used. */
export interface ChosenTools {
  tools: FunctionTool[];
  serverTools: ServerTool[];
  toolChoice: Conversation["toolChoice"];
  /** The client demands a picture. */
  demandsImage: boolean;
}

/** @param choice `tool_choice` as the client sent it */
export function chooseTools(choice: unknown, toolbox: Toolbox, problems: ProblemList): ChosenTools {
  const all: ChosenTools = {
    tools: [...toolbox.functions],
    serverTools: [...toolbox.serverTools],
    toolChoice: { mode: "auto", names: null },
    demandsImage: false,
  };
  const only = (type: string | null): ChosenTools => onlyKind(type, { all, toolbox, problems });
  const exactly = (names: readonly (string | null)[], mode: "any" | "validated"): ChosenTools => {
    const known = names.filter((name) => name !== null);
    if (known.length === 0) {
      problems.add("field_invalid", "tool_choice", "tool_choice names a tool that is not among the tools.");
      return all;
    }
    return { ...all, serverTools: [], toolChoice: { mode, names: [...new Set(known)] } };
  };

  if (typeof choice === "string") return byWord(choice, all, { toolbox, problems });
  if (choice === undefined || choice === null) return all;
  if (!isObject(choice)) {
    problems.add("field_invalid", "tool_choice", "tool_choice must be a word or an object.");
    return all;
  }
  const type = readText(choice, "type", { field: "tool_choice", problems });
  if (type === null) problems.add("field_invalid", "tool_choice.type", "tool_choice needs its type.");
  const named = declared(choice, toolbox);
  switch (type) {
    case "function":
    case "custom":
    case "local_shell":
    case "shell":
    case "apply_patch":
    case "tool_search":
      return exactly([named], "any");
    case "allowed_tools": {
      const holder = isObject(choice["allowed_tools"]) ? choice["allowed_tools"] : choice;
      const allowed = readList(holder, "tools", { field: "tool_choice", problems }).filter(isObject);
      const functions = allowed.map((tool) => declared(tool, toolbox)).filter((name) => name !== null);
      const servers = allowed.map((tool) => serverToolOf(textOf(tool["type"]))).filter((tool) => tool !== null);
      const serverTools = all.serverTools.filter((tool) => servers.includes(tool));
      if (functions.length === 0 && serverTools.length > 0) return { ...all, tools: [], serverTools };
      return { ...exactly(functions, holder["mode"] === "required" ? "any" : "validated"), serverTools };
    }
    default:
      return only(type);
  }
}

// --- helpers ---

function byWord(choice: string, all: ChosenTools, facts: { toolbox: Toolbox; problems: ProblemList }): ChosenTools {
  switch (choice) {
    case "none":
      // Google's own tools know no mode NONE.
      return { ...all, serverTools: [], toolChoice: { mode: "none", names: null } };
    case "validated":
      return { ...all, toolChoice: { mode: "validated", names: null } };
    case "required": {
      if (all.tools.length > 0) return { ...all, toolChoice: { mode: "any", names: null } };
      const lacking = [...facts.toolbox.unsupported][0];
      if (lacking !== undefined && all.serverTools.length === 0 && !facts.toolbox.makesImages())
        facts.problems.add(
          "field_unsupported",
          "tools",
          `Gemini has no counterpart of the tool ${lacking.slice(0, 100)}.`,
        );
      return all;
    }
    default:
      return all;
  }
}

/** A choice of a kind of tool that has no name. */
function onlyKind(
  type: string | null,
  { all, toolbox, problems }: { all: ChosenTools; toolbox: Toolbox; problems: ProblemList },
): ChosenTools {
  if (type === "image_generation") return { ...all, demandsImage: true };
  const wanted = serverToolOf(type);
  if (wanted !== null && toolbox.serverTools.has(wanted)) return { ...all, tools: [], serverTools: [wanted] };
  const isSole = all.tools.length === 0 && all.serverTools.length === 0 && !toolbox.makesImages();
  if (type !== null && isSole && toolbox.unsupported.size > 0)
    problems.add("field_unsupported", "tool_choice", `Gemini has no counterpart of the tool ${type.slice(0, 100)}.`);
  return all;
}

function declared(choice: Record<string, unknown>, toolbox: Toolbox): string | null {
  const type = textOf(choice["type"]) ?? "function";
  const holder = isObject(choice[type]) ? choice[type] : choice;
  const name = textOf(holder["name"]) ?? (type === "function" || type === "custom" ? null : type);
  return name === null ? null : toolbox.declaredName(name, textOf(holder["namespace"]));
}

function serverToolOf(type: string | null): ServerTool | null {
  if (type === null) return null;
  if (isWebSearch(type)) return "web-search";
  return type === "code_interpreter" ? "code-execution" : null;
}
