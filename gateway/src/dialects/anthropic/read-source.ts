/**
 * Sources of pictures and documents: inline base64, addresses, uploaded files (fact sheet translation 3.2, 1.2).
 * @module
 */
import { addressMessage, isFetchable, isPlainHttp } from "../../translation/dialect-help/address.ts";
import type { TurnPart } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";

/** What Gemini can take inline or fetch. */
export type MediaPart = Extract<TurnPart, { kind: "media" | "file" }>;

/**
 * Reads `{type: "base64" | "url" | "file"}`.
 * @param source.fallbackType for addresses whose ending tells no type; null: none
 * @returns null with a problem when it cannot be used: nobody shall get an answer about a picture that was never sent
 */
export function readMediaSource(
  source: { value: unknown; field: string; fallbackType: string | null },
  check: Check,
): MediaPart | null {
  const { value, field } = source;
  if (!isObject(value)) {
    check.fail(field, "Must be an object.");
    return null;
  }
  switch (check.required(value["type"], `${field}.type`)) {
    case "base64":
      return inline(check.required(value["data"], `${field}.data`), value["media_type"], field, check);
    case "url":
      return address(check.required(value["url"], `${field}.url`), source, check);
    case "file":
      return uploaded(check.required(value["file_id"], `${field}.file_id`), `${field}.file_id`, check);
    default:
      check.fail(`${field}.type`, "Only base64, url and file sources can be read.", "field_unsupported");
      return null;
  }
}

// --- helpers ---

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/;

function inline(data: string, mediaType: unknown, field: string, check: Check): MediaPart | null {
  const compact = /\s/.test(data) ? data.replaceAll(/\s+/g, "") : data;
  if (!base64Pattern.test(compact)) {
    check.fail(`${field}.data`, "Must be standard base64.");
    return null;
  }
  const told = mimeTypeOf(check.string(mediaType, `${field}.media_type`));
  // Google refuses a picture whose bytes are not what its type says.
  const mimeType = sniff(compact) ?? told;
  if (mimeType === null) {
    check.fail(`${field}.media_type`, "Is required.");
    return null;
  }
  return { kind: "media", mimeType, data: compact };
}

function address(url: string, source: { field: string; fallbackType: string | null }, check: Check): MediaPart | null {
  const dataUrl = /^data:([^,;]*)(?:;[^,]*)?;base64,/i.exec(url);
  if (dataUrl !== null)
    return inline(url.slice(dataUrl[0].length), dataUrl[1] === "" ? null : dataUrl[1], source.field, check);
  if (url !== "" && !isFetchable(url)) {
    if (isPlainHttp(url)) check.fail(`${source.field}.url`, addressMessage, "field_unsupported");
    else check.fail(`${source.field}.url`, "Must be an https or data address.");
    return null;
  }
  const ending = /\.([a-z0-9]+)$/i.exec(url.split(/[?#]/, 1)[0] ?? "")?.[1]?.toLowerCase() ?? "";
  return { kind: "file", uri: url, mimeType: typesByEnding.get(ending) ?? source.fallbackType };
}

function uploaded(id: string, field: string, check: Check): MediaPart | null {
  if (/^https:\/\//i.test(id) || /^files\/[a-z0-9-]+$/.test(id)) return { kind: "file", uri: id, mimeType: null };
  if (/^[a-z0-9-]{1,40}$/.test(id)) return { kind: "file", uri: `files/${id}`, mimeType: null };
  check.fail(
    field,
    "Only files uploaded through Gemini's Files API are known here (files/…). Send the data as base64 instead.",
    "field_unsupported",
  );
  return null;
}

function mimeTypeOf(text: string | null): string | null {
  const bare = (text ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (bare === "") return null;
  return bare === "image/jpg" ? "image/jpeg" : bare;
}

/** By the first bytes, seen through base64. */
function sniff(data: string): string | null {
  if (data.startsWith("iVBORw0KGgo")) return "image/png";
  if (data.startsWith("/9j/")) return "image/jpeg";
  if (data.startsWith("R0lGOD")) return "image/gif";
  if (data.startsWith("JVBERi0")) return "application/pdf";
  // `RIFF`, four bytes of size, `WEBP`: RIFF alone is also a wav.
  if (data.startsWith("UklGR") && data.startsWith("XRUJQ", 11)) return "image/webp";
  return null;
}

/** A map: an address may end in `.constructor`. */
const typesByEnding: ReadonlyMap<string, string> = new Map(
  Object.entries({
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    bmp: "image/bmp",
    heic: "image/heic",
    pdf: "application/pdf",
    txt: "text/plain",
    md: "text/plain",
    csv: "text/csv",
    html: "text/html",
    htm: "text/html",
    json: "application/json",
    xml: "text/xml",
  }),
);
