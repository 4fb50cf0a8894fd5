/**
 * The tools of a request: what Gemini is told of, and what each name means to the client (fact sheet translation 2.3).
 * Tools come from `tools`, and out of the history: `additional_tools`, `tool_search_output`.
 * @module
 */
import type { FunctionTool, JsonObject, ServerTool } from "../../translation/types.ts";
import { builtinFunction, type BuiltinKind } from "./builtin-tools.ts";
import { isObject, textOf } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";
import { readBoolean, readList, readObject, readText, type Place } from "./typed-members.ts";

/** What a call by some name is to the client. */
export type ToolTarget =
  /** `name`: bare. `namespace`: Codex calls its tools by both (bug 39); null: none. */
  { kind: "function" | "custom"; name: string; namespace: string | null } | { kind: "builtin"; builtin: BuiltinKind };

/** All tools of a request. Names are unique: of two the first one stays. */
export interface Toolbox {
  readonly functions: readonly FunctionTool[];
  readonly serverTools: ReadonlySet<ServerTool>;
  /** `image_generation` is among them. */
  makesImages(): boolean;
  /** Kinds that have no counterpart, such as `file_search`. */
  readonly unsupported: ReadonlySet<string>;
  /** @param field path of the list in the client's body, for problems */
  add(tools: unknown, field: string): void;
  /** What a name means: as declared, or the bare name of a namespaced tool when only one has it. Null: not known. */
  find(name: string): ToolTarget | null;
  /** The name under which a tool is declared; null: it is not. */
  declaredName(name: string, namespace: string | null): string | null;
}

/** The name under which Gemini knows a namespaced tool. */
export function joinedName(name: string, namespace: string | null): string {
  return namespace === null || namespace === "" ? name : `${namespace}__${name}`;
}

/** An empty toolbox. */
export function createToolbox(problems: ProblemList): Toolbox {
  const functions: FunctionTool[] = [];
  const targets = new Map<string, ToolTarget>();
  /** Bare names of namespaced tools; null: several have it. */
  const byBareName = new Map<string, string | null>();
  const serverTools = new Set<ServerTool>();
  const unsupported = new Set<string>();
  let makesImages = false;

  const declare = (tool: FunctionTool, target: ToolTarget): void => {
    if (targets.has(tool.name)) return;
    targets.set(tool.name, target);
    functions.push(tool);
    if (target.kind !== "builtin" && target.namespace !== null)
      byBareName.set(target.name, byBareName.has(target.name) ? null : tool.name);
  };

  const addNamed = (tool: JsonObject, field: string, namespace: { name: string; description: string } | null): void => {
    const kind = tool["type"] === "custom" ? "custom" : "function";
    // The nested form of Chat Completions is sent by some clients.
    const holder = isObject(tool[kind]) ? tool[kind] : tool;
    const place = { field, problems };
    const name = readText(holder, "name", place);
    if (name === null || name === "") {
      problems.add("field_invalid", `${field}.name`, "A tool needs a name.");
      return;
    }
    const own = readText(holder, "description", place) ?? "";
    const description = [namespace?.description ?? "", own].filter((text) => text !== "").join("\n\n");
    const joined = joinedName(name, namespace?.name ?? null);
    const target: ToolTarget = { kind, name, namespace: namespace?.name ?? null };
    if (kind === "custom") {
      declare(
        { name: joined, description: withGrammar(description, holder, place), schema: inputSchema, strict: false },
        target,
      );
      return;
    }
    const schema = readObject(holder, "parameters", place);
    declare({ name: joined, description, schema, strict: readBoolean(holder, "strict", place) === true }, target);
  };

  const addOne = (tool: unknown, field: string): void => {
    const type = isObject(tool) ? textOf(tool["type"]) : null;
    if (!isObject(tool) || type === null) {
      problems.add("field_invalid", field, "A tool must be an object with a type.");
      return;
    }
    switch (type) {
      case "function":
      case "custom":
        addNamed(tool, field, null);
        return;
      case "namespace": {
        const name = textOf(tool["name"]);
        if (name === null || name === "") problems.add("field_invalid", `${field}.name`, "A namespace needs a name.");
        const place = { field, problems };
        const namespace = { name: name ?? "", description: readText(tool, "description", place) ?? "" };
        for (const [index, inner] of readList(tool, "tools", place).entries())
          if (isObject(inner)) addNamed(inner, `${field}.tools[${index}]`, namespace);
          else problems.add("field_invalid", `${field}.tools[${index}]`, "A tool must be an object.");
        return;
      }
      case "code_interpreter":
        serverTools.add("code-execution");
        return;
      case "image_generation":
        makesImages = true;
        return;
      case "tool_search":
        // Done by the server it only saves prompt tokens: every tool is declared anyway.
        if (tool["execution"] !== "client") return;
        declare(builtinFunction("tool_search", tool), { kind: "builtin", builtin: "tool_search" });
        return;
      case "local_shell":
      case "shell":
      case "apply_patch":
        declare(builtinFunction(type, tool), { kind: "builtin", builtin: type });
        return;
      default:
        if (isWebSearch(type)) serverTools.add("web-search");
        else unsupported.add(type);
    }
  };

  return {
    functions,
    serverTools,
    unsupported,
    makesImages() {
      return makesImages;
    },
    add(tools, field) {
      if (tools === undefined || tools === null) return;
      if (!Array.isArray(tools)) {
        problems.add("field_invalid", field, "Tools must be a list.");
        return;
      }
      for (const [index, tool] of (tools as unknown[]).entries()) addOne(tool, `${field}[${index}]`);
    },
    find(name) {
      return targets.get(name) ?? targets.get(byBareName.get(name) ?? "") ?? null;
    },
    declaredName(name, namespace) {
      const joined = joinedName(name, namespace);
      if (targets.has(joined)) return joined;
      return namespace === null ? (byBareName.get(name) ?? null) : null;
    },
  };
}

/** `web_search`, `web_search_preview`, and both with a date. */
export function isWebSearch(type: string): boolean {
  return type.startsWith("web_search");
}

// --- helpers ---

const inputSchema: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The whole input, as plain text" } },
  required: ["input"],
};

/** Gemini has no grammars: the model reads it instead. */
function withGrammar(description: string, tool: JsonObject, place: Place): string {
  const format = readObject(tool, "format", place);
  if (format === null || format["type"] !== "grammar") return description;
  const grammar = isObject(format["grammar"]) ? format["grammar"] : format;
  const definition = textOf(grammar["definition"]) ?? "";
  const syntax = textOf(grammar["syntax"]) ?? "";
  return `${description}\n\nThe input must match this ${syntax} grammar:\n${definition}`.trim();
}
