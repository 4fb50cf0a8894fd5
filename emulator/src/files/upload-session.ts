/** @module A resumable upload: its address is its ticket, offsets are checked, every piece but the last is a multiple of the granularity. */

import type { Hash } from "node:crypto";
import { createHash, hash } from "node:crypto";

import { namedError } from "../errors/catalog.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { isRefusal } from "../answer/admit-call.ts";
import type { Call, Caller } from "../http/call.ts";
import { storeFull } from "../resources/answers.ts";
import type { KeptBytes } from "../resources/byte-store.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import type { KnownKey } from "../state/projects.ts";
import type { UploadTarget } from "./upload-target.ts";

/** An upload that was started. */
export interface UploadSession {
  /** Who started it; pieces need no key. */
  key: KnownKey;
  target: UploadTarget;
  status: "active" | "final" | "cancelled";
  mimeType: string;
  /** Announced bytes; null when unknown. */
  announced: number | null;
  fileName: string | null;
  received: number;
  hashing: Hash;
  /** Pieces so far; null when nobody needs them, or once they were too many to be kept. */
  pieces: KeptBytes[] | null;
  /** The body of the final answer, for clients that ask again. */
  result: object | null;
}

/** Started uploads by `upload_id`. */
export const UPLOADS: ResourceKind<UploadSession> = defineKind<UploadSession>("uploads", {
  limit: 1_000,
  onGone: ({ value }) => drop(value),
});

/** Pieces that are not the last are multiples of this, in bytes. */
const SMALLEST_PIECE = 262_144;

/** Starts an upload. */
export function startSession(
  call: Call,
  options: { target: UploadTarget; mimeType: string; announced: number | null; fileName: string | null },
): Resource<UploadSession> | ApiError {
  const { world, key, project } = call;
  const refused = options.target.admit(world, { projectId: project.id, size: options.announced ?? 0 });
  if (refused) return refused;
  const session = world.resources.of(UPLOADS).create({
    // The key is part of what is hashed: a seed alone does not tell the next id.
    name: `AAnB${hash("sha512", `${world.ids.response()} ${key.key}`, "base64url").slice(0, 80)}`,
    projectId: project.id,
    expireTime: world.now() + LIFETIME_MS,
    value: {
      ...options,
      key,
      status: "active",
      received: 0,
      hashing: createHash("sha256"),
      pieces: options.target.wantsBytes ? [] : null,
      result: null,
    },
  });
  return session ?? storeFull();
}

/** Says who a piece belongs to: whoever started the upload. A key of another project is refused, so is one that is no key. */
export function identifyPiece({ world, key, query }: Caller): KnownKey | ApiError {
  const session = world.resources.of(UPLOADS).get(query.get("upload_id") ?? "");
  if (!session) return apiError("NOT_FOUND", "Requested entity was not found.");
  if (key === null) return session.value.key;
  const known = world.projects.find(key);
  if (!known) {
    const { project } = session.value.key;
    const context = { key, project: project.id, model: "", version: "v1beta", tier: project.tier ?? "paid1", path: "" };
    return namedError(key.startsWith("AQ.") ? "auth-key-invalid" : "api-key-invalid", context);
  }
  if (known.project.id === session.projectId) return known;
  return apiError("PERMISSION_DENIED", "The caller does not have permission to access this upload.");
}

/** Takes a piece in. @param piece.offset Where it begins; null: where the last one ended. */
export function appendPiece(
  call: Call,
  session: UploadSession,
  piece: { offset: number | null; last: boolean },
): ApiError | null {
  const { bytes, size, sha256 } = call.payload;
  if (session.status !== "active") return apiError("INVALID_ARGUMENT", "Upload has already been terminated.");
  if (piece.offset !== null && piece.offset !== session.received) {
    return apiError(
      "INVALID_ARGUMENT",
      `Upload offset ${piece.offset} does not match the ${session.received} bytes received.`,
    );
  }
  if (!piece.last && (size === 0 || size % SMALLEST_PIECE !== 0)) {
    return apiError(
      "INVALID_ARGUMENT",
      `The size of every chunk but the last must be a multiple of ${SMALLEST_PIECE} bytes: ${size}`,
    );
  }
  const total = session.received + size;
  if (session.announced !== null && (piece.last ? total !== session.announced : total > session.announced)) {
    return apiError("INVALID_ARGUMENT", `Expected ${session.announced} bytes, received ${total}.`);
  }
  const refused = session.target.admit(call.world, { projectId: call.project.id, size: total });
  if (refused) return refused;
  if (!bytes && !(piece.last && session.received === 0)) {
    return apiError("INVALID_ARGUMENT", `Request payload size exceeds the limit of one chunk: ${size} bytes.`);
  }
  if (bytes) session.hashing.update(bytes);
  session.received = total;
  const kept = bytes && session.pieces ? call.world.contents.keep(bytes) : null;
  if (kept) session.pieces?.push(kept);
  else drop(session);
  return piece.last ? finishSession(call, session, bytes ? null : sha256) : null;
}

/** Ends an upload that nobody wants any more. */
export function cancelSession(session: UploadSession): void {
  session.status = "cancelled";
  drop(session);
}

// --- helpers ---

const LIFETIME_MS = 7 * 24 * 3_600_000;

function drop(session: UploadSession): void {
  for (const piece of session.pieces ?? []) piece.release();
  session.pieces = null;
}

function finishSession(call: Call, session: UploadSession, sha256: string | null): ApiError | null {
  const whole = session.pieces && Buffer.concat(session.pieces.map((piece) => piece.bytes));
  drop(session);
  const result = session.target.finish(call, {
    projectId: call.project.id,
    mimeType: session.mimeType,
    size: session.received,
    sha256: sha256 ?? session.hashing.digest("hex"),
    bytes: whole,
    fileName: session.fileName,
  });
  session.status = "final";
  if (isRefusal(result)) return result;
  session.result = result;
  return null;
}
