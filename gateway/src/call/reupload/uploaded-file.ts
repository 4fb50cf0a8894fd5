/**
 * Reads Google's `File` resource (fact sheet upstream 1.5) out of an answer, as far as another upload needs it.
 * @module
 */
import { lifetimes, toResource } from "../resources/names.ts";
import type { UploadedFile } from "./types.ts";

/** A longer one is no answer about one file. */
export const longestFileAnswer = 65_536;

/**
 * Reads `{"file": {…}}`, or the file itself as `GET files/x` answers it.
 * @param text JSON
 * @param now epoch milliseconds, for files that do not tell when they expire
 * @returns null when it is none: anything that would be sent on later (name, address, type) must be what it says it is
 */
export function parseUploadedFile(text: string, now: number): UploadedFile | null {
  const answer = toRecord(parseJson(text));
  const file = answer === null ? null : (toRecord(answer["file"]) ?? answer);
  if (file === null) return null;
  const { name, uri, mimeType, displayName, sizeBytes, sha256Hash, expirationTime, state } = file;
  if (typeof name !== "string" || !name.startsWith("files/")) return null;
  const resource = toResource(name);
  if (resource === null || resource.kind !== "file" || resource.name !== name) return null;
  if (typeof uri !== "string" || !isFileUri(uri)) return null;
  const bytes = typeof sizeBytes === "string" || typeof sizeBytes === "number" ? Number(sizeBytes) : Number.NaN;
  if (!Number.isSafeInteger(bytes) || bytes < 0) return null;
  const expiry = typeof expirationTime === "string" ? Date.parse(expirationTime) : Number.NaN;
  return {
    name,
    uri,
    mimeType: typeof mimeType === "string" && isMimeType(mimeType) ? mimeType : "application/octet-stream",
    displayName: typeof displayName === "string" ? displayName.slice(0, longestDisplayName) : null,
    bytes,
    sha256: typeof sha256Hash === "string" && sha256Hash !== "" ? sha256Hash.slice(0, 200) : null,
    expiresAt: Number.isFinite(expiry) ? expiry : now + (lifetimes.file as number),
    state: state === "PROCESSING" ? "processing" : state === "FAILED" ? "failed" : "active",
  };
}

/** Whether a text is an address that can stand in JSON as it is. */
export function isFileUri(text: string): boolean {
  return text.length <= 2_048 && /^https?:\/\/[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(text);
}

/** Whether a text is a media type that can stand in a header as it is. */
export function isMimeType(text: string): boolean {
  return text.length <= 255 && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:;[\x20-\x7e]*)?$/.test(text);
}

// --- helpers ---

/** A bound, above what people write. */
const longestDisplayName = 1_024;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
