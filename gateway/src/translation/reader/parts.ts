/**
 * Parts of an answer as events. A part says one thing, and may carry a signature whatever it says (bug 29).
 * @module
 */
import type { AnswerEvent, JsonObject } from "../types.ts";
import type { CallReader } from "./calls.ts";
import { toObject, toText } from "./wire.ts";

/** What a part was. */
export interface PartContent {
  /** Something was said. */
  isContent: boolean;
  /** And it was no thought, nor the model's own business. */
  isVisible: boolean;
}

const silent: PartContent = { isContent: false, isVisible: false };
const thoughtful: PartContent = { isContent: true, isVisible: false };
const visible: PartContent = { isContent: true, isVisible: true };

/**
 * Reads one part.
 * @param part of `content.parts`, either spelling
 * @param events gets what it says
 */
export function readPart(part: JsonObject, calls: CallReader, events: AnswerEvent[]): PartContent {
  const signature = toText(part["thoughtSignature"] ?? part["thought_signature"]);
  const isThought = part["thought"] === true;
  const { text } = part;
  if (typeof text === "string" && text !== "") {
    events.push({ kind: isThought ? "thought" : "text", text, signature });
    return isThought ? thoughtful : visible;
  }
  const call = toObject(part["functionCall"] ?? part["function_call"]);
  if (call !== null) {
    const whole = calls.read(call, signature);
    for (const event of whole) events.push(event);
    // In pieces it is nothing yet that a client could see.
    return whole.length === 0 ? silent : visible;
  }
  const said = readOther(part, { isThought, signature, events });
  if (said !== null) return said;
  // Signatures often come with an empty text, at the very end.
  if (signature !== null) events.push({ kind: isThought ? "thought" : "text", text: "", signature });
  return silent;
}

// --- helpers ---

interface Facts {
  isThought: boolean;
  signature: string | null;
  events: AnswerEvent[];
}

/** Null: it says none of these. */
function readOther(part: JsonObject, { isThought, signature, events }: Facts): PartContent | null {
  const media = toObject(part["inlineData"] ?? part["inline_data"]);
  if (media !== null) return isThought ? null : readMedia(media, signature, events);
  const code = toObject(part["executableCode"] ?? part["executable_code"]);
  if (code !== null) {
    events.push({ kind: "code", language: toText(code["language"]) ?? "", code: toText(code["code"]) ?? "" });
    return visible;
  }
  const result = toObject(part["codeExecutionResult"] ?? part["code_execution_result"]);
  if (result !== null) {
    events.push({
      kind: "code-result",
      outcome: toText(result["outcome"]) ?? "",
      output: toText(result["output"]) ?? "",
    });
    return visible;
  }
  const file = toObject(part["fileData"] ?? part["file_data"]);
  const uri = toText(file?.["fileUri"] ?? file?.["file_uri"]);
  if (uri !== null) {
    events.push({ kind: isThought ? "thought" : "text", text: uri, signature });
    return isThought ? thoughtful : visible;
  }
  // Calls of tools that Google runs itself: no client has a word for them.
  const own = part["toolCall"] ?? part["tool_call"] ?? part["toolResponse"] ?? part["tool_response"];
  return toObject(own) === null ? null : thoughtful;
}

function readMedia(media: JsonObject, signature: string | null, events: AnswerEvent[]): PartContent | null {
  const data = toText(media["data"]);
  if (data === null) return null;
  const mimeType = toText(media["mimeType"] ?? media["mime_type"]) ?? "application/octet-stream";
  events.push({ kind: "media", mimeType, data, signature });
  return visible;
}
