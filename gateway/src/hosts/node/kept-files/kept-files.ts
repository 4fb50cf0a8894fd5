/**
 * Uploaded files on disk: `DATA_DIR/uploads`, mode 0700. The bytes are as the client sent them, not encrypted (decision
 * 0014). Bounded in bytes and number. One process at a time.
 * @module
 */
import { mkdirSync } from "node:fs";
import type { KeptFile, KeptFiles } from "../../../call/reupload/types.ts";
import type { Logger } from "../../../core/ports.ts";
import { createDiskWork } from "./disk-work.ts";
import { createSharedUploads } from "./shared-uploads.ts";
import { openShelf, pathsIn } from "./shelf.ts";
import { toStoredFile, type StoredFile } from "./sidecar.ts";
import { damaged, type UploadHost } from "./upload-again.ts";
import { createUploadParts } from "./upload-parts.ts";

/** Where and how much. */
export interface KeptFilesOptions {
  /** Made when missing. */
  directory: string;
  /** All files together, those under way too. */
  maxBytes: number;
  maxFileBytes: number;
  /** @default 10,000 */
  maxFiles?: number;
  /** Bytes that wait for the disk, all uploads together; what is more is not kept. @default 32 MB */
  maxQueuedBytes?: number;
  host: UploadHost;
  logger: Logger;
  /** 32 hexadecimal digits, never the same twice. */
  newId: () => string;
}

/** The store with its life. */
export interface NodeKeptFiles extends KeptFiles {
  /** Deletes what has expired, and uploads that nobody went on with for an hour. */
  sweep(): void;
  /** Waits for what is being written or deleted. */
  settled(): Promise<void>;
  /** Ends uploads to other projects, and waits as `settled`. */
  close(): Promise<void>;
  /** Bytes and complete files. */
  size(): { bytes: number; files: number };
}

/** An upload that nobody goes on with. */
const idleMs = 3_600_000;

/**
 * Opens the store and finds what is there.
 * @throws when the directory cannot be made or read
 */
export async function openKeptFiles(options: KeptFilesOptions): Promise<NodeKeptFiles> {
  const { directory, maxBytes, maxFileBytes, host, logger, newId } = options;
  const { maxFiles = 10_000, maxQueuedBytes = 32 * 1024 * 1024 } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const now = (): number => host.now();
  const pathOf = pathsIn(directory);
  const disk = createDiskWork({ logger, now });
  const shelf = await openShelf({ directory, maxFiles, maxBytes, disk });
  const parts = createUploadParts({
    directory,
    maxFileBytes,
    maxQueuedBytes,
    disk,
    now,
    newId,
    makeRoom(count) {
      while (shelf.bytes() + parts.bytes() + count > maxBytes) if (!shelf.evict()) return false;
      return true;
    },
    complete: (id, upload) => shelf.add({ id, stored: toStoredFile(upload, now()) }),
  });
  const shared = createSharedUploads({ host, bytesPath: (id) => pathOf(id, "bytes") });

  const store: NodeKeptFiles = {
    expect: (session, size) => parts.expect(session, size),
    keep: (body) => parts.keep(body),
    get(name) {
      const file = shelf.get(name);
      return file === null ? null : toKeptFile(file.stored, now());
    },
    remove(name) {
      if (!parts.remove(name)) shelf.remove(name);
    },
    again({ name, lease, address, proxy }, done) {
      return shared.upload({
        file: shelf.get(name),
        target: { lease, address, proxy },
        made: (place) => shelf.addPlace(name, place),
        done(outcome) {
          // The bytes are not what they were: they must not be used again.
          if (!outcome.ok && outcome.words === damaged) shelf.remove(name);
          done(outcome);
        },
      });
    },
    sweep() {
      for (const name of shelf.names()) if (store.get(name) === null) shelf.remove(name);
      parts.dropIdle(now() - idleMs);
    },
    settled: () => disk.settled(),
    async close() {
      shared.close();
      // What has just ended becomes a file first.
      await disk.settled();
      parts.dropIdle(Infinity);
      await disk.settled();
    },
    size: () => ({ bytes: shelf.bytes() + parts.bytes(), files: shelf.names().length }),
  };
  store.sweep();
  return store;
}

// --- helpers ---

/** @returns null when it has expired: the client's own file is gone, so that its copies are nobody's any more */
function toKeptFile({ name, clientId, createdAt, places }: StoredFile, now: number): KeptFile | null {
  const [original] = places;
  if (original === undefined || original.name !== name || original.expiresAt <= now) return null;
  return { name, clientId, createdAt, places: places.filter(({ expiresAt }) => expiresAt > now) };
}
