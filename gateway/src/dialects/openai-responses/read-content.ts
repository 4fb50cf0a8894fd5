/**
 * Content parts of messages and of tools' outputs (fact sheet translation 1.2, 2.2).
 * @module
 */
import { addressMessage, isFetchable, isPlainHttp } from "../../translation/dialect-help/address.ts";
import type { TurnPart } from "../../translation/types.ts";
import { isObject, textOf } from "./json-values.ts";
import {
  decodeText,
  isBase64,
  isTextual,
  mimeTypeOfName,
  normalMimeType,
  parseDataUrl,
  sniffMimeType,
  toStandardBase64,
} from "./media-types.ts";
import type { ProblemList } from "./problem-list.ts";
import { readText } from "./typed-members.ts";

/** Text, inline data, or a file that Google fetches. */
export type ContentPart = Extract<TurnPart, { kind: "text" | "media" | "file" }>;

/**
 * Content as text or as a list of parts.
 * @param options.field path of the content in the client's body, for problems
 * @param options.ignoreUnknown parts of kinds that are not known are left out (texts of the model, made by whomever);
 * else they are a problem
 */
export function readContent(options: {
  content: unknown;
  field: string;
  ignoreUnknown: boolean;
  problems: ProblemList;
}): ContentPart[] {
  const { content, field, problems } = options;
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) {
    problems.add("field_invalid", field, "Content must be text or a list of content parts.");
    return [];
  }
  const parts: ContentPart[] = [];
  for (const [index, part] of (content as unknown[]).entries()) {
    const read = readPart({ ...options, part, field: `${field}[${index}]` });
    if (read !== null) parts.push(read);
  }
  return parts;
}

/**
 * A picture's address: a data URL, or one that Google fetches.
 * @returns null after a problem
 */
export function readImage(url: string, field: string, problems: ProblemList): ContentPart | null {
  if (/^data:/i.test(url)) {
    const found = parseDataUrl(url);
    if (found !== null && isBase64(found.data)) return toMedia(found.data, found.mimeType || "image/png");
    problems.add("field_invalid", field, "This data URL cannot be read; it must look like data:image/png;base64,….");
    return null;
  }
  return readAddress(url, null, field, problems);
}

// --- helpers ---

function readPart(options: {
  part: unknown;
  field: string;
  ignoreUnknown: boolean;
  problems: ProblemList;
}): ContentPart | null {
  const { part, field, problems } = options;
  if (typeof part === "string") return part === "" ? null : { kind: "text", text: part };
  if (!isObject(part)) {
    problems.add("field_invalid", field, "A content part must be an object.");
    return null;
  }
  const type = part["type"];
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
    case "summary_text": {
      const text = textOf(part["text"]);
      if (text === null) problems.add("field_invalid", `${field}.text`, "A text part needs its text.");
      return text === null || text === "" ? null : { kind: "text", text };
    }
    case "refusal": {
      const text = textOf(part["refusal"]);
      return text === null || text === "" ? null : { kind: "text", text };
    }
    case "input_image":
    case "image_url":
    case "computer_screenshot":
      return readImagePart(part, field, problems);
    case "input_file":
    case "file":
      return readFilePart(part, field, problems);
    case "input_audio":
      return readAudioPart(part, field, problems);
    default:
      if (!options.ignoreUnknown)
        problems.add(
          "field_unsupported",
          `${field}.type`,
          "This content part cannot be given to Gemini. Use input_text, input_image, input_file or input_audio.",
        );
      return null;
  }
}

function readImagePart(part: Record<string, unknown>, field: string, problems: ProblemList): ContentPart | null {
  const given = part["image_url"];
  const url = textOf(given) ?? (isObject(given) ? textOf(given["url"]) : null);
  if (url !== null && url !== "") return readImage(url, `${field}.image_url`, problems);
  const id = textOf(part["file_id"]);
  if (id !== null && id !== "") return readFileId(id, `${field}.file_id`, problems);
  problems.add(
    "field_invalid",
    `${field}.image_url`,
    "A picture needs image_url (a data URL or an address) or file_id.",
  );
  return null;
}

