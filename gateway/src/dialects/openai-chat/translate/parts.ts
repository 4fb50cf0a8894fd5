/**
 * The content of a message: a string, null, or an array of parts, in every role (fact sheet translation 1.2, bug 16).
 * @module
 */
import type { JsonObject, TurnPart } from "../../../translation/types.ts";
import { readFile } from "./file-part.ts";
import { mimeTypeOfSound, readAddress, readBase64, type MediaPart, type MediaRead } from "./media.ts";
import type { Problems } from "./problems.ts";
import { isObject, objectOf, textOf } from "./values.ts";

/** A part of a message's own content: calls and results stand elsewhere. */
export type ContentPart = Extract<TurnPart, { kind: "text" }> | MediaPart;

/**
 * Reads a content. Empty texts are left out: Google refuses parts without data (bug 9).
 * @param content the value of `content`
 * @param path of it in the body, such as `messages[2].content`
 */
export function readContent(content: unknown, path: string, problems: Problems): ContentPart[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) {
    problems.invalid(path, "must be a string or an array of parts.");
    return [];
  }
  const parts: ContentPart[] = [];
  for (const [index, value] of (content as unknown[]).entries()) {
    if (typeof value === "string" && value !== "") parts.push({ kind: "text", text: value });
    if (value === null || typeof value === "string") continue;
    const part = isObject(value) ? readPart(value, `${path}[${index}]`, problems) : null;
    if (part !== null) parts.push(part);
    else if (!isObject(value)) problems.invalid(`${path}[${index}]`, "must be an object with a 'type'.");
  }
  return parts;
}

/** The texts of a content, one to a part. Anything else in it is refused. */
export function readTexts(content: unknown, path: string, problems: Problems): string[] {
  const texts: string[] = [];
  for (const part of readContent(content, path, problems))
    if (part.kind === "text") texts.push(part.text);
    else problems.unsupported(path, "must be text only: Gemini takes no media in a system instruction.");
  return texts;
}

// --- helpers ---

function readPart(part: JsonObject, path: string, problems: Problems): ContentPart | null {
  const type = part["type"];
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
      return readText(part["text"], `${path}.text`, problems);
    case "refusal":
      return readText(part["refusal"], `${path}.refusal`, problems);
    case "image_url":
    case "input_image":
      return readUrl(part["image_url"], `${path}.image_url`, problems);
    case "video_url":
      return readUrl(part["video_url"], `${path}.video_url`, problems);
    case "input_video":
      return readVideo(part["input_video"] ?? part["video_url"], `${path}.input_video`, problems);
    case "input_audio":
      return readSound(objectOf(part["input_audio"]), `${path}.input_audio`, problems);
    case "file":
    case "input_file":
      return readFile(objectOf(part["file"]) ?? part, `${path}.file`, problems);
    // Thoughts of this model or another in a history: never sent as text (fact sheet translation 1.2).
    case "thinking":
    case "redacted_thinking":
    case "reasoning":
      return null;
    default:
      problems.unsupported(`${path}.type`, "must be text, image_url, input_audio, video_url, file or refusal.");
      return null;
  }
}

function readText(value: unknown, path: string, problems: Problems): ContentPart | null {
  if (typeof value === "string") return value === "" ? null : { kind: "text", text: value };
  if (value !== null && value !== undefined) problems.invalid(path, "must be a string.");
  return null;
}

/** `{url}`, or the address itself, as many clients send it. */
function readUrl(value: unknown, path: string, problems: Problems): ContentPart | null {
  const url = typeof value === "string" ? value : textOf(objectOf(value)?.["url"]);
  const field = typeof value === "string" ? path : `${path}.url`;
  if (url === null || url === "") {
    problems.invalid(field, "must be an address.");
    return null;
  }
  return take(readAddress(url), field, problems);
}

function readVideo(value: unknown, path: string, problems: Problems): ContentPart | null {
  const video = objectOf(value);
  const data = textOf(video?.["data"]);
  if (video === null || data === null) return readUrl(value, path, problems);
  const type = `video/${textOf(video["format"])?.toLowerCase() ?? "mp4"}`;
  return take(isDataUrl(data) ? readAddress(data, type) : readBase64(data, type), `${path}.data`, problems);
}

function readSound(sound: JsonObject | null, path: string, problems: Problems): ContentPart | null {
  const data = textOf(sound?.["data"]);
  const format = textOf(sound?.["format"]);
  const type = format === null ? null : mimeTypeOfSound(format);
  if (data === null) problems.invalid(`${path}.data`, "must be base64.");
  else if (isDataUrl(data)) return take(readAddress(data, type), `${path}.data`, problems);
  else if (type === null) problems.unsupported(`${path}.format`, "must be wav, mp3, aac, ogg, flac, aiff or m4a.");
  else return take(readBase64(data, type), `${path}.data`, problems);
  return null;
}

function isDataUrl(text: string): boolean {
  return /^\s*data:/i.test(text.slice(0, 16));
}

function take(read: MediaRead, field: string, problems: Problems): ContentPart | null {
  if (read.ok) return read.part;
  if (read.wrong === "invalid") problems.invalid(field, read.words);
  else problems.unsupported(field, read.words);
  return null;
}
