/** @module What an upload becomes once its bytes are there: the Files API and the file search stores share the protocols. */

import type { ApiError } from "../errors/api-error.ts";
import type { World } from "../state/world.ts";
import type { Call } from "../http/call.ts";

/** Bytes that came in whole. */
export interface UploadedContent {
  projectId: string;
  mimeType: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
  /** Null when they were too many to be held. */
  bytes: Buffer | null;
  /** `X-Goog-Upload-File-Name`. */
  fileName: string | null;
}

/** What an upload becomes. */
export interface UploadTarget {
  /** Path of the upload's address after `/upload/{v}/`, e.g. `files`. */
  path: string;
  /** Bytes that would not be accepted are refused before they are sent. */
  admit(world: World, options: { projectId: string; size: number }): ApiError | null;
  /** Makes the resource; gives back the body of the final answer, or a refusal. */
  finish(call: Call, content: UploadedContent): object;
  /** Somebody may want to read the bytes later. */
  wantsBytes: boolean;
  /** The MIME type that the metadata names. */
  mimeType: string | null;
}

/** Makes the target of one upload from its metadata, the JSON beside the bytes; or refuses the metadata. */
export type UploadTargets = (call: Call, metadata: string) => UploadTarget | ApiError;
