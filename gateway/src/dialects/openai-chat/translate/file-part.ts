/**
 * The `file` part: `file_data` with its `filename`, or `file_id` (fact sheet translation 1.2).
 * @module
 */
import type { JsonObject, TurnPart } from "../../../translation/types.ts";
import { fromBase64 } from "./base64-text.ts";
import { mimeTypeOfName, readAddress, readBase64, type MediaPart } from "./media.ts";
import type { Problems } from "./problems.ts";
import { textOf } from "./values.ts";

/**
 * Reads a file. Documents, pictures, sound and films stay what they are; other text (JSON, source code …), which Gemini
 * takes no file of, becomes text under its name.
 */
export function readFile(
  file: JsonObject,
  path: string,
  problems: Problems,
): Extract<TurnPart, { kind: "text" }> | MediaPart | null {
  const name = textOf(file["filename"]);
  const data = textOf(file["file_data"]) ?? textOf(file["file_url"]);
  const id = textOf(file["file_id"]);
  if (data === null && id === null) {
    problems.invalid(path, "must have 'file_data' or 'file_id'.");
    return null;
  }
  const field = data === null ? `${path}.file_id` : `${path}.file_data`;
  const hint = name === null ? null : mimeTypeOfName(name);
  const isBare = data !== null && !/^\s*(?:data|https|http|gs):/i.test(data.slice(0, 32));
  const read = isBare ? readBase64(data, hint ?? "application/octet-stream") : readAddress(data ?? id ?? "", hint);
  if (!read.ok) {
    const text = isBare ? decodeText(data) : null;
    if (text !== null) return named(name, text);
    if (read.wrong === "unsupported") problems.unsupported(field, read.words);
    else if (data === null) problems.invalid(field, "must be the name of an uploaded file (files/…) or its address.");
    else problems.invalid(field, read.words);
    return null;
  }
  if (read.part.kind === "file" || isTaken(read.part.mimeType)) return read.part;
  const text = decodeText(read.part.data);
  return text === null ? read.part : named(name, text);
}

// --- helpers ---

/** Types that Gemini takes as they are; Office documents from Gemini 4 on. */
function isTaken(mimeType: string): boolean {
  return (
    /^(?:image|audio|video)\//.test(mimeType) ||
    mimeType === "application/pdf" ||
    mimeType.startsWith("application/vnd.") ||
    takenTexts.has(mimeType.replace(/;.*$/, ""))
  );
}

const takenTexts: ReadonlySet<string> = new Set([
  "text/plain",
  "text/html",
  "text/css",
  "text/csv",
  "text/xml",
  "text/rtf",
  "text/markdown",
  "text/javascript",
]);

function named(name: string | null, text: string): Extract<TurnPart, { kind: "text" }> {
  return { kind: "text", text: name === null ? text : `${name}:\n${text}` };
}

/** Characters of base64. What is larger is no text that a model could read. */
const longestText = 8 * 1024 * 1024;

/** Base64 of UTF-8 text; null: of something else. */
function decodeText(data: string): string | null {
  const bytes = data.length > longestText ? null : fromBase64(data);
  if (bytes === null) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") || text === "" ? null : text;
  } catch {
    return null;
  }
}
