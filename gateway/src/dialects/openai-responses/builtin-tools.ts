/**
 * Tools that a Responses client runs itself but declares by kind alone: the functions that stand for them at Gemini, and
 * how their calls look on either side (fact sheet translation 2.2, 2.3).
 * @module
 */
import type { FunctionTool, JsonObject } from "../../translation/types.ts";
import { isObject, listOf, textOf } from "./json-values.ts";

/** Kinds of tools that are declared without a schema. */
export type BuiltinKind = "tool_search" | "local_shell" | "shell" | "apply_patch";

/** The function that stands for such a tool; its name is the kind's. */
export function builtinFunction(kind: BuiltinKind, tool: JsonObject): FunctionTool {
  const { description, schema } = builtins[kind];
  const own = kind === "tool_search" && isObject(tool["parameters"]) ? tool["parameters"] : null;
  return {
    name: kind,
    description: textOf(tool["description"]) ?? description,
    schema: own ?? schema,
    strict: false,
  };
}

/**
 * The model's arguments as the item that the client expects, without `id`, `call_id` and `status`.
 * @returns `type` and the kind's own fields
 */
export function builtinItem(kind: BuiltinKind, args: JsonObject): JsonObject {
  switch (kind) {
    case "tool_search":
      return { type: "tool_search_call", execution: "client", arguments: args };
    case "local_shell":
      return {
        type: "local_shell_call",
        action: {
          type: "exec",
          command: commandsOf(args["command"]),
          env: isObject(args["env"]) ? args["env"] : {},
          working_directory: textOf(args["workdir"]),
          timeout_ms: numberOf(args["timeout_ms"]),
        },
      };
    case "shell":
      return {
        type: "shell_call",
        action: {
          commands: commandsOf(args["commands"]),
          timeout_ms: numberOf(args["timeout_ms"]),
          max_output_length: numberOf(args["max_output_length"]),
        },
        environment: null,
      };
    case "apply_patch":
      return { type: "apply_patch_call", operation: isObject(args["operation"]) ? args["operation"] : args };
  }
}

/** A call out of the history: the name and arguments that the model used; null: no call of such a tool. */
export function builtinCall(item: JsonObject): { name: string; args: JsonObject } | null {
  switch (item["type"]) {
    case "tool_search_call":
      return {
        name: "tool_search",
        args: isObject(item["arguments"]) ? item["arguments"] : { query: textOf(item["arguments"]) ?? "" },
      };
    case "local_shell_call": {
      const action = isObject(item["action"]) ? item["action"] : {};
      const args: JsonObject = { command: listOf(action["command"]) };
      if (textOf(action["working_directory"]) !== null) args["workdir"] = action["working_directory"];
      if (numberOf(action["timeout_ms"]) !== null) args["timeout_ms"] = action["timeout_ms"];
      if (isObject(action["env"]) && Object.keys(action["env"]).length > 0) args["env"] = action["env"];
      return { name: "local_shell", args };
    }
    case "shell_call": {
      const action = isObject(item["action"]) ? item["action"] : {};
      const args: JsonObject = { commands: listOf(action["commands"]) };
      if (numberOf(action["timeout_ms"]) !== null) args["timeout_ms"] = action["timeout_ms"];
      if (numberOf(action["max_output_length"]) !== null) args["max_output_length"] = action["max_output_length"];
      return { name: "shell", args };
    }
    case "apply_patch_call":
      return { name: "apply_patch", args: { operation: isObject(item["operation"]) ? item["operation"] : {} } };
    case "computer_call":
      return { name: "computer", args: { action: item["action"] ?? item["actions"] ?? null } };
    default:
      return null;
  }
}

// --- helpers ---

const text = { type: "string" };
const texts = { type: "array", items: text };
const milliseconds = { type: "integer", description: "Time limit in milliseconds" };

const builtins: Readonly<Record<BuiltinKind, { description: string; schema: JsonObject }>> = {
  tool_search: {
    description: "Finds further tools by what they do. Tools that it finds can be called from then on.",
    schema: {
      type: "object",
      properties: {
        query: { type: "string", description: "What the tool shall do" },
        limit: { type: "integer", description: "How many tools at most" },
      },
      required: ["query"],
    },
  },
  local_shell: {
    description: "Runs a command on the user's machine and returns its output.",
    schema: {
      type: "object",
      properties: {
        command: { ...texts, description: "The program and its arguments" },
        workdir: { type: "string", description: "The folder to run it in" },
        timeout_ms: milliseconds,
        env: { type: "object", description: "Environment variables", additionalProperties: text },
      },
      required: ["command"],
    },
  },
  shell: {
    description: "Runs shell commands and returns what each wrote.",
    schema: {
      type: "object",
      properties: {
        commands: { ...texts, description: "Command lines; they may run at the same time" },
        timeout_ms: milliseconds,
        max_output_length: { type: "integer", description: "Characters of output to return at most" },
      },
      required: ["commands"],
    },
  },
  apply_patch: {
    description: "Creates, changes or deletes one file. A diff is in the V4A format.",
    schema: {
      type: "object",
      properties: {
        operation: {
          type: "object",
          properties: {
            type: { type: "string", enum: ["create_file", "update_file", "delete_file"] },
            path: { type: "string", description: "The file, relative to the workspace" },
            diff: { type: "string", description: "Needed to create and to update" },
          },
          required: ["type", "path"],
        },
      },
      required: ["operation"],
    },
  },
};

/** The model may write one command as a text. */
function commandsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return listOf(value).map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
