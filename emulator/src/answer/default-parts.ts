/** @module What the emulated model says when nothing is scripted: calls when asked, quotes of results, JSON when wanted, else an echo. */

import type { Model } from "../state/models.ts";
import type { Content, FunctionDeclaration, GenerateRequest, Part } from "./gemini-types.ts";
import { sampleSchema } from "./sample-schema.ts";

/** The parts of an unscripted answer. Text comes in one part; how it is split in chunks is decided later. */
export function defaultParts(request: GenerateRequest, model: Model): Part[] {
  const prompt = lastUserText(request.contents ?? []);
  const results = lastResults(request.contents ?? []);
  const call = chooseCall(request, results.length > 0 ? "" : prompt);
  if (call) return [call];
  const { responseMimeType, responseSchema, responseJsonSchema, responseModalities } = request.generationConfig ?? {};
  const schema = responseJsonSchema ?? responseSchema;
  if (responseMimeType === "application/json") {
    return [
      { text: JSON.stringify(schema ? sampleSchema(schema, prompt.slice(0, 40)) : { echo: prompt.slice(0, 2_000) }) },
    ];
  }
  if (results.length > 0) return [{ text: `The function answered: ${results.join("; ")}` }];
  const wantsImage = responseModalities?.some((modality) => modality.toUpperCase() === "IMAGE") ?? model.image;
  const text = { text: echo(prompt, model) };
  return wantsImage ? [text, { inlineData: { mimeType: "image/png", data: PIXEL } }] : [text];
}

/** Text of the last content of the user, the reference for what the answer derives from. */
export function lastUserText(contents: readonly Content[]): string {
  const last = contents.findLast(
    ({ role, parts }) => role !== "model" && parts?.some((part) => part.text !== undefined),
  );
  return (last?.parts ?? []).map((part) => part.text ?? "").join("");
}

/** A transparent pixel: the image of every image answer. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

// --- helpers ---

function echo(prompt: string, model: Model): string {
  const { characters } = model.answer;
  const said = prompt.length > 2_000 ? `${prompt.slice(0, 2_000)}…` : prompt;
  const text = `You said: “${said}”. This is ${model.modelVersion}, emulated: the same prompt always gets this answer.`;
  if (characters === undefined) return text;
  return text.repeat(Math.ceil(characters / text.length)).slice(0, characters);
}

function lastResults(contents: readonly Content[]): string[] {
  const last = contents.at(-1);
  if (!last || last.role === "model") return [];
  return (last.parts ?? []).flatMap(({ functionResponse }) =>
    functionResponse ? [`${functionResponse.name} → ${JSON.stringify(functionResponse.response ?? {})}`] : [],
  );
}

function chooseCall(request: GenerateRequest, prompt: string): Part | null {
  const { mode, allowedFunctionNames } = request.toolConfig?.functionCallingConfig ?? {};
  const declared = (request.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
  const allowed = declared.filter(({ name }) => allowedFunctionNames?.includes(name) ?? true);
  if (allowed.length === 0 || mode?.toUpperCase() === "NONE") return null;
  const asked = allowed
    .filter(({ name }) => new RegExp(String.raw`\bcall ${escapeExpression(name)}(?![\w-])`).test(prompt))
    .sort((left, right) => right.name.length - left.name.length)[0];
  const chosen = asked ?? (mode?.toUpperCase() === "ANY" ? allowed[0] : undefined);
  return chosen ? { functionCall: { name: chosen.name, args: argumentsFor(chosen, prompt) } } : null;
}

// JSON after "call <name>" in the prompt, else what the schema asks for.
function argumentsFor(declaration: FunctionDeclaration, prompt: string): Record<string, unknown> {
  const place = prompt.indexOf(`call ${declaration.name}`);
  const given = place < 0 ? null : leadingObject(prompt.slice(place + 5 + declaration.name.length));
  if (given) return given;
  const schema = declaration.parametersJsonSchema ?? declaration.parameters;
  const sample = schema ? sampleSchema(schema, "example") : {};
  return typeof sample === "object" && sample !== null ? (sample as Record<string, unknown>) : {};
}

function leadingObject(text: string): Record<string, unknown> | null {
  const start = text.indexOf("{");
  if (start < 0 || text.slice(0, start).trim().length > 20) return null;
  for (let end = text.indexOf("}", start); end >= 0; end = text.indexOf("}", end + 1)) {
    try {
      return JSON.parse(text.slice(start, end + 1)) as Record<string, unknown>;
    } catch {
      // A brace inside: the next closing one may fit.
    }
  }
  return null;
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[.:-]/g, String.raw`\$&`);
}
