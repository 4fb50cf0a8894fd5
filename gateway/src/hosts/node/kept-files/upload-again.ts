/**
 * Uploads a kept file to another project: one `multipart` request (fact sheet upstream 1.5), then `GET files/x` until the
 * file can be used. Over the host's own connections, so that it goes through the same outbound proxies as calls.
 * @module
 */
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { request, type Dispatcher } from "undici";
import { addCredential } from "../../../backends/gemini-api/authenticate.ts";
import type { UploadedAgain, UploadedFile } from "../../../call/reupload/types.ts";
import { longestFileAnswer, parseUploadedFile } from "../../../call/reupload/uploaded-file.ts";
import type { Lease } from "../../../core/credential.ts";
import type { Secret } from "../../../core/secret.ts";
import type { DispatchTarget } from "../dispatchers.ts";
import type { StoredFile } from "./sidecar.ts";

/** Where to. */
export interface UploadTarget {
  lease: Lease;
  address: { origin: string; prefix: string };
  proxy: Secret | null;
}

/** Time limits in milliseconds. */
export interface UploadTimes {
  /** For the upload itself. @default 120 seconds */
  uploadMs: number;
  /** For Google to process it. @default 30 seconds */
  activeMs: number;
  /** The first wait between two looks; it doubles up to 2 seconds. @default 250 */
  pollMs: number;
}

/** What the uploads need of the host. */
export interface UploadHost {
  dispatcherFor(target: DispatchTarget): Dispatcher;
  /** Epoch milliseconds. */
  now(): number;
  /** Parts bodies: not to be found in a file. */
  boundary(): string;
  times: UploadTimes;
}

export const uploadTimes: UploadTimes = { uploadMs: 120_000, activeMs: 30_000, pollMs: 250 };

/**
 * Uploads, and waits.
 * @param parts `path`: of the bytes; `signal`: nobody needs it any more: a file that is there already is deleted again
 * @returns never rejects
 */
export async function uploadAgain(parts: {
  host: UploadHost;
  file: StoredFile;
  path: string;
  target: UploadTarget;
  signal: AbortSignal;
}): Promise<UploadedAgain> {
  const { host, file, target, signal } = parts;
  let made: UploadedFile | null = null;
  try {
    const answer = await post(parts);
    if (answer.status !== 200) return { ok: false, ...answer, words: "refused" };
    made = parseUploadedFile(answer.body, host.now());
    if (made === null) return failure("the answer tells of no file");
    // Google's own word that it has what the client had uploaded.
    const isSame = made.bytes === file.bytes && (file.sha256 === null || made.sha256 === file.sha256);
    const ended = isSame ? await untilActive(made, parts) : damaged;
    signal.throwIfAborted();
    if (ended === null) {
      const { name, uri, expiresAt } = made;
      const { credentialId, projectId } = target.lease;
      return { ok: true, place: { name, uri, credentialId, projectId, expiresAt } };
    }
    void removeAgain(made.name, parts);
    return failure(ended);
  } catch (error) {
    if (made !== null) void removeAgain(made.name, parts);
    return failure(signal.aborted ? "given up" : codeOf(error));
  }
}

/** `words` of an upload whose bytes are not the client's any more. */
export const damaged = "the copy differs from the original";

// --- helpers ---

interface UploadAnswer {
  status: number;
  body: string;
}

type Parts = Parameters<typeof uploadAgain>[0];

const removeMs = 10_000;
const longestPollMs = 2_000;

function failure(words: string): UploadedAgain {
  return { ok: false, status: null, body: "", words };
}

async function post({ host, file, path, target, signal }: Parts): Promise<UploadAnswer> {
  const boundary = host.boundary();
  const metadata = JSON.stringify({
    file: { mimeType: file.mimeType, ...(file.displayName === null ? {} : { displayName: file.displayName }) },
  });
  const head = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${metadata}\r\n` +
      `--${boundary}\r\nContent-Type: ${file.mimeType}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* body(): AsyncGenerator<Uint8Array> {
    yield head;
    if (file.bytes > 0) yield* createReadStream(path, { end: file.bytes - 1 }) as AsyncIterable<Uint8Array>;
    yield tail;
  }
  const headers = [
    "x-goog-upload-protocol",
    "multipart",
    "content-type",
    `multipart/related; boundary=${boundary}`,
    "content-length",
    String(head.length + file.bytes + tail.length),
  ];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(host.times.uploadMs)]);
  return ask({ host, target, method: "POST", path: "/upload/v1beta/files", headers, body: body(), signal: limit });
}

/** @returns null when the file can be used, or why not */
async function untilActive(made: UploadedFile, { host, target, signal }: Parts): Promise<string | null> {
  if (made.state !== "processing") return made.state === "active" ? null : failedFile;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(host.times.activeMs)]);
  try {
    for (let waitMs = host.times.pollMs; ; waitMs = Math.min(waitMs * 2, longestPollMs)) {
      await sleep(waitMs, undefined, { signal: limit });
      const path = `/v1beta/${made.name}`;
      const { status, body } = await ask({ host, target, method: "GET", path, headers: [], body: null, signal: limit });
      const state = status === 200 ? parseUploadedFile(body, host.now())?.state : "processing";
      if (state === "active") return null;
      if (state !== "processing") return failedFile;
    }
  } catch (error) {
    return limit.aborted ? "it was still being processed" : codeOf(error);
  }
}

const failedFile = "it could not be processed";

/** Nobody would ever use it. What cannot be deleted ends by itself after 48 hours. */
async function removeAgain(name: string, { host, target }: Parts): Promise<void> {
  const signal = AbortSignal.timeout(removeMs);
  try {
    await ask({ host, target, method: "DELETE", path: `/v1beta/${name}`, headers: [], body: null, signal });
  } catch {
    return;
  }
}

async function ask(parts: {
  host: UploadHost;
  target: UploadTarget;
  method: "POST" | "GET" | "DELETE";
  path: string;
  headers: string[];
  body: AsyncIterable<Uint8Array> | null;
  signal: AbortSignal;
}): Promise<UploadAnswer> {
  const { host, target, method, headers, signal } = parts;
  const { origin, prefix } = target.address;
  addCredential(headers, target.lease.secret);
  const answer = await request(`${origin}${prefix}${parts.path}`, {
    dispatcher: host.dispatcherFor({ origin, proxy: target.proxy }),
    method,
    headers,
    body: parts.body as Dispatcher.DispatchOptions["body"] & null,
    signal,
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= longestFileAnswer) break;
  }
  return { status: answer.statusCode, body: Buffer.concat(chunks).subarray(0, longestFileAnswer).toString() };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : error instanceof Error ? error.name : "unknown";
}
