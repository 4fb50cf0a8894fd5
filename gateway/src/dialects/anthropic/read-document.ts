/**
 * Documents and search results (fact sheet translation 3.2).
 * @module
 */
import type { JsonObject, TurnPart } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";
import { readMediaSource, type MediaPart } from "./read-source.ts";

/** A document as parts: what is known of it as text, then its content. */
export function readDocument(
  block: JsonObject,
  path: string,
  check: Check,
): (Extract<TurnPart, { kind: "text" }> | MediaPart)[] {
  const head = headOf(block, path, check);
  const field = `${path}.source`;
  const source = check.object(block["source"], field);
  if (source === null) {
    check.fail(field, "Is required.");
    return [];
  }
  const withHead = (text: string): { kind: "text"; text: string }[] => {
    const whole = head === "" || text === "" ? head + text : `${head}\n${text}`;
    return whole === "" ? [] : [{ kind: "text", text: whole }];
  };
  switch (source["type"]) {
    case "text":
      return withHead(check.string(source["data"], `${field}.data`) ?? "");
    case "content":
      return readInner(source["content"], `${field}.content`, check, withHead);
    default: {
      const media = readMediaSource({ value: source, field, fallbackType: "application/pdf" }, check);
      return media === null ? withHead("") : [...withHead(""), media];
    }
  }
}

/** A search result of the client's own as text: title, source, content. */
export function searchResultText(block: JsonObject, path: string, check: Check): string {
  const lines = [check.string(block["title"], `${path}.title`), check.string(block["source"], `${path}.source`)];
  const content = block["content"];
  if (typeof content === "string") lines.push(content);
  else
    for (const [index, inner] of (check.list(content, `${path}.content`) ?? []).entries())
      if (isObject(inner)) lines.push(check.string(inner["text"], `${path}.content[${index}].text`));
  return lines.filter((line) => line !== null && line !== "").join("\n");
}

// --- helpers ---

function headOf(block: JsonObject, path: string, check: Check): string {
  const title = check.string(block["title"], `${path}.title`);
  const context = check.string(block["context"], `${path}.context`);
  const lines: string[] = [];
  if (title !== null && title !== "") lines.push(`Document: ${title}`);
  if (context !== null && context !== "") lines.push(`Context: ${context}`);
  return lines.join("\n");
}

/** Source `content`: a string, or blocks of text and pictures. */
function readInner(
  content: unknown,
  field: string,
  check: Check,
  withHead: (text: string) => { kind: "text"; text: string }[],
): ({ kind: "text"; text: string } | MediaPart)[] {
  if (typeof content === "string") return withHead(content);
  const parts: ({ kind: "text"; text: string } | MediaPart)[] = withHead("");
  for (const [index, inner] of (check.list(content, field) ?? []).entries()) {
    const path = `${field}[${index}]`;
    if (!isObject(inner)) continue;
    if (inner["type"] === "image") {
      const media = readMediaSource({ value: inner["source"], field: `${path}.source`, fallbackType: null }, check);
      if (media !== null) parts.push(media);
    } else {
      const text = check.string(inner["text"], `${path}.text`);
      if (text !== null && text !== "") parts.push({ kind: "text", text });
    }
  }
  return parts;
}
