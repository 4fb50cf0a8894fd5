/**
 * Tools and which of them may or must be used (fact sheet translation 1.3).
 * @module
 */
import type { ModelFacts } from "../models/facts.ts";
import { lowerToolSchema, normalizeToolSchema } from "../schema/schema.ts";
import type { SchemaForm, ToolNames } from "../types-request.ts";
import type { Conversation, FunctionTool, JsonObject, ServerTool } from "../types.ts";

/** `tools` and `toolConfig`; null: the field is left out. */
export interface ComposedTools {
  tools: JsonObject[] | null;
  toolConfig: JsonObject | null;
}

/** Writes both. */
export function composeTools(
  conversation: Pick<Conversation, "tools" | "serverTools" | "toolChoice">,
  options: { facts: ModelFacts; names: ToolNames; schemaForm: SchemaForm },
): ComposedTools {
  const { facts } = options;
  if (conversation.tools.length === 0 && conversation.serverTools.length === 0) return noTools;
  const functions = functionsFor(conversation, facts);
  const serverTools = serverToolsFor(conversation, { facts, hasFunctions: functions.length > 0 });
  const isMixed = functions.length > 0 && serverTools.length > 0;

  const tools: JsonObject[] = [];
  if (functions.length > 0) {
    tools.push({ functionDeclarations: functions.map((tool) => declarationOf(tool, options)) });
  }
  for (const tool of serverTools) tools.push({ [serverToolField[tool]]: {} });

  const toolConfig: JsonObject = {};
  const callingConfig = callingConfigFor(conversation, { ...options, functions, isMixed });
  if (callingConfig !== null) toolConfig["functionCallingConfig"] = callingConfig;
  if (isMixed) toolConfig["includeServerSideToolInvocations"] = true;
  return {
    tools: tools.length === 0 ? null : tools,
    toolConfig: Object.keys(toolConfig).length === 0 ? null : toolConfig,
  };
}

// --- helpers ---

const noTools: ComposedTools = { tools: null, toolConfig: null };

const serverToolField: Readonly<Record<ServerTool, string>> = {
  "web-search": "googleSearch",
  "url-context": "urlContext",
  "code-execution": "codeExecution",
};

type Choice = Conversation["toolChoice"];

function functionsFor(
  { tools, toolChoice }: Pick<Conversation, "tools" | "toolChoice">,
  facts: ModelFacts,
): readonly FunctionTool[] {
  // A call that was demanded must not quietly become impossible: Google says what the model lacks.
  const isDemanded = toolChoice.mode === "any" || toolChoice.mode === "validated";
  if (!facts.takesFunctions && !isDemanded) return [];
  const seen = new Set<string>();
  const unique = tools.filter(({ name }) => !seen.has(name) && seen.add(name));
  if (toolChoice.mode !== "validated" || facts.takesValidatedMode || toolChoice.names === null) return unique;
  // Without the mode that limits the choice, the others are not told of.
  const names = new Set(toolChoice.names);
  const chosen = unique.filter(({ name }) => names.has(name));
  return chosen.length > 0 ? chosen : unique;
}

function serverToolsFor(
  { serverTools, toolChoice }: Pick<Conversation, "serverTools" | "toolChoice">,
  { facts, hasFunctions }: { facts: ModelFacts; hasFunctions: boolean },
): readonly ServerTool[] {
  if (toolChoice.mode === "none" || (hasFunctions && !facts.mixesTools)) return [];
  return [...new Set(serverTools)];
}

function declarationOf(
  tool: FunctionTool,
  { names, schemaForm }: { names: ToolNames; schemaForm: SchemaForm },
): JsonObject {
  const declaration: JsonObject = { name: names.toGoogle(tool.name) };
  if (tool.description !== "") declaration["description"] = tool.description;
  if (tool.schema === null) return declaration;
  if (schemaForm === "lowered") {
    const parameters = lowerToolSchema(tool.schema);
    if (parameters !== null) declaration["parameters"] = parameters;
  } else {
    const schema = normalizeToolSchema(tool.schema);
    if (schema !== null) declaration["parametersJsonSchema"] = schema;
  }
  return declaration;
}

/** `allowedFunctionNames` with AUTO is a 400, and so is any configuration without functions. */
function callingConfigFor(
  { toolChoice }: { toolChoice: Choice },
  options: {
    facts: ModelFacts;
    names: ToolNames;
    schemaForm: SchemaForm;
    functions: readonly FunctionTool[];
    isMixed: boolean;
  },
): JsonObject | null {
  if (options.functions.length === 0) return null;
  if (toolChoice.mode === "none") return { mode: "NONE" };
  const allowed = allowedNames(toolChoice, options);
  if (toolChoice.mode === "any") return withNames("ANY", allowed);
  if (!options.facts.takesValidatedMode) return null;
  if (toolChoice.mode === "validated" && allowed !== null) return withNames("VALIDATED", allowed);
  if (options.isMixed) return { mode: "VALIDATED" };
  // The lowered form is also what is left after "too many states", which only constrained decoding has.
  if (options.schemaForm === "lowered") return null;
  return toolChoice.mode === "validated" || options.functions.some((tool) => tool.strict)
    ? { mode: "VALIDATED" }
    : null;
}

function allowedNames(
  { names: asked }: Choice,
  { functions, names }: { functions: readonly FunctionTool[]; names: ToolNames },
): string[] | null {
  if (asked === null) return null;
  // A name that is not declared would be a 400.
  const wanted = new Set(asked);
  const declared = functions.filter((tool) => wanted.has(tool.name));
  return declared.length === 0 ? null : declared.map((tool) => names.toGoogle(tool.name));
}

function withNames(mode: "ANY" | "VALIDATED", allowed: string[] | null): JsonObject {
  return allowed === null ? { mode } : { mode, allowedFunctionNames: allowed };
}
