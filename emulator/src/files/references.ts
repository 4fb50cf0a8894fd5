/** @module Files that a prompt refers to: they belong to the project of the key and are ready, or the call is refused (fact sheet upstream 1.5, 4.2). */

import { isRefusal } from "../answer/admit-call.ts";
import type { Content, GenerateRequest, Part } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { GOOGLE_URL } from "../resources/public-url.ts";
import type { World } from "../state/world.ts";
import { isActive, notActive, ownFile } from "./file.ts";

/**
 * Checks each `fileData` of a request and writes the size and type of its file beside it, for the token rule.
 * Addresses elsewhere (videos, web pages, buckets) pass; a file's address on any host but Google's is refused: a gateway
 * that rewrites `file.uri` must be seen.
 */
export function resolveFiles(
  request: Pick<GenerateRequest, "contents" | "systemInstruction">,
  options: { world: World; projectId: string },
): ApiError | null {
  for (const content of [request.systemInstruction, ...(request.contents ?? [])]) {
    for (const part of partsOf(content)) {
      const refused = part.fileData ? resolve(part.fileData, options) : null;
      if (refused) return refused;
    }
  }
  return null;
}

/** The name in a file's address: `files/abc`; null for what is no file of the Files API. */
export function fileNameIn(uri: string, world: World): string | null {
  const own = world.options.publicUrl ?? GOOGLE_URL;
  for (const base of [GOOGLE_URL, own]) {
    if (!uri.startsWith(`${base}/`)) continue;
    const match = /^v[\w.]+\/(files\/[^/:?#]+)(?:[:?#].*)?$/.exec(uri.slice(base.length + 1));
    if (match?.[1] !== undefined) return match[1];
  }
  if (own === "self") return /^http:\/\/[^/]+\/v[\w.]+\/(files\/[^/:?#]+)/.exec(uri)?.[1] ?? null;
  return /^files\/[^/:?#]+$/.test(uri) ? uri : null;
}

// --- helpers ---

function partsOf(content: Content | undefined): Part[] {
  // Results of functions may carry media of their own.
  return (content?.parts ?? []).flatMap((part) => [
    part,
    ...((part.functionResponse as { parts?: Part[] } | undefined)?.parts ?? []),
  ]);
}

function resolve(
  fileData: NonNullable<Part["fileData"]>,
  { world, projectId }: { world: World; projectId: string },
): ApiError | null {
  const uri = fileData.fileUri ?? "";
  const name = fileNameIn(uri, world);
  if (name === null) {
    const foreign = /^https?:\/\/[^/]+\/(?:.*\/)?v\d\w*\/files\/[^/]+$/.test(uri);
    return foreign || uri === "" ? apiError("INVALID_ARGUMENT", `Invalid or unsupported file uri: ${uri}`) : null;
  }
  const file = ownFile(world, name, projectId);
  if (isRefusal(file)) return file;
  if (!isActive(world, file)) return notActive(file.name);
  fileData.mimeType ??= file.value.mimeType;
  fileData.sizeBytes = file.value.size;
  return null;
}
