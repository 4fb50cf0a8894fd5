/** @module Declared functions and what may stand beside them (fact sheet upstream 8, translation 1.3, 4). */

import type { Model } from "../state/models.ts";
import type { Surface } from "../state/surface.ts";
import { checkJsonSchema } from "./check-json-schema.ts";
import { checkSchema } from "./check-schema.ts";
import type { FunctionDeclaration, GenerateRequest } from "./gemini-types.ts";

/** What is wrong, in Google's words, or null. */
export function checkTools(
  request: GenerateRequest,
  { model, surface }: { model: Model; surface: Surface },
): string | null {
  const tools = request.tools ?? [];
  const declared = tools.flatMap((tool) => tool.functionDeclarations ?? []);
  return (
    checkDeclarations(request) ??
    checkCallingConfig(request, declared) ??
    checkMixture(request, { declared, model, surface }) ??
    checkWanted(request)
  );
}

// --- helpers ---

/** Tools that Google runs itself. */
const BUILT_IN = [
  ["googleSearch", "google_search"],
  ["googleSearchRetrieval", "google_search_retrieval"],
  ["urlContext", "url_context"],
  ["codeExecution", "code_execution"],
  ["googleMaps", "google_maps"],
  ["fileSearch", "file_search"],
] as const;

function checkDeclarations({ tools = [] }: GenerateRequest): string | null {
  const names = new Set<string>();
  for (const [toolIndex, tool] of tools.entries()) {
    for (const [index, declaration] of (tool.functionDeclarations ?? []).entries()) {
      const path = `GenerateContentRequest.tools[${toolIndex}].function_declarations[${index}]`;
      const { parameters, parametersJsonSchema } = declaration;
      const name = declaration.name ?? "";
      if (!/^[A-Za-z_][\w.:-]{0,63}$/.test(name)) {
        return `* ${path}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n`;
      }
      if (names.has(name)) return `Duplicate function declaration found: ${name}`;
      names.add(name);
      if (parameters !== undefined && parametersJsonSchema !== undefined) {
        return `* ${path}.parameters_json_schema: parameters_json_schema must not be set when parameters is set.\n`;
      }
      const words =
        parameters === undefined
          ? checkJsonSchema(parametersJsonSchema, { path: `${path}.parameters_json_schema`, wantsObject: true })
          : checkSchema(parameters, { path: `${path}.parameters`, wantsObject: true });
      if (words !== null) return words;
    }
  }
  return null;
}

function checkCallingConfig({ toolConfig }: GenerateRequest, declared: FunctionDeclaration[]): string | null {
  const { mode = "AUTO", allowedFunctionNames = [] } = toolConfig?.functionCallingConfig ?? {};
  const wanted = mode.toUpperCase();
  if (wanted === "ANY" && declared.length === 0) return "Function calling config is set without function_declarations.";
  if (allowedFunctionNames.length === 0) return null;
  if (wanted === "AUTO" || wanted === "MODE_UNSPECIFIED") {
    return "allowed_function_names should only be set when the function calling mode is ANY or VALIDATED.";
  }
  const stranger = allowedFunctionNames.find((allowed) => !declared.some(({ name }) => name === allowed));
  return stranger === undefined ? null : `allowed_function_names contains a function that is not declared: ${stranger}`;
}

function checkMixture(
  { tools = [], toolConfig, generationConfig }: GenerateRequest,
  { declared, model, surface }: { declared: FunctionDeclaration[]; model: Model; surface: Surface },
): string | null {
  const builtIn = BUILT_IN.filter(([name]) => tools.some((tool) => tool[name] !== undefined)).map(([, name]) => name);
  const isJson = generationConfig?.responseMimeType === "application/json";
  if (model.generation < 3) {
    if (isJson && declared.length > 0) {
      return "Function calling with a response mime type: 'application/json' is unsupported";
    }
    if (isJson && builtIn.length > 0) return "Tool use with a response mime type: 'application/json' is unsupported";
    return builtIn.length > 0 && declared.length > 0
      ? `Built-in tools ({${builtIn.join(", ")}}) and Function Calling cannot be combined in the same request. Please choose one to continue.`
      : null;
  }
  const said = toolConfig?.includeServerSideToolInvocations === true;
  return surface === "native" && builtIn.length > 0 && declared.length > 0 && !said
    ? "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling."
    : null;
}

// The schema of the answer itself.
function checkWanted({ generationConfig = {} }: GenerateRequest): string | null {
  const path = "GenerateContentRequest.generation_config";
  const { responseSchema, responseJsonSchema } = generationConfig;
  if (responseSchema !== undefined) {
    return checkSchema(responseSchema, { path: `${path}.response_schema`, wantsObject: false });
  }
  return checkJsonSchema(responseJsonSchema, { path: `${path}.response_json_schema`, wantsObject: false });
}
