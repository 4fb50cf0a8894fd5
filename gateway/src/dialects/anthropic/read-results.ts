/**
 * Results of tools: of the client's own, and of Anthropic's server tools in a history (fact sheet translation 3.2).
 * @module
 */
import type { JsonObject, TurnPart } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";
import { readDocument, searchResultText } from "./read-document.ts";
import { readMediaSource, type MediaPart } from "./read-source.ts";

/** `tool_result`: texts joined by line ends, pictures and documents beside them (bug 34). */
export function readToolResult(block: JsonObject, path: string, check: Check): TurnPart {
  const texts: string[] = [];
  const media: MediaPart[] = [];
  const content = block["content"];
  if (typeof content === "string") texts.push(content);
  else
    for (const [index, inner] of (check.list(content, `${path}.content`) ?? []).entries()) {
      const field = `${path}.content[${index}]`;
      if (isObject(inner)) readInner(inner, field, check, { texts, media });
      else check.fail(field, "Must be an object.");
    }
  return {
    kind: "result",
    id: check.required(block["tool_use_id"], `${path}.tool_use_id`),
    name: null,
    text: texts.join("\n"),
    isError: check.boolean(block["is_error"], `${path}.is_error`) ?? false,
    media,
  };
}

/**
 * What a server tool of Anthropic's found, in short: its encrypted content means nothing to Gemini.
 * @param type of the block, such as `web_search_tool_result`
 * @returns "" for everything that is no such result
 */
export function serverResultText(type: string, content: unknown): string {
  if (!type.endsWith("_tool_result")) return "";
  const found = (Array.isArray(content) ? content : [content]).filter(isObject).map(lineOf);
  const lines = found.filter((line) => line !== "").slice(0, mostLines);
  if (lines.length === 0) return "";
  const name = type.slice(0, -"_tool_result".length).replaceAll("_", " ");
  return `Result of ${name}:\n${lines.join("\n")}`;
}

// --- helpers ---

/** A search gives about ten; more would be no summary. */
const mostLines = 50;
const longestLine = 4_000;

function readInner(
  inner: JsonObject,
  field: string,
  check: Check,
  result: { texts: string[]; media: MediaPart[] },
): void {
  switch (check.required(inner["type"], `${field}.type`)) {
    case "text":
      result.texts.push(check.string(inner["text"], `${field}.text`) ?? "");
      return;
    case "image": {
      const media = readMediaSource({ value: inner["source"], field: `${field}.source`, fallbackType: null }, check);
      if (media !== null) result.media.push(media);
      return;
    }
    case "document":
      for (const part of readDocument(inner, field, check))
        if (part.kind === "text") result.texts.push(part.text);
        else result.media.push(part);
      return;
    case "search_result":
      result.texts.push(searchResultText(inner, field, check));
      return;
    case "tool_reference":
      result.texts.push(`Tool ${check.required(inner["tool_name"], `${field}.tool_name`)} is now available.`);
      return;
    default:
    // Kinds that are not known are left out.
  }
}

function lineOf(found: JsonObject): string {
  const text = (key: string): string => (typeof found[key] === "string" ? found[key] : "");
  const inner = isObject(found["content"]) ? found["content"] : {};
  const title = text("title") || (typeof inner["title"] === "string" ? inner["title"] : "");
  if (text("url") !== "") return `- ${title === "" ? "" : `${title} – `}${text("url")}`.slice(0, longestLine);
  const plain = [text("text"), text("stdout"), text("stderr"), text("error_code")].filter((part) => part !== "");
  return plain.join("\n").slice(0, longestLine);
}
