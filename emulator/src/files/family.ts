/** @module The routes of the Files API (fact sheet upstream 1.1, 1.5). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { whole } from "../http/result.ts";
import { parseMessage } from "../native/parse-message.ts";
import { familyRoute, listPage, readMessage, reply } from "../resources/answers.ts";
import type { Resource } from "../resources/registry.ts";
import type { FileValue } from "./file.ts";
import { FILES, checkSize, createFile, isReadable, ownFile, toFileResource } from "./file.ts";
import { uploadRoute } from "./upload.ts";
import type { UploadTarget } from "./upload-target.ts";

/** `/upload/{v}/files`, `/{v}/files[/{id}[:download]]`, `/{v}/files:register`. */
export function fileFamily(path: RoutedPath): Route | null {
  if (path.upload) {
    return path.rest === "files" ? uploadRoute(path, { operation: "files.upload", targets: fileTarget }) : null;
  }
  const match = /^files(?:\/([^/:]+))?(?::(\w+))?$/.exec(path.rest);
  if (!match) return null;
  const [, id, method] = match;
  const shape = `${path.method} ${id === undefined ? "" : "id"}${method === undefined ? "" : `:${method}`}`;
  const served = ROUTES[shape];
  return served ? familyRoute(path, { ...served, resource: `files/${id ?? ""}`, free: true }) : null;
}

// --- helpers ---

// What an upload to the Files API becomes; the metadata is `{"file": {…}}` or nothing.
function fileTarget(_call: Call, metadata: string): UploadTarget | ApiError {
  const message = parseMessage(metadata, "CreateFileRequest");
  if (isRefusal(message)) return message;
  const wanted = (message["file"] ?? {}) as WantedFile;
  return {
    path: "files",
    mimeType: wanted.mimeType ?? null,
    wantsBytes: wanted.mimeType === undefined || isReadable(wanted.mimeType),
    admit: (world, { projectId, size }) => checkSize(world, projectId, size),
    finish: (call, { projectId, mimeType, size, sha256, bytes }) => {
      const { name, displayName } = wanted;
      const file = createFile(call.world, { projectId, name, displayName, mimeType, size, sha256, bytes });
      return isRefusal(file) ? file : { file: toFileResource(call, file) };
    },
  };
}

interface WantedFile {
  name?: string;
  displayName?: string;
  mimeType?: string;
}

const ROUTES: Record<string, { operation: string; serve: (call: Call) => Result }> = {
  "POST ": { operation: "files.create", serve: serveCreate },
  "GET ": { operation: "files.list", serve: serveList },
  "POST :register": { operation: "files.register", serve: serveRegister },
  "GET id": { operation: "files.get", serve: serveGet },
  "DELETE id": { operation: "files.delete", serve: serveDelete },
  "GET id:download": { operation: "files.download", serve: serveDownload },
};

function serveCreate(call: Call): Result {
  const message = readMessage(call, "CreateFileRequest");
  if (isRefusal(message)) return reply(message);
  const { name, displayName, mimeType = "application/octet-stream" } = (message["file"] ?? {}) as WantedFile;
  const file = createFile(call.world, {
    projectId: call.project.id,
    name,
    displayName,
    mimeType,
    size: 0,
    sha256: null,
    bytes: null,
  });
  return reply(isRefusal(file) ? file : { file: toFileResource(call, file) });
}

function serveList(call: Call): Result {
  const files = call.world.resources.of(FILES);
  const encode = (file: Resource<FileValue>): object => toFileResource(call, file);
  return listPage(call, files, { member: "files", usual: 10, most: 100, encode });
}

function serveGet(call: Call): Result {
  const file = ownFile(call.world, nameOf(call), call.project.id);
  return reply(isRefusal(file) ? file : toFileResource(call, file));
}

function serveDelete(call: Call): Result {
  const file = ownFile(call.world, nameOf(call), call.project.id);
  if (isRefusal(file)) return reply(file);
  call.world.resources.of(FILES).remove(file.name);
  return reply({});
}

function serveDownload(call: Call): Result {
  const file = ownFile(call.world, nameOf(call), call.project.id);
  if (isRefusal(file)) return reply(file);
  const { kept, source, mimeType } = file.value;
  if (source !== "GENERATED" || !kept) {
    return reply(apiError("INVALID_ARGUMENT", "Only generated files can be downloaded."));
  }
  if ((call.query.get("alt") ?? call.query.get("$alt")) !== "media") return reply({});
  return {
    kind: "whole",
    status: 200,
    contentType: mimeType,
    headers: { "content-disposition": "attachment" },
    body: kept.bytes,
    usage: null,
    errorStatus: null,
    delayMs: 0,
  };
}

function serveRegister(call: Call): Result {
  const message = readMessage(call, "RegisterFilesRequest");
  if (isRefusal(message)) return reply(message);
  const uris = (message["uris"] ?? []) as string[];
  if (uris.length === 0 || uris.length > 100 || !uris.every((uri) => /^gs:\/\/[^/]+\/.+/.test(uri))) {
    return reply(apiError("INVALID_ARGUMENT", "* RegisterFilesRequest.uris: must be gs:// URIs of objects\n"));
  }
  const files: object[] = [];
  for (const uri of uris) {
    const file = createFile(call.world, {
      projectId: call.project.id,
      displayName: uri,
      mimeType: "application/octet-stream",
      size: 0,
      sha256: null,
      bytes: null,
      source: "REGISTERED",
    });
    if (isRefusal(file)) return reply(file);
    files.push(toFileResource(call, file));
  }
  return whole({ files });
}

function nameOf({ route }: Call): string {
  return route.resource ?? "";
}