function readFilePart(part: Record<string, unknown>, field: string, problems: ProblemList): ContentPart | null {
  const holder = isObject(part["file"]) ? part["file"] : part;
  const id = textOf(holder["file_id"]);
  if (id !== null && id !== "") return readFileId(id, `${field}.file_id`, problems);
  const url = textOf(holder["file_url"]);
  const name = readText(holder, "filename", { field, problems });
  if (url !== null && url !== "") return readAddress(url, name, `${field}.file_url`, problems);
  const given = textOf(holder["file_data"]);
  if (given === null || given === "") {
    problems.add("field_invalid", `${field}.file_data`, "A file needs file_data, file_url or file_id.");
    return null;
  }
  const found = parseDataUrl(given) ?? { mimeType: "", data: toStandardBase64(given) };
  if (!isBase64(found.data)) {
    problems.add("field_invalid", `${field}.file_data`, "The file's data is not base64.");
    return null;
  }
  const told = found.mimeType === "application/octet-stream" ? "" : found.mimeType;
  const mimeType = told || mimeTypeOfName(name ?? "") || sniffMimeType(found.data);
  if (mimeType === null) {
    problems.add(
      "field_invalid",
      `${field}.filename`,
      "What this file is cannot be told. Send file_data as a data URL with its type, or a filename with an ending.",
    );
    return null;
  }
  if (!isTextual(mimeType)) return toMedia(found.data, mimeType);
  const text = decodeText(found.data);
  if (text !== null) return { kind: "text", text: name === null ? text : `filename: ${name}\n\n${text}` };
  problems.add("field_invalid", `${field}.file_data`, "The file's data is not base64.");
  return null;
}

function readAudioPart(part: Record<string, unknown>, field: string, problems: ProblemList): ContentPart | null {
  const holder = isObject(part["input_audio"]) ? part["input_audio"] : part;
  const given = textOf(holder["data"]);
  if (given === null || given === "") {
    problems.add("field_invalid", `${field}.input_audio.data`, "Audio needs its data as base64.");
    return null;
  }
  const found = parseDataUrl(given) ?? { mimeType: "", data: toStandardBase64(given) };
  if (!isBase64(found.data)) {
    problems.add("field_invalid", `${field}.input_audio.data`, "The audio's data is not base64.");
    return null;
  }
  const format = (textOf(holder["format"]) ?? "").toLowerCase();
  const named = format === "" ? null : (mimeTypeOfName(`x.${format}`) ?? normalMimeType(`audio/${format}`));
  return { kind: "media", mimeType: found.mimeType || named || "audio/wav", data: found.data };
}

/** Google takes its own files only, and addresses that it can fetch. */
function readFileId(id: string, field: string, problems: ProblemList): ContentPart | null {
  if (/^(files\/|https:\/\/|gs:\/\/)/.test(id)) return { kind: "file", uri: id, mimeType: mimeTypeOfName(id) };
  problems.add(
    "field_invalid",
    field,
    "Only files uploaded to Gemini can be named here: files/… as the Files API gave it.",
  );
  return null;
}

function readAddress(url: string, name: string | null, field: string, problems: ProblemList): ContentPart | null {
  if (isFetchable(url) || url.startsWith("files/"))
    return { kind: "file", uri: url, mimeType: mimeTypeOfName(name ?? "") ?? mimeTypeOfName(url) };
  if (isPlainHttp(url)) problems.add("field_unsupported", field, addressMessage);
  problems.add("field_invalid", field, "This address is neither a data URL nor one that can be fetched.");
  return null;
}

/** What the first bytes say wins over what was told: clients name every picture PNG. */
function toMedia(data: string, told: string): ContentPart {
  const sniffed = sniffMimeType(data);
  return { kind: "media", mimeType: sniffed ?? told, data };
}
