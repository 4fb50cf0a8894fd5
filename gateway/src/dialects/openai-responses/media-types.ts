/**
 * What kind of data something is: from a data URL, a file's name, or its first bytes.
 * @module
 */

/** A data URL, taken apart. */
export interface DataUrl {
  /** Lower case, without parameters; empty: none was given. */
  mimeType: string;
  /** Standard base64. */
  data: string;
}

/**
 * Reads a data URL (RFC 2397), base64 or percent-encoded.
 * @returns null when it is none, or cannot be decoded
 */
export function parseDataUrl(url: string): DataUrl | null {
  if (!/^data:/i.test(url)) return null;
  const comma = url.indexOf(",");
  if (comma < 0 || comma > 1000) return null;
  const [type = "", ...parameters] = url.slice(5, comma).split(";");
  const mimeType = normalMimeType(type);
  const body = url.slice(comma + 1);
  if (parameters.some((parameter) => parameter.trim().toLowerCase() === "base64"))
    return { mimeType, data: toStandardBase64(body) };
  try {
    const bytes = new TextEncoder().encode(decodeURIComponent(body));
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return { mimeType: mimeType || "text/plain", data: btoa(binary) };
  } catch {
    return null;
  }
}

/** Without white space, in the standard alphabet. The same string when nothing has to change: it may be 20 MB. */
export function toStandardBase64(text: string): string {
  return /[\s_-]/.test(text) ? text.replaceAll(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/") : text;
}

/** Whether data looks like base64: both ends are, of 20 MB the middle is left to Google. */
export function isBase64(data: string): boolean {
  return (
    data !== "" && ending.test(data.slice(-64)) && (data.length <= 64 || /^[A-Za-z0-9+/]+$/.test(data.slice(0, 64)))
  );
}

/** Lower case, without parameters, common misspellings mended. */
export function normalMimeType(type: string): string {
  const plain = (type.split(";")[0] ?? "").trim().toLowerCase();
  return misspelled.get(plain) ?? plain;
}

/**
 * The type by the data's first bytes.
 * @param data standard base64
 * @returns null when they are not known here
 */
export function sniffMimeType(data: string): string | null {
  if (data.startsWith("iVBORw0KGgo")) return "image/png";
  if (data.startsWith("/9j/")) return "image/jpeg";
  if (data.startsWith("R0lGOD")) return "image/gif";
  if (data.startsWith("JVBERi0")) return "application/pdf";
  // `RIFF`, four bytes of length, then `WEBP` or `WAVE`: of that the last three stand alone in base64.
  if (data.startsWith("UklGR") && data.startsWith("RUJQ", 12)) return "image/webp";
  if (data.startsWith("UklGR") && data.startsWith("QVZF", 12)) return "audio/wav";
  return null;
}

/** The type by a name's or an address's ending; null: none that is known here. */
export function mimeTypeOfName(name: string): string | null {
  const path = name.split(/[?#]/)[0] ?? "";
  const extension = /\.([a-z0-9]{1,8})$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === undefined) return null;
  return byExtension.get(extension) ?? (codeExtensions.has(extension) ? "text/plain" : null);
}

/** Whether data of this type is best given to the model as text. */
export function isTextual(mimeType: string): boolean {
  return mimeType.startsWith("text/") || textualTypes.has(mimeType) || /\+(?:json|xml)$/.test(mimeType);
}

/** UTF-8 out of base64; null when it is not base64. */
export function decodeText(data: string): string | null {
  let binary: string;
  try {
    binary = atob(data);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return new TextDecoder().decode(bytes);
}

// --- helpers ---

const ending = /^[A-Za-z0-9+/]+={0,2}$/;

const misspelled: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/mpeg": "audio/mp3",
    "audio/x-m4a": "audio/mp4",
    "application/x-pdf": "application/pdf",
  }),
);

const byExtension: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pdf: "application/pdf",
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    bmp: "image/bmp",
    heic: "image/heic",
    heif: "image/heif",
    wav: "audio/wav",
    mp3: "audio/mp3",
    aac: "audio/aac",
    ogg: "audio/ogg",
    flac: "audio/flac",
    aiff: "audio/aiff",
    m4a: "audio/mp4",
    mp4: "video/mp4",
    mov: "video/mov",
    webm: "video/webm",
    mpeg: "video/mpeg",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    html: "text/html",
    htm: "text/html",
    css: "text/css",
    csv: "text/csv",
    rtf: "text/rtf",
    xml: "text/xml",
    json: "application/json",
  }),
);

const codeExtensions = new Set(
  "txt md log yaml yml toml ini cfg conf env ts tsx js jsx mjs cjs py rb rs go java kt c h cc cpp hpp cs php swift sh bash sql tsv tex diff patch lock graphql proto vue svelte".split(
    " ",
  ),
);

const textualTypes = new Set([
  "application/json",
  "application/xml",
  "application/javascript",
  "application/x-javascript",
  "application/typescript",
  "application/yaml",
  "application/x-yaml",
  "application/toml",
  "application/x-sh",
  "application/sql",
]);
