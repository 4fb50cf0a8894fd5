/** @module What Gemini refuses in a well-formed request: turns, signatures, settings a model does not have (fact sheet upstream 4.2, 8). */

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Model } from "../state/models.ts";
import { checkSignature } from "./signatures.ts";
import type { Content, GenerateRequest, Part } from "./gemini-types.ts";

/** The refusal of a request, or null. */
export function checkGenerate(
  request: GenerateRequest,
  options: { model: Model; project: string; promptTokens: number },
): ApiError | null {
  const contents = request.contents ?? [];
  const words =
    (contents.length === 0 ? "* GenerateContentRequest.contents: contents is not specified\n" : null) ??
    checkParts(contents) ??
    checkNames(request) ??
    checkSettings(request, options.model) ??
    checkTurns(contents, options.model) ??
    checkSignatures(contents, options) ??
    checkSize(options);
  return words === null ? null : apiError("INVALID_ARGUMENT", words);
}

/** Whether Gemini wants signatures back from clients of this model. */
export function requiresSignatures(model: Model): boolean {
  return model.generation >= 3 && !model.image;
}

// --- helpers ---

function checkParts(contents: Content[]): string | null {
  for (const [index, content] of contents.entries()) {
    if (!content.parts?.length) {
      return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
    }
    const empty = content.parts.findIndex((part) => Object.keys(part).every((name) => NOT_DATA.has(name)));
    if (empty >= 0) {
      return `* GenerateContentRequest.contents[${index}].parts[${empty}].data: required oneof field 'data' must have one initialized field\n`;
    }
    if (content.role !== undefined && !["user", "model", "function", ""].includes(content.role)) {
      return "Please use a valid role: user, model.";
    }
  }
  return null;
}

const NOT_DATA = new Set(["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"]);

function checkNames(request: GenerateRequest): string | null {
  for (const [toolIndex, tool] of (request.tools ?? []).entries()) {
    for (const [index, declaration] of (tool.functionDeclarations ?? []).entries()) {
      if (/^[A-Za-z_][\w.:-]{0,63}$/.test(declaration.name ?? "")) continue;
      return `* GenerateContentRequest.tools[${toolIndex}].function_declarations[${index}].name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n`;
    }
  }
  return null;
}

function checkSettings({ generationConfig = {} }: GenerateRequest, model: Model): string | null {
  const { thinkingConfig, presencePenalty, frequencyPenalty, candidateCount } = generationConfig;
  const level = thinkingConfig?.thinkingLevel?.toUpperCase();
  const budget = thinkingConfig?.thinkingBudget;
  if (level !== undefined && budget !== undefined)
    return "You can only set only one of thinking budget and thinking level.";
  if (budget !== undefined && model.generation >= 4) {
    return "Thinking budget is not supported for this model. Use thinking level instead.";
  }
  if (level !== undefined && !levelsOf(model).includes(level)) {
    return model.generation < 3
      ? "Thinking level is not supported for this model."
      : `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`;
  }
  if (model.generation < 3.7) return null;
  if (presencePenalty !== undefined || frequencyPenalty !== undefined)
    return `Penalty is not enabled for ${model.name}`;
  return (candidateCount ?? 1) > 1 ? "Multiple candidates is not enabled for this model" : null;
}

function levelsOf(model: Model): string[] {
  const { generation, modelVersion } = model;
  if (generation < 3) return [];
  if (modelVersion.includes("lite")) return ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
  if (/hydrogen|neon/.test(modelVersion)) return ["LOW", "MEDIUM", "HIGH", "XHIGH"];
  if (generation >= 3.7 || modelVersion.includes("-pro")) return ["LOW", "MEDIUM", "HIGH"];
  return ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
}

function checkTurns(contents: Content[], model: Model): string | null {
  for (const [index, content] of contents.entries()) {
    const responses = partsWith(content, "functionResponse");
    const before = contents[index - 1];
    const calls = content.role === "model" || !before ? [] : partsWith(before, "functionCall");
    if (responses.length !== calls.length) {
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
    }
    if (
      partsWith(content, "functionCall").length > 0 &&
      (content.role !== "model" || !before || before.role === "model")
    ) {
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    }
    if (!idsMatch(calls, responses)) return "Request contains an invalid argument.";
  }
  const last = contents.at(-1);
  if (last?.role !== "model") return null;
  if (partsWith(last, "functionCall").length > 0 || model.generation >= 3.7) {
    return "Please ensure that multiturn requests end with a user role or a function response.";
  }
  return null;
}

// Only where both sides carry ids: older histories have none.
function idsMatch(calls: Part[], responses: Part[]): boolean {
  const ids = calls.map((part) => part.functionCall?.id);
  if (ids.includes(undefined)) return true;
  return responses.every(
    ({ functionResponse }) => functionResponse?.id === undefined || ids.includes(functionResponse.id),
  );
}

function checkSignatures(contents: Content[], { model, project }: { model: Model; project: string }): string | null {
  for (const content of contents) {
    for (const { thoughtSignature } of content.parts ?? []) {
      if (!thoughtSignature) continue;
      const verdict = checkSignature(thoughtSignature, project);
      if (verdict === "corrupted") return "Corrupted thought signature.";
      if (verdict === "invalid") return "Invalid thought signature.";
    }
  }
  return requiresSignatures(model) ? missingSignature(contents) : null;
}

// The current turn begins after the last content of the user that is not only function responses.
function missingSignature(contents: Content[]): string | null {
  const start = contents.findLastIndex(
    ({ role, parts }) => role !== "model" && parts?.some((part) => part.functionResponse === undefined),
  );
  for (let index = start + 1; index < contents.length; index++) {
    const content = contents[index];
    const first = content?.role === "model" ? partsWith(content, "functionCall")[0] : undefined;
    if (!first || first.thoughtSignature) continue;
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${first.functionCall?.name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
  }
  return null;
}

function checkSize({ model, promptTokens }: { model: Model; promptTokens: number }): string | null {
  if (promptTokens <= model.inputTokenLimit) return null;
  return `The input token count exceeds the maximum number of tokens allowed (${model.inputTokenLimit}).`;
}

function partsWith(content: Content, member: "functionCall" | "functionResponse"): Part[] {
  return (content.parts ?? []).filter((part) => part[member] !== undefined);
}
