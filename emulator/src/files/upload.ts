/** @module The upload protocols over one path: resumable, multipart, raw, and their older `uploadType` twins (fact sheet upstream 1.5). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { JSON_TYPE, refusal } from "../http/result.ts";
import { toPrettyJson } from "../json/write-json.ts";
import { reply } from "../resources/answers.ts";
import { publicUrl } from "../resources/public-url.ts";
import { sha256Of } from "../resources/sha256.ts";
import type { Resource } from "../resources/registry.ts";
import { splitRelated } from "./multipart.ts";
import type { UploadSession } from "./upload-session.ts";
import { UPLOADS, appendPiece, cancelSession, identifyPiece, startSession } from "./upload-session.ts";
import type { UploadTarget, UploadTargets } from "./upload-target.ts";

/** The routes of an upload path: with an `upload_id` a piece, else the start or the whole. */
export function uploadRoute(path: RoutedPath, options: { operation: string; targets: UploadTargets }): Route | null {
  const common = { surface: "native", version: path.version, model: null, binary: true, free: true } as const;
  const piece = path.query.has("upload_id");
  if (path.method !== "POST" && !(piece && path.method === "PUT")) return null;
  if (piece) return { ...common, operation: `${options.operation}Chunk`, identify: identifyPiece, serve: servePiece };
  return { ...common, operation: options.operation, serve: (call) => serveStart(call, options.targets) };
}

// --- helpers ---

/** As Google announces it, in bytes; smaller multiples are taken too. */
const GRANULARITY = 8_388_608;

function serveStart(call: Call, targets: UploadTargets): Result {
  const protocol = header(call, "x-goog-upload-protocol") ?? protocolOf(call);
  if (protocol === "resumable") {
    const commands = header(call, "x-goog-upload-command");
    if (commands !== null && commands.trim() !== "start") {
      return reply(apiError("INVALID_ARGUMENT", `Invalid upload command: ${commands}`));
    }
    return startResumable(call, targets);
  }
  if (protocol === "multipart") {
    const related = call.payload.bytes && splitRelated(call.payload.bytes, header(call, "content-type") ?? "");
    if (!related) return reply(apiError("INVALID_ARGUMENT", "Malformed multipart body."));
    return uploadWhole(call, { targets, ...related });
  }
  if (protocol !== "raw") return reply(apiError("INVALID_ARGUMENT", `Invalid upload protocol: ${protocol}`));
  const mimeType = header(call, "x-goog-upload-header-content-type") ?? header(call, "content-type");
  return uploadWhole(call, { targets, metadata: "", mimeType, content: call.payload.bytes });
}

function protocolOf(call: Call): string {
  const type = call.query.get("uploadType") ?? call.query.get("upload_protocol");
  if (type !== null) return type === "media" ? "raw" : type;
  return header(call, "content-type")?.startsWith("multipart/") ? "multipart" : "raw";
}

function uploadWhole(
  call: Call,
  upload: { targets: UploadTargets; metadata: string; mimeType: string | null; content: Buffer | null },
): Result {
  const { content, targets, metadata } = upload;
  const target = targets(call, metadata);
  if (isRefusal(target)) return reply(target);
  const size = content?.length ?? call.payload.size;
  const projectId = call.project.id;
  const refused = target.admit(call.world, { projectId, size });
  if (refused) return reply(refused);
  const sha256 = content && content !== call.payload.bytes ? sha256Of(content) : call.payload.sha256;
  const mimeType = target.mimeType ?? upload.mimeType ?? UNKNOWN_TYPE;
  const fileName = header(call, "x-goog-upload-file-name");
  return reply(target.finish(call, { projectId, mimeType, size, sha256, bytes: content, fileName }));
}

