/** @module The turns of a conversation: their parts, calls and results, thought signatures (fact sheet upstream 8, translation 0.3, 5.1). */

import type { Model } from "../state/models.ts";
import type { Surface } from "../state/surface.ts";
import { checkReferences } from "./check-references.ts";
import type { Content, GenerateRequest, Part } from "./gemini-types.ts";
import { checkSignature } from "./signatures.ts";

/** Parts without data, and roles that are none. */
export function checkParts({ contents = [], systemInstruction }: GenerateRequest, surface: Surface): string | null {
  for (const [index, content] of contents.entries()) {
    const words = checkContent(content, `GenerateContentRequest.contents[${index}]`, surface);
    if (words !== null) return words;
    if (content.role === undefined && surface === "code-assist") return INVALID_ROLE;
    if (content.role !== undefined && !["user", "model", "function", ""].includes(content.role)) return INVALID_ROLE;
  }
  return systemInstruction
    ? checkContent(systemInstruction, "GenerateContentRequest.system_instruction", surface)
    : null;
}

/** Calls and results that do not pair, and histories that begin or end in the wrong way. */
export function checkTurns(contents: Content[], { model, surface }: { model: Model; surface: Surface }): string | null {
  for (const [index, content] of contents.entries()) {
    const responses = partsWith(content, "functionResponse");
    const before = contents[index - 1];
    const calls = before ? partsWith(before, "functionCall") : [];
    if (responses.length !== calls.length) {
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
    }
    if (
      partsWith(content, "functionCall").length > 0 &&
      (content.role !== "model" || !before || before.role === "model")
    ) {
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    }
    if (!belongTogether(calls, responses)) return "Request contains an invalid argument.";
    const words = surface === "openai" ? null : checkReferences(responses, model);
    if (words !== null) return words;
  }
  const last = contents.at(-1);
  if (last?.role !== "model") return null;
  if (partsWith(last, "functionCall").length > 0 || model.generation >= 3.7) {
    return "Please ensure that multiturn requests end with a user role or a function response.";
  }
  return null;
}

/** Signatures of others, and missing ones. */
export function checkSignatures(
  contents: Content[],
  { model, project }: { model: Model; project: string },
): string | null {
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

/** Whether Gemini wants signatures back from clients of this model. */
export function requiresSignatures(model: Model): boolean {
  return model.generation >= 3 && !model.image;
}

// --- helpers ---

const INVALID_ROLE = "Please use a valid role: user, model.";

const NOT_DATA = new Set(["thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"]);

function checkContent(content: Content, path: string, surface: Surface): string | null {
  if (!content.parts?.length) return `* ${path}.parts: contents.parts must not be empty.\n`;
  for (const [index, part] of content.parts.entries()) {
    if (isEmpty(part, surface)) {
      return `* ${path}.parts[${index}].data: required oneof field 'data' must have one initialized field\n`;
    }
    if (part.functionCall && !part.functionCall.name) {
      return `* ${path}.parts[${index}].function_call.name: Name cannot be empty.\n`;
    }
    if (part.functionResponse && !part.functionResponse.name) {
      return `* ${path}.parts[${index}].function_response.name: Name cannot be empty.\n`;
    }
  }
  return null;
}

// An empty text is no data, unless it is what carries a signature; Google's own OpenAI surface drops it itself.
function isEmpty(part: Part, surface: Surface): boolean {
  if (part.text === "" && !part.thoughtSignature && surface !== "openai") {
    return Object.keys(part).every((name) => name === "text" || NOT_DATA.has(name));
  }
  return Object.keys(part).every((name) => NOT_DATA.has(name));
}

// By id where both sides have one (older histories have none), else by name; each call has one result.
function belongTogether(calls: Part[], responses: Part[]): boolean {
  const open = calls.map((part) => ({ id: part.functionCall?.id, name: part.functionCall?.name }));
  for (const { functionResponse } of responses) {
    const { id, name } = functionResponse ?? {};
    const exact = open.findIndex((call) => id !== undefined && call.id === id);
    const index =
      exact >= 0 ? exact : open.findIndex((call) => (call.id === undefined || id === undefined) && call.name === name);
    if (index < 0 || open[index]?.name !== name) return false;
    open.splice(index, 1);
  }
  return true;
}

// The current turn begins after the last content of the user that is not only function responses.
function missingSignature(contents: Content[]): string | null {
  const start = contents.findLastIndex(
    ({ role, parts }) => role !== "model" && parts?.some((part) => part.functionResponse === undefined),
  );
  for (let index = start + 1; index < contents.length; index++) {
    const content = contents[index];
    if (content?.role !== "model") continue;
    if (content.parts?.some((part) => part["toolCall"] !== undefined && !part.thoughtSignature)) {
      return "Tool call part is missing thought_signature";
    }
    const first = partsWith(content, "functionCall")[0];
    if (!first || first.thoughtSignature) continue;
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${first.functionCall?.name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
  }
  return null;
}

function partsWith(content: Content, member: "functionCall" | "functionResponse"): Part[] {
  return (content.parts ?? []).filter((part) => part[member] !== undefined);
}
