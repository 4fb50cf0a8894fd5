/** @module Whether a scripted answer is meant for a request: what the user said, which results came back, which functions there are. */

import { lastUserText } from "../answer/default-parts.ts";
import type { Content, GenerateRequest } from "../answer/gemini-types.ts";
import type { ScriptCondition, ScriptRequest, ScriptedAnswer, TextPattern } from "./script-types.ts";

/** A condition, ready to be asked. */
export type ScriptTest = (request: ScriptRequest) => boolean;

/**
 * Makes the test of an answer: its `model` and its `when`.
 * @throws TypeError for an unknown condition, or an expression that is none.
 */
export function toScriptTest({ model, when = {} }: ScriptedAnswer): ScriptTest {
  for (const name of Object.keys(when)) {
    if (!CONDITIONS.has(name)) throw new TypeError(`Unknown script condition: ${name}`);
  }
  const lastText = toTextTest(when.lastUserText);
  const systemText = toTextTest(when.systemText);
  return (request) => {
    const body: GenerateRequest = request.body;
    const contents = body.contents ?? [];
    return (
      isModel(model, request.model) &&
      isModel(when.model, request.model) &&
      (when.surface === undefined || when.surface === request.surface) &&
      (when.stream === undefined || when.stream === request.stream) &&
      (when.path === undefined || request.path.includes(when.path)) &&
      lastText(() => lastUserText(contents)) &&
      systemText(() => textOf(body.systemInstruction)) &&
      hasResult(when.hasToolResult, contents) &&
      (when.toolResults === undefined || when.toolResults === contents.flatMap(resultsOf).length) &&
      hasTool(when.hasTool, body)
    );
  };
}

// --- helpers ---

const CONDITIONS = new Set<string>([
  "lastUserText",
  "systemText",
  "hasToolResult",
  "toolResults",
  "hasTool",
  "model",
  "surface",
  "path",
  "stream",
] satisfies (keyof ScriptCondition)[]);

function isModel(wanted: string | undefined, model: string): boolean {
  return wanted === undefined || wanted.replace(/^models\//, "") === model;
}

function toTextTest(pattern: TextPattern | undefined): (text: () => string) => boolean {
  if (pattern === undefined) return () => true;
  if (typeof pattern === "string") return (text) => text().includes(pattern);
  if (!(pattern instanceof RegExp) && typeof pattern?.regex !== "string") {
    throw new TypeError("A text condition is a string, an expression or {regex, flags?}");
  }
  const { source, flags } = pattern instanceof RegExp ? pattern : { source: pattern.regex, flags: pattern.flags ?? "" };
  // `g` and `y` would remember where the last match was.
  const expression = toExpression(source, flags.replaceAll(/[gy]/g, ""));
  return (text) => expression.test(text());
}

function toExpression(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    throw new TypeError(`Not an expression: ${source}`);
  }
}

function textOf(content: Content | undefined): string {
  return (content?.parts ?? []).map((part) => part.text ?? "").join("\n");
}

function resultsOf(content: Content): string[] {
  return (content.parts ?? []).flatMap(({ functionResponse }) => (functionResponse ? [functionResponse.name] : []));
}

// The results that no model turn has answered yet: some clients put what else the user said in a content of its own.
function hasResult(wanted: string | undefined, contents: readonly Content[]): boolean {
  if (wanted === undefined) return true;
  const results = contents.slice(contents.findLastIndex(({ role }) => role === "model") + 1).flatMap(resultsOf);
  return wanted === "" ? results.length === 0 : results.includes(wanted);
}

function hasTool(wanted: string | boolean | undefined, { tools }: GenerateRequest): boolean {
  if (wanted === undefined) return true;
  const names = (tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []).map(({ name }) => name);
  return typeof wanted === "string" ? names.includes(wanted) : names.length > 0 === wanted;
}
