/**
 * Content blocks of a message to parts of a turn (fact sheet translation 3.2).
 * @module
 */
import { isTooDeep } from "../../translation/dialect-help/nesting.ts";
import type { JsonObject, TurnPart } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";
import { readDocument, searchResultText } from "./read-document.ts";
import { readMediaSource } from "./read-source.ts";
import { readToolResult, serverResultText } from "./read-results.ts";

/** What the writer puts where a signature must stand and there is none: some clients turn unsigned thinking into text. */
export const unsignedMark = "unsigned";

/**
 * Reads `content` of a user or assistant message.
 * @param message.content a string or a list of blocks
 * @param carriers signatures of thinking blocks are added here, in order
 */
export function readContent(
  message: { content: unknown; field: string; role: "user" | "model" },
  check: Check,
  carriers: string[],
): TurnPart[] {
  const { content, field, role } = message;
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  if (!Array.isArray(content)) {
    check.fail(field, "Must be a string or a list of content blocks.");
    return [];
  }
  const parts: TurnPart[] = [];
  content.forEach((block: unknown, index) => {
    const path = `${field}[${index}]`;
    if (isObject(block)) readBlock({ block, path, role }, check, { parts, carriers });
    else check.fail(path, "Must be an object.");
  });
  return parts;
}

// --- helpers ---

interface Sink {
  parts: TurnPart[];
  carriers: string[];
}

function readBlock(place: { block: JsonObject; path: string; role: "user" | "model" }, check: Check, sink: Sink): void {
  const { block, path, role } = place;
  const addText = (text: string | null): void => {
    // Clients with interleaved thinking send "" between blocks; Google refuses a part without data (bug 9).
    if (text !== null && text !== "") sink.parts.push({ kind: "text", text });
  };
  const type = check.required(block["type"], `${path}.type`);
  switch (type) {
    case "text":
      addText(check.string(block["text"], `${path}.text`));
      return;
    case "image": {
      const media = readMediaSource({ value: block["source"], field: `${path}.source`, fallbackType: null }, check);
      if (media !== null) sink.parts.push(media);
      return;
    }
    case "document":
      for (const part of readDocument(block, path, check)) sink.parts.push(part);
      return;
    case "search_result":
      addText(searchResultText(block, path, check));
      return;
    case "thinking":
      addCarrier(check.string(block["signature"], `${path}.signature`), sink);
      return;
    case "redacted_thinking":
      addCarrier(check.string(block["data"], `${path}.data`), sink);
      return;
    case "tool_use":
      if (role === "model") sink.parts.push(readToolUse(block, path, check));
      else check.fail(`${path}.type`, "tool_use blocks belong in assistant messages.");
      return;
    case "tool_result":
      if (role === "user") sink.parts.push(readToolResult(block, path, check));
      else check.fail(`${path}.type`, "tool_result blocks belong in user messages.");
      return;
    case "compaction":
      addText(check.string(block["content"], `${path}.content`));
      return;
    default:
      // Server tools' calls say nothing that their results do not; kinds that are not known are left out.
      addText(serverResultText(type, block["content"]));
  }
}

/** The thinking itself is never sent: altered or foreign thoughts as visible text would be taken for an answer. */
function addCarrier(carrier: string | null, sink: Sink): void {
  if (carrier !== null && carrier !== "" && carrier !== unsignedMark) sink.carriers.push(carrier);
}

function readToolUse(block: JsonObject, path: string, check: Check): TurnPart {
  return {
    kind: "call",
    id: check.required(block["id"], `${path}.id`),
    name: check.required(block["name"], `${path}.name`),
    args: readInput(block["input"]),
    signature: null,
  };
}

/** A call is never dropped for its arguments: its result would be without one (bug 17). */
function readInput(input: unknown): JsonObject {
  if (isObject(input)) return input;
  if (input == null || input === "") return {};
  if (typeof input !== "string") return { value: input };
  try {
    const parsed: unknown = JSON.parse(input);
    if (isTooDeep(parsed)) return { _raw: input };
    return isObject(parsed) ? parsed : { value: parsed };
  } catch {
    return { _raw: input };
  }
}
