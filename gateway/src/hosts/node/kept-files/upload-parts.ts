/**
 * Uploads under way: `<id>.part` each. The bodies of one file come one after the other, each from its offset on; only what
 * came without a gap from the first byte to the last is a file.
 * @module
 */
import { rename, rm, truncate } from "node:fs/promises";
import type { KeptUpload, UploadBody, UploadSink } from "../../../call/reupload/types.ts";
import type { DiskWork } from "./disk-work.ts";
import { createFileWriter, type WriteQueue } from "./file-writer.ts";
import { createPartReader } from "./part-reader.ts";
import { pathsIn } from "./shelf.ts";

/** All uploads under way. */
export interface UploadParts {
  /** An upload of so many bytes begins. */
  expect(id: string, bytes: number): void;
  /** @returns null when it is not to be kept */
  keep(body: UploadBody): UploadSink | null;
  /** @returns false: there is none of this id */
  remove(id: string): boolean;
  /** Drops those that nobody went on with since then (epoch milliseconds), even if a body is passing: Infinity. */
  dropIdle(since: number): void;
  /** Bytes of all of them. */
  bytes(): number;
}

/** Uploads under way; more are not kept. */
const mostParts = 256;
/** What may stand behind the file in a multipart body, and before it. */
const envelopeBytes = 256;
const headBytes = 65_536;
/** Uploads that are known to be too large; the oldest are forgotten. */
const mostRefused = 1_000;
/** Bodies of one file whose writes are remembered one by one. */
const mostWrites = 64;

/** @param options `makeRoom`: for so many bytes more; `complete`: the bytes are in place under this id */
export function createUploadParts(options: {
  directory: string;
  maxFileBytes: number;
  maxQueuedBytes: number;
  disk: DiskWork;
  now: () => number;
  newId: () => string;
  makeRoom: (count: number) => boolean;
  complete: (id: string, upload: KeptUpload) => void;
}): UploadParts {
  const { disk, maxFileBytes } = options;
  const pathOf = pathsIn(options.directory);
  const parts = new Map<string, Part>();
  const queue: WriteQueue = { bytes: 0, most: options.maxQueuedBytes };
  const refused = new Set<string>();
  let bytes = 0;

  function leave(part: Part): void {
    part.dropped = true;
    parts.delete(part.id);
    bytes -= part.bytes;
  }

  function drop(part: Part): void {
    if (part.dropped) return;
    leave(part);
    clean(part);
  }

  function clean(part: Part): void {
    disk.run(async () => {
      await Promise.all(part.writing);
      await rm(pathOf(part.file, "part"), { force: true });
    });
  }

  function admit(part: Part, count: number): boolean {
    if (part.bytes + count > maxFileBytes + envelopeBytes || !options.makeRoom(count)) return false;
    part.bytes += count;
    bytes += count;
    return true;
  }

  async function complete(part: Part, upload: KeptUpload): Promise<void> {
    const size = upload.file.bytes;
    const written = await Promise.all(part.writing);
    if (part.dropped) return;
    const isWhole = part.multipart ? part.end >= size : part.end === size;
    if (!isWhole || written.includes(false) || size > maxFileBytes) return drop(part);
    const path = pathOf(part.file, "part");
    // The closing boundary.
    if (part.end > size) await truncate(path, size);
    await rename(path, pathOf(part.file, "bytes"));
    leave(part);
    options.complete(part.file, upload);
  }

  function isTooLarge({ id, offset, length, boundary }: UploadBody): boolean {
    if (refused.has(id)) return true;
    return length !== null && offset + length > maxFileBytes + (boundary === null ? 0 : envelopeBytes + headBytes);
  }

  function partOf(body: UploadBody): Part | null {
    const known = parts.get(body.id);
    if (known === undefined) {
      if (body.offset !== 0 || parts.size >= mostParts || isTooLarge(body)) return null;
      const part = toPart(body, options.newId());
      parts.set(body.id, part);
      return part;
    }
    // A gap, or two requests at once: nobody knows what the file is then.
    if (body.offset <= known.end && !known.open) return known;
    drop(known);
    return null;
  }

  return {
    expect(id, size) {
      if (size <= maxFileBytes) return;
      refused.add(id);
      for (const oldest of refused) {
        if (refused.size <= mostRefused) break;
        refused.delete(oldest);
      }
    },
    keep(body) {
      const part = partOf(body);
      if (part === null) return null;
      part.open = true;
      part.usedAt = options.now();
      const reader = body.boundary === null ? null : createPartReader(body.boundary);
      const onError = (error: unknown): void => {
        disk.complain(error);
        drop(part);
      };
      const writer = createFileWriter({ path: pathOf(part.file, "part"), position: body.offset, queue, onError });
      let end = body.offset;
      let isOver = false;
      return {
        push(chunk) {
          if (part.dropped || isOver) return;
          const content = reader === null ? chunk : reader.push(chunk);
          if (content === null || content.length === 0) return;
          const more = Math.max(0, end + content.length - part.end);
          if ((more > 0 && !admit(part, more)) || !writer.push(content)) return drop(part);
          end += content.length;
          part.end = Math.max(part.end, end);
        },
        end(upload) {
          if (isOver) return;
          isOver = true;
          part.open = false;
          part.writing.push(writer.finish());
          if (part.writing.length > mostWrites)
            part.writing = [Promise.all(part.writing).then((all) => !all.includes(false))];
          // The writer may have made the file anew.
          if (part.dropped) clean(part);
          else if (upload !== null) disk.run(() => complete(part, upload).catch(onError));
          else if (body.whole) drop(part);
        },
      };
    },
    remove(id) {
      const part = parts.get(id);
      if (part !== undefined) drop(part);
      return part !== undefined;
    },
    dropIdle(since) {
      for (const part of parts.values()) if (since === Infinity || (!part.open && part.usedAt <= since)) drop(part);
    },
    bytes: () => bytes,
  };
}

// --- helpers ---

/** A file whose upload is under way. */
interface Part {
  id: string;
  /** Id of its file on disk. */
  file: string;
  multipart: boolean;
  /** Bytes from its beginning that came without a gap, written or queued. */
  end: number;
  /** Counted against the limits. */
  bytes: number;
  /** A body of it is passing. */
  open: boolean;
  /** Epoch milliseconds. */
  usedAt: number;
  /** Not among the parts any more. */
  dropped: boolean;
  /** Of bodies that have passed: whether they are written. */
  writing: Promise<boolean>[];
}

function toPart(body: UploadBody, file: string): Part {
  const multipart = body.boundary !== null;
  return { id: body.id, file, multipart, end: 0, bytes: 0, open: false, usedAt: 0, dropped: false, writing: [] };
}