function startResumable(call: Call, targets: UploadTargets): Result {
  const target = targets(call, call.payload.bytes?.toString() ?? "");
  if (isRefusal(target)) return reply(target);
  const announced =
    header(call, "x-goog-upload-header-content-length") ??
    header(call, "x-goog-upload-raw-size") ??
    header(call, "x-upload-content-length");
  if (announced !== null && !/^\d{1,15}$/.test(announced)) {
    return reply(apiError("INVALID_ARGUMENT", `Invalid upload size: ${announced}`));
  }
  const mimeType =
    target.mimeType ??
    header(call, "x-goog-upload-header-content-type") ??
    header(call, "x-upload-content-type") ??
    UNKNOWN_TYPE;
  const session = startSession(call, {
    target,
    mimeType,
    announced: announced === null ? null : Number(announced),
    fileName: header(call, "x-goog-upload-file-name"),
  });
  if (isRefusal(session)) return reply(session);
  const url = addressOf(call, { target, uploadId: session.name });
  if (header(call, "x-goog-upload-protocol") === null) {
    return bare(200, { location: url, "x-guploader-uploadid": session.name });
  }
  return bare(200, {
    "x-goog-upload-url": url,
    "x-goog-upload-control-url": url,
    "x-goog-upload-status": "active",
    "x-goog-upload-chunk-granularity": String(GRANULARITY),
    "x-goog-upload-header-vary": "Origin",
    "x-guploader-uploadid": session.name,
  });
}

function addressOf(call: Call, { target, uploadId }: { target: UploadTarget; uploadId: string }): string {
  const query = new URLSearchParams();
  const key = call.query.get("key");
  if (key !== null && (call.world.options.uploadUrlKey ?? true)) query.set("key", key);
  query.set("upload_id", uploadId);
  query.set("upload_protocol", "resumable");
  return `${publicUrl(call)}/upload/${call.route.version}/${target.path}?${query}`;
}

function servePiece(call: Call): Result {
  const session = call.world.resources.of(UPLOADS).get(call.query.get("upload_id") ?? "");
  // `identify` found it a moment ago.
  if (!session) return reply(apiError("NOT_FOUND", "Requested entity was not found."));
  const command = header(call, "x-goog-upload-command");
  return command === null ? serveRange(call, session) : serveCommand(call, session, command);
}

function serveCommand(call: Call, { value: session }: Resource<UploadSession>, command: string): Result {
  const commands = command
    .toLowerCase()
    .split(",")
    .map((word) => word.trim());
  if (commands.includes("query")) return ended(session);
  if (commands.includes("cancel")) {
    if (session.status === "active") cancelSession(session);
    return ended(session);
  }
  if (!commands.every((word) => word === "upload" || word === "finalize")) {
    return reply(apiError("INVALID_ARGUMENT", `Invalid upload command: ${command}`));
  }
  const offset = header(call, "x-goog-upload-offset");
  const refused = appendPiece(call, session, {
    offset: offset === null ? null : Number(offset),
    last: commands.includes("finalize"),
  });
  return refused ? failed(session, refused) : ended(session);
}

// The older protocol: PUT with `Content-Range: bytes 0-99/100`, 308 until the end.
function serveRange(call: Call, { value: session }: Resource<UploadSession>): Result {
  const range = header(call, "content-range");
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(range ?? "bytes 0-0/*");
  if (!match) return reply(apiError("INVALID_ARGUMENT", `Invalid Content-Range: ${range}`));
  const asking = match[1] === undefined;
  if (!asking) {
    const last = range === null || Number(match[2]) + 1 === Number(match[3]);
    const refused = appendPiece(call, session, { offset: range === null ? null : Number(match[1]), last });
    if (refused) return failed(session, refused);
  }
  if (session.result) return reply(session.result);
  return bare(308, session.received > 0 ? { range: `bytes=0-${session.received - 1}` } : {});
}

function ended(session: UploadSession): Result {
  const headers = statusHeaders(session);
  if (!session.result) return bare(200, headers);
  return { ...EMPTY, status: 200, contentType: JSON_TYPE, headers, body: `${toPrettyJson(session.result)}\n` };
}

// Clients tell a refusal from a broken connection by these headers.
function failed(session: UploadSession, error: ApiError): Result {
  return { ...refusal(error, { wrap: false }), headers: statusHeaders(session) };
}

function statusHeaders(session: UploadSession): Record<string, string> {
  return {
    "x-goog-upload-status": session.status,
    "x-goog-upload-size-received": String(session.received),
    ...(session.status === "active" ? { "x-goog-upload-chunk-granularity": String(GRANULARITY) } : {}),
  };
}

const UNKNOWN_TYPE = "application/octet-stream";
const EMPTY = { kind: "whole", body: "", usage: null, errorStatus: null, delayMs: 0 } as const;

function bare(status: number, headers: Record<string, string>): Result {
  return { ...EMPTY, status, contentType: "text/plain; charset=utf-8", headers };
}

function header(call: Call, name: string): string | null {
  const value = call.headers[name];
  return typeof value === "string" && value !== "" ? value : null;
}
