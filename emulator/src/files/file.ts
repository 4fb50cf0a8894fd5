/** @module A file of a project: 48 hours, a state by the clock, a hash; its bytes are kept only where somebody needs them (fact sheet upstream 1.5). */

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call } from "../http/call.ts";
import { alreadyExists, fileForbidden, storeFull } from "../resources/answers.ts";
import type { KeptBytes } from "../resources/byte-store.ts";
import { publicUrl } from "../resources/public-url.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { toTimestamp } from "../resources/times.ts";
import type { World } from "../state/world.ts";

/** What is known of a file. */
export interface FileValue {
  displayName: string | null;
  mimeType: string;
  /** Bytes. */
  size: number;
  /** Hex; null for a file that never had bytes. */
  sha256: string | null;
  source: "UPLOADED" | "GENERATED" | "REGISTERED";
  /** Milliseconds since the epoch from which on it is `ACTIVE`. */
  activeFrom: number;
  /** Null when the bytes were hashed and dropped. */
  kept: KeptBytes | null;
}

/** The files of all projects. */
export const FILES: ResourceKind<FileValue> = defineKind<FileValue>("files", {
  onGone: ({ value }) => value.kept?.release(),
});

/** What to make a file of. */
export interface FileOptions {
  projectId: string;
  /** `files/x` or `x`, if the caller chose it. */
  name?: string | undefined;
  displayName?: string | undefined;
  mimeType: string;
  size: number;
  sha256: string | null;
  /** Null when they were too many to be held. */
  bytes: Buffer | null;
  source?: FileValue["source"];
}

/** Makes a file, or says why not: a bad or taken name, too large, the project is full. */
export function createFile(world: World, options: FileOptions): Resource<FileValue> | ApiError {
  const { projectId, size, mimeType, bytes, source = "UPLOADED" } = options;
  const files = world.resources.of(FILES);
  const refused = checkSize(world, projectId, size);
  if (refused) return refused;
  const id = options.name?.replace(/^files\//, "") || world.ids.resource();
  if (source === "UPLOADED" && !/^[a-z\d](?:[a-z\d-]{0,38}[a-z\d])?$/.test(id)) return invalidName();
  if (files.get(`files/${id}`)) return alreadyExists();
  const wanted = source === "GENERATED" || isReadable(mimeType);
  const created = files.create({
    name: `files/${id}`,
    projectId,
    expireTime: world.now() + LIFETIME_MS,
    value: {
      displayName: options.displayName ?? null,
      mimeType,
      size,
      sha256: options.sha256,
      source,
      activeFrom: world.now() + (source === "UPLOADED" ? (world.options.fileProcessingMs ?? 0) : 0),
      kept: bytes && wanted ? world.contents.keep(bytes) : null,
    },
  });
  return created ?? storeFull();
}

/** The refusal of a size: over the limit of a file, or over what the project has left. */
export function checkSize(world: World, projectId: string, size: number): ApiError | null {
  const { maxFileBytes = 2_147_483_648, maxProjectFileBytes = 21_474_836_480 } = world.options;
  if (size > maxFileBytes) return apiError("INVALID_ARGUMENT", `File size exceeds the limit of ${maxFileBytes} bytes.`);
  let used = size;
  for (const { value } of world.resources.of(FILES).all(projectId)) used += value.size;
  if (used <= maxProjectFileBytes) return null;
  return apiError(
    "RESOURCE_EXHAUSTED",
    `You have exceeded your file storage quota: ${maxProjectFileBytes} bytes per project. Please delete some files and retry.`,
  );
}

/** The project's file, or the 403 that hides whether there is one. */
export function ownFile(world: World, name: string, projectId: string): Resource<FileValue> | ApiError {
  return world.resources.of(FILES).own(name, projectId) ?? fileForbidden(name);
}

/** Whether it can be used now. */
export function isActive(world: World, file: Resource<FileValue>): boolean {
  return world.now() >= file.value.activeFrom;
}

/** The refusal of a file that is still being processed. */
export function notActive(name: string): ApiError {
  const id = name.replace("files/", "");
  return apiError("FAILED_PRECONDITION", `The File ${id} is not in an ACTIVE state and usage is not allowed.`);
}

/** The File resource as answers show it. */
export function toFileResource(call: Pick<Call, "world" | "headers" | "route">, file: Resource<FileValue>): object {
  const { world, route } = call;
  const { value } = file;
  const active = isActive(world, file);
  const uri = `${publicUrl(call)}/${route.version}/${file.name}`;
  return {
    name: file.name,
    ...(value.displayName === null ? {} : { displayName: value.displayName }),
    mimeType: value.mimeType,
    sizeBytes: String(value.size),
    createTime: toTimestamp(file.createTime),
    updateTime: toTimestamp(active ? Math.max(file.updateTime, value.activeFrom) : file.updateTime),
    ...(file.expireTime === null ? {} : { expirationTime: toTimestamp(file.expireTime) }),
    // Google encodes the hexadecimal text, not the digest itself.
    ...(value.sha256 === null ? {} : { sha256Hash: Buffer.from(value.sha256).toString("base64") }),
    uri,
    ...(value.source === "GENERATED" ? { downloadUri: `${uri}:download?alt=media` } : {}),
    state: active ? "ACTIVE" : "PROCESSING",
    source: value.source,
    ...(active && value.mimeType.startsWith("video/")
      ? { videoMetadata: { videoDuration: `${Math.max(1, Math.ceil(value.size / 100_000))}s` } }
      : {}),
  };
}

/** Whether somebody may read the bytes later: only texts can be the input of a batch. */
export function isReadable(mimeType: string): boolean {
  return /json|^text\/|octet-stream/.test(mimeType);
}

// --- helpers ---

const LIFETIME_MS = 48 * 3_600_000;

function invalidName(): ApiError {
  return apiError(
    "INVALID_ARGUMENT",
    "* CreateFileRequest.file.name: must be 40 characters or less and may only contain lowercase alphanumeric characters or dashes, and cannot begin or end with a dash\n",
  );
}
