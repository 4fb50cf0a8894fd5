/**
 * Native Gemini bodies on a backend without the JSON Schema fields (fact sheet translation 4.1).
 * @module
 */
import type { JsonObject } from "../types.ts";
import { lowerAnswerSchema, lowerNativeToolSchema } from "./schema.ts";
import { isObject } from "./values.ts";

/**
 * A native Gemini body for backends without the JSON Schema fields: `parametersJsonSchema` becomes `parameters`,
 * `responseJsonSchema` becomes `responseSchema`, in either spelling. Where both are set, the body is left to Google's
 * judgement. Types are kept: native answers are not read.
 * @param body not changed
 * @returns `body` itself where it has none of them
 */
export function lowerNativeTools(body: JsonObject): JsonObject {
  const withTools = replaceMember(body, "tools", (tools) => eachOf(tools, lowerTool));
  const camel = replaceMember(withTools, "generationConfig", moveAnswer);
  return replaceMember(camel, "generation_config", moveAnswer);
}

// --- helpers ---

const toolFields = ["parametersJsonSchema", "parameters_json_schema"];
/** With the underscore in front: how older SDKs wrote it. */
const answerFields = ["responseJsonSchema", "response_json_schema", "_responseJsonSchema", "_response_json_schema"];

function moveAnswer(config: unknown): unknown {
  if (!isObject(config)) return config;
  return moveField(config, {
    from: answerFields,
    to: ["responseSchema", "response_schema"],
    lower: lowerAnswerSchema,
  });
}

function lowerTool(tool: unknown): unknown {
  if (!isObject(tool)) return tool;
  const camel = replaceMember(tool, "functionDeclarations", lowerAll);
  return replaceMember(camel, "function_declarations", lowerAll);
}

function lowerAll(declarations: unknown): unknown {
  return eachOf(declarations, (declaration) =>
    isObject(declaration)
      ? moveField(declaration, { from: toolFields, to: ["parameters"], lower: lowerNativeToolSchema })
      : declaration,
  );
}

interface Move {
  from: readonly string[];
  /** The first is written; none may be there already. */
  to: readonly string[];
  lower(schema: JsonObject): JsonObject | null;
}

function moveField(holder: JsonObject, { from, to, lower }: Move): JsonObject {
  const name = from.find((key) => isObject(holder[key]));
  const [target] = to;
  if (name === undefined || target === undefined || to.some((key) => key in holder)) return holder;
  const { [name]: schema, ...rest } = holder;
  const lowered = isObject(schema) ? lower(schema) : null;
  return lowered === null ? rest : { ...rest, [target]: lowered };
}

function replaceMember(holder: JsonObject, name: string, change: (value: unknown) => unknown): JsonObject {
  if (!Object.hasOwn(holder, name)) return holder;
  const changed = change(holder[name]);
  return changed === holder[name] ? holder : { ...holder, [name]: changed };
}

/** Protobuf's JSON takes one value for a list of one. */
function eachOf(value: unknown, change: (item: unknown) => unknown): unknown {
  if (!Array.isArray(value)) return change(value);
  const changed = value.map(change);
  return changed.every((item, index) => item === value[index]) ? value : changed;
}
