/**
 * Bodies of native clients as Code Assist takes them.
 * @module
 */
import type { CodeAssistQuestion } from "./types.ts";

type JsonObject = Record<string, unknown>;

/** Fields of the Gemini API that this backend does not know and that change nothing about the answer. */
const unknownHere: ReadonlySet<string> = new Set(["model", "store", "serviceTier"]);

/**
 * Reads a body and leaves out what this backend refuses.
 * @param options `forCounting`: contents alone count; thoughts are left out, as the Gemini CLI does
 * @returns an empty object for what is no JSON object: the upstream refuses it in its own words
 */
export function toNativeRequest(question: CodeAssistQuestion, options: { forCounting: boolean }): JsonObject {
  const body = parse(question);
  const inner = body["generateContentRequest"] ?? body["generate_content_request"];
  const source = options.forCounting && isObject(inner) ? inner : body;
  const request: JsonObject = {};
  for (const [name, value] of Object.entries(source)) {
    const known = name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
    if (!unknownHere.has(known) && (!options.forCounting || known === "contents")) request[known] = value;
  }
  if (request["contents"] !== undefined) request["contents"] = toContents(request["contents"], options.forCounting);
  return options.forCounting ? request : question.lowerTools(request);
}

// --- helpers ---

function parse({ body, bytes }: CodeAssistQuestion): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.decode(bytes.concat(body.chunks)));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** One content or a list; each needs a role here, which the Gemini API lets one leave out. */
function toContents(contents: unknown, forCounting: boolean): unknown {
  const list = Array.isArray(contents) ? contents : [contents];
  return list.map((content) => {
    if (!isObject(content)) return content;
    const parts = Array.isArray(content["parts"]) ? content["parts"] : [content["parts"]];
    const kept = parts.filter((part) => part !== undefined && !(forCounting && isThought(part)));
    return {
      ...content,
      role: content["role"] ?? "user",
      parts: kept.map((part) => (isThought(part) ? toText(part) : part)),
    };
  });
}

function isThought(part: unknown): part is JsonObject {
  return isObject(part) && part["thought"] === true && typeof part["text"] === "string";
}

/** As the Gemini CLI writes thoughts for this backend; the signature stays where it is. */
function toText(part: JsonObject): JsonObject {
  const { thought: _thought, text, ...rest } = part;
  return { ...rest, text: `[Thought: ${String(text)}]` };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
