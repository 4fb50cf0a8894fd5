/**
 * One request of an upload while its bytes are kept: which part of which file its body is (fact sheet upstream 1.5), and
 * what the answer says has become of it.
 * @module
 */
import { headerOf, type RawHeaders } from "../../core/headers.ts";
import type { Bytes } from "../../core/ports.ts";
import type { ResourceName } from "../../core/resources.ts";
import type { AnswerNames } from "../resources/answer-names.ts";
import type { KeptFiles, KeptUpload, UploadBody, UploadSink } from "./types.ts";
import { longestFileAnswer, parseUploadedFile } from "./uploaded-file.ts";

/** A body that is being kept. */
export interface UploadKeeping {
  /** Takes the body's bytes as they go up. */
  readonly sink: UploadSink;
  /** Reads the answer along with what else reads it. */
  watch(learner: AnswerNames): AnswerNames;
  /** The attempt is over. @param owner who has the file now; null: it did not go well */
  end(owner: Omit<KeptUpload, "file"> | null, now: number): void;
}

/** What is known of the request. */
export interface UploadRequest {
  callId: string;
  /** Path and query. */
  target: string;
  /** The upload session that it belongs to; null: none. */
  session: ResourceName | null;
  headers: RawHeaders;
  /** The body is compressed: its bytes are not the file's. */
  encoded: boolean;
}

/**
 * Begins to keep a request's body.
 * @returns null when it carries no bytes of a file, or they are not to be kept
 */
export function keepUpload(kept: KeptFiles, request: UploadRequest, bytes: Bytes): UploadKeeping | null {
  const body = toUploadBody(request);
  if (body === "cancel") {
    if (request.session !== null) kept.remove(request.session);
    return null;
  }
  const sink = body === null || request.encoded ? null : kept.keep(body);
  if (sink === null) return null;
  let answer: Uint8Array[] = [];
  let length = 0;
  return {
    sink,
    watch: (learner) => ({
      push(chunk) {
        length += chunk.length;
        if (length <= longestFileAnswer) answer.push(chunk);
        else answer = [];
        learner.push(chunk);
      },
      end: () => learner.end(),
    }),
    end(owner, now) {
      const text =
        owner === null || length === 0 || length > longestFileAnswer ? "" : bytes.decode(bytes.concat(answer));
      const file = text === "" ? null : parseUploadedFile(text, now);
      sink.end(file === null || owner === null || file.state === "failed" ? null : { ...owner, file });
    },
  };
}

/** Tells the store how large the file of a new session will be, as far as its start told. */
export function expectUpload(kept: KeptFiles, session: ResourceName, headers: RawHeaders): void {
  const announced = headerOf(headers, "x-goog-upload-header-content-length") ?? "";
  if (/^\d{1,15}$/.test(announced)) kept.expect(session, Number(announced));
}

// --- helpers ---

/** What a request's body is; `cancel`: its session is given up; null: no bytes of a file. */
function toUploadBody({ callId, target, session, headers }: UploadRequest): UploadBody | "cancel" | null {
  const commands = (headerOf(headers, "x-goog-upload-command") ?? "").toLowerCase().split(/[\s,]+/);
  const announced = headerOf(headers, "content-length") ?? "";
  const length = /^\d{1,15}$/.test(announced) ? Number(announced) : null;
  if (session !== null) {
    if (commands.includes("cancel")) return "cancel";
    if (!commands.includes("upload") && !commands.includes("finalize")) return null;
    const offset = headerOf(headers, "x-goog-upload-offset") ?? "";
    return /^\d{1,15}$/.test(offset)
      ? { id: session, whole: false, offset: Number(offset), length, boundary: null }
      : null;
  }
  const type = headerOf(headers, "content-type") ?? "";
  switch (protocolOf(headers, target)) {
    case "multipart": {
      const match = /^multipart\/.*?;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
      const boundary = match === null ? null : (match[1] ?? match[2] ?? null);
      return boundary === null ? null : { id: callId, whole: true, offset: 0, length, boundary };
    }
    case "raw":
      return { id: callId, whole: true, offset: 0, length, boundary: null };
    case "resumable":
      // All in one: the body of any other start is metadata.
      return commands.includes("upload") && commands.includes("finalize")
        ? { id: callId, whole: true, offset: 0, length, boundary: null }
        : null;
    default:
      return /^multipart\/related/i.test(type)
        ? toUploadBody({
            callId,
            target,
            session,
            headers: [...headers, "x-goog-upload-protocol", "multipart"],
            encoded: false,
          })
        : null;
  }
}

/** The header, or what the older client libraries put into the query. */
function protocolOf(headers: RawHeaders, target: string): string | null {
  const told = headerOf(headers, "x-goog-upload-protocol");
  if (told !== null) return told.trim().toLowerCase();
  const match = /[?&](?:uploadType|upload_protocol)=(\w+)/i.exec(target);
  const type = match === null ? null : (match[1] as string).toLowerCase();
  return type === "media" ? "raw" : type;
}
