/**
 * What is kept beside a file's bytes, as JSON: enough to find it again after a restart. Written by this gateway alone, but
 * read like anything from a disk: what is not as it should be is left out.
 * @module
 */
import type { FilePlace, KeptUpload } from "../../../call/reupload/types.ts";
import { isFileUri, isMimeType } from "../../../call/reupload/uploaded-file.ts";

/** A kept file. */
export interface StoredFile {
  name: string;
  clientId: string | null;
  mimeType: string;
  displayName: string | null;
  bytes: number;
  /** As Google writes it; null: not told. */
  sha256: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  /** At Google: the original first. */
  places: readonly FilePlace[];
}

/** More copies of one file are not remembered; the pool has hardly more projects that are asked for them. */
export const mostPlaces = 50;

/** @param now epoch milliseconds */
export function toStoredFile({ file, clientId, credentialId, projectId }: KeptUpload, now: number): StoredFile {
  const { name, uri, mimeType, displayName, bytes, sha256, expiresAt } = file;
  const places = [{ name, uri, credentialId, projectId, expiresAt }];
  return { name, clientId, mimeType, displayName, bytes, sha256, createdAt: now, places };
}

/** @returns null when the text is no whole sidecar */
export function parseSidecar(text: string): StoredFile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { name, clientId, mimeType, displayName, bytes, sha256, createdAt, places } = value;
  if (!isName(name) || !isTextOrNull(clientId) || !isTextOrNull(displayName) || !isTextOrNull(sha256)) return null;
  if (typeof mimeType !== "string" || !isMimeType(mimeType) || !isCount(bytes) || !isCount(createdAt)) return null;
  if (!Array.isArray(places) || places.length > mostPlaces) return null;
  const known: FilePlace[] = [];
  for (const place of places as unknown[]) {
    if (!isRecord(place)) return null;
    const { uri, credentialId, projectId, expiresAt } = place;
    if (!isName(place["name"]) || typeof uri !== "string" || !isFileUri(uri) || !isCount(expiresAt)) return null;
    if (typeof credentialId !== "string" || typeof projectId !== "string") return null;
    known.push({ name: place["name"], uri, credentialId, projectId, expiresAt });
  }
  return { name, clientId, mimeType, displayName, bytes, sha256, createdAt, places: known };
}

// --- helpers ---

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^files\/[\w.~=+@-]{1,600}$/.test(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && value.length <= 4_096);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
