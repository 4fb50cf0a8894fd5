/**
 * Pictures, sound and documents of a message: data URLs, addresses, and what their bytes are (fact sheet translation 1.2).
 * @module
 */
import { isFetchable, isPlainHttp } from "../../../translation/dialect-help/address.ts";
import type { TurnPart } from "../../../translation/types.ts";
import { toBase64 } from "./base64-text.ts";

/** A medium in the middle shape. */
export type MediaPart = Extract<TurnPart, { kind: "media" | "file" }>;

/** A medium, or one sentence about what is wrong. */
export type MediaRead = { ok: true; part: MediaPart } | { ok: false; wrong: "invalid" | "unsupported"; words: string };

/**
 * Reads an address as clients give it: `data:`, `https:`, `gs:`, or the name or address of an uploaded file.
 * @param hint the type where the address names none; null: told by the bytes or the address's ending
 */
export function readAddress(url: string, hint: string | null = null): MediaRead {
  const address = url.trim();
  if (/^data:/i.test(address.slice(0, 5))) return readDataUrl(address, hint);
  if (/^files\/[\w-]+$/.test(address) || isFetchable(address))
    return { ok: true, part: { kind: "file", uri: address, mimeType: mimeTypeOfName(address) ?? hint } };
  if (isPlainHttp(address))
    return { ok: false, wrong: "unsupported", words: "must be a data: or https: address: Gemini fetches no other." };
  return { ok: false, wrong: "invalid", words: "must be a data: or https: address, or a file's name (files/…)." };
}

/**
 * A medium of base64.
 * @param data either alphabet, line breaks allowed
 * @param mimeType null: told by the first bytes
 */
export function readBase64(data: string, mimeType: string | null): MediaRead {
  const clean = toStandardBase64(data);
  if (clean === "") return { ok: false, wrong: "invalid", words: "must not be empty." };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(clean.slice(0, 64)))
    return { ok: false, wrong: "invalid", words: "must be base64." };
  const type = settleMimeType(mimeType, clean);
  if (type === null) return { ok: false, wrong: "invalid", words: "must say its type, as data:<type>;base64,… does." };
  return { ok: true, part: { kind: "media", mimeType: type, data: clean } };
}

/** The type that a file's name or address tells by its ending; null: none that is known. */
export function mimeTypeOfName(name: string): string | null {
  // Not by a pattern up to the end: of "????…" with a line break behind it that takes the square of its length.
  const path = name.split(/[?#]/, 1)[0] ?? "";
  const ending = /\.([a-z0-9]{1,5})$/i.exec(path.slice(-8))?.[1]?.toLowerCase();
  return ending === undefined ? null : (endings.get(ending) ?? null);
}

/** The type of sound by OpenAI's word for it; null: not known. */
export function mimeTypeOfSound(format: string): string | null {
  return sounds.get(format.toLowerCase()) ?? null;
}

// --- helpers ---

const endings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    webp: "image/webp",
    gif: "image/gif",
    bmp: "image/bmp",
    heic: "image/heic",
    heif: "image/heif",
    pdf: "application/pdf",
    txt: "text/plain",
    md: "text/markdown",
    csv: "text/csv",
    html: "text/html",
    htm: "text/html",
    css: "text/css",
    xml: "text/xml",
    rtf: "text/rtf",
    json: "application/json",
    js: "text/javascript",
    mp4: "video/mp4",
    mpeg: "video/mpeg",
    mpg: "video/mpeg",
    mov: "video/mov",
    avi: "video/avi",
    flv: "video/x-flv",
    webm: "video/webm",
    wmv: "video/wmv",
    "3gp": "video/3gpp",
    wav: "audio/wav",
    mp3: "audio/mp3",
    aac: "audio/aac",
    ogg: "audio/ogg",
    flac: "audio/flac",
    aiff: "audio/aiff",
    m4a: "audio/mp4",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  }),
);

const sounds: ReadonlyMap<string, string> = new Map(
  Object.entries({
    wav: "audio/wav",
    mp3: "audio/mp3",
    mpeg: "audio/mp3",
    aac: "audio/aac",
    ogg: "audio/ogg",
    opus: "audio/ogg",
    flac: "audio/flac",
    aiff: "audio/aiff",
    m4a: "audio/mp4",
    mp4: "audio/mp4",
    webm: "audio/webm",
  }),
);

/** First characters of base64, by the bytes that files of a type begin with. */
const beginnings: readonly (readonly [string, string])[] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["JVBERi", "application/pdf"],
];

function readDataUrl(url: string, hint: string | null): MediaRead {
  const comma = url.indexOf(",");
  if (comma < 0 || comma > 1024)
    return { ok: false, wrong: "invalid", words: "must be of the form data:<type>;base64,…" };
  const [type = "", ...parameters] = url.slice(5, comma).split(";");
  const mimeType = type.trim().toLowerCase() || hint;
  const data = url.slice(comma + 1);
  if (parameters.some((parameter) => parameter.trim().toLowerCase() === "base64")) return readBase64(data, mimeType);
  const bytes = decodePercent(data);
  if (bytes === null) return { ok: false, wrong: "invalid", words: "must be base64, or percent-encoded." };
  return readBase64(bytes, mimeType ?? "text/plain");
}

/** Base64 of percent-encoded UTF-8 text; null: it is none. */
function decodePercent(text: string): string | null {
  try {
    return toBase64(new TextEncoder().encode(decodeURIComponent(text)));
  } catch {
    return null;
  }
}

/** Single characters are searched at the speed of memory, a pattern is not: a picture may have 20 MB. */
function toStandardBase64(data: string): string {
  let clean = data;
  for (const space of [" ", "\n", "\r", "\t"]) if (clean.includes(space)) clean = clean.replaceAll(space, "");
  if (clean.includes("-")) clean = clean.replaceAll("-", "+");
  if (clean.includes("_")) clean = clean.replaceAll("_", "/");
  return clean;
}

/** Clients often name a wrong type of picture, which Google refuses: what the bytes say wins. */
function settleMimeType(named: string | null, data: string): string | null {
  const isOpen = named === null || named.startsWith("image/") || named === "application/octet-stream";
  const sniffed = isOpen ? sniff(data) : null;
  if (sniffed !== null) return sniffed;
  if (named === "application/octet-stream") return null;
  return named === "image/jpg" ? "image/jpeg" : named;
}

function sniff(data: string): string | null {
  for (const [beginning, type] of beginnings) if (data.startsWith(beginning)) return type;
  // RIFF, four bytes of length, WEBP: the last are characters 11 to 15.
  return data.startsWith("UklGR") && data.slice(11, 16) === "XRUJQ" ? "image/webp" : null;
}
