/**
 * `tools`, `functions` and `web_search_options` (fact sheet translation 1.3).
 * @module
 */
import type { FunctionTool, JsonObject, ServerTool } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";
import { isObject, objectOf, readBoolean, readObject, readText, textOf } from "./values.ts";

/** The tools of a request. */
export interface ToolsRead {
  /** Functions and custom tools, each name once. */
  tools: FunctionTool[];
  serverTools: ServerTool[];
  /** Names of those that take one free text: their calls are answered as `custom`. */
  custom: ReadonlySet<string>;
  /** The request has `functions`: the answer has `function_call`. */
  isLegacy: boolean;
}

/** Reads all tools, of the newer form and, where there is none, of the older. */
export function readTools(body: JsonObject, problems: Problems): ToolsRead {
  const found = new Map<string, FunctionTool>();
  const servers = new Set<ServerTool>();
  const custom = new Set<string>();
  const isLegacy = isFilled(body["functions"]) && !isFilled(body["tools"]);
  for (const [index, tool] of listOf(body, "tools", problems).entries()) {
    const field = `tools[${index}]`;
    if (!isObject(tool)) problems.invalid(field, "must be an object.");
    else if (tool["type"] === "custom") addCustom({ tool, field, found, custom, problems });
    else if (tool["type"] === "function" || (tool["type"] === undefined && isObject(tool["function"])))
      // Without an inner object it is the Responses API's flat form, which some clients send here too.
      addFunction({ tool: objectOf(tool["function"]) ?? tool, field: `${field}.function`, found, problems });
    else {
      const server = serverTools.get(String(tool["type"]));
      if (server === undefined)
        problems.unsupported(`${field}.type`, "must be 'function', 'custom' or a search tool that Gemini has.");
      else servers.add(server);
    }
  }
  if (isLegacy)
    for (const [index, tool] of listOf(body, "functions", problems).entries())
      addFunction({ tool: objectOf(tool) ?? {}, field: `functions[${index}]`, found, problems });
  if (readObject(body, "web_search_options", problems) !== null) servers.add("web-search");
  return { tools: [...found.values()], serverTools: [...servers], custom, isLegacy };
}

// --- helpers ---

const serverTools: ReadonlyMap<string, ServerTool> = new Map<string, ServerTool>([
  ["web_search", "web-search"],
  ["web_search_preview", "web-search"],
  ["google_search", "web-search"],
  ["url_context", "url-context"],
  ["code_interpreter", "code-execution"],
  ["code_execution", "code-execution"],
]);

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function listOf(body: JsonObject, key: string, problems: Problems): unknown[] {
  const value = body[key];
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) problems.invalid(key, "must be an array.");
  return [];
}

function addFunction(options: {
  tool: JsonObject;
  field: string;
  found: Map<string, FunctionTool>;
  problems: Problems;
}): void {
  const { tool, field, found, problems } = options;
  const name = textOf(tool["name"]);
  const schema = tool["parameters"] ?? null;
  if (name === null) return problems.invalid(`${field}.name`, "must be the name of the function.");
  if (schema !== null && !isObject(schema))
    return problems.invalid(`${field}.parameters`, "must be a JSON Schema object.");
  // Google refuses a name that comes twice.
  if (found.has(name)) return;
  const description = readText(tool, "description", problems, `${field}.description`) ?? "";
  const strict = readBoolean(tool, "strict", problems, `${field}.strict`) === true;
  const parameters = schema !== null && Object.keys(schema).length > 0 ? schema : null;
  found.set(name, { name, description, schema: parameters, strict });
}

function addCustom(options: {
  tool: JsonObject;
  field: string;
  found: Map<string, FunctionTool>;
  custom: Set<string>;
  problems: Problems;
}): void {
  const { tool, field, found, custom, problems } = options;
  const definition = objectOf(tool["custom"]) ?? tool;
  const name = textOf(definition["name"]);
  if (name === null) return problems.invalid(`${field}.custom.name`, "must be the name of the tool.");
  if (found.has(name)) return;
  custom.add(name);
  found.set(name, { name, description: describeCustom(definition), schema: customSchema, strict: false });
}

const customSchema: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The whole input of the tool, as plain text." } },
  required: ["input"],
};

/** Gemini cannot be held to a grammar, but it can be told. */
function describeCustom(definition: JsonObject): string {
  const description = textOf(definition["description"]) ?? "";
  const format = objectOf(definition["format"]);
  const grammar = objectOf(format?.["grammar"]) ?? format;
  const text = textOf(grammar?.["definition"]);
  if (text === null) return description;
  const syntax = textOf(grammar?.["syntax"]) ?? "lark";
  return `${description}\n\nThe input must match this grammar (${syntax}):\n${text}`.trimStart();
}
