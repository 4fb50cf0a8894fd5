/**
 * A store of kept uploads in memory, whose uploads to other projects end when a test says so.
 * @module
 */
import type {
  FilePlace,
  KeptFile,
  KeptFiles,
  KeptUpload,
  UploadBody,
  UploadedAgain,
  UploadSink,
} from "../call/reupload/types.ts";
import type { Lease } from "../core/credential.ts";

/** An upload to another project that waits for its end. */
export interface SimulatedUpload {
  name: string;
  lease: Lease;
  cancelled: boolean;
  /** Ends well, with a copy of this name. */
  succeed(copy: string): void;
  fail(outcome?: Partial<Extract<UploadedAgain, { ok: false }>>): void;
}

/** The store, and what it was told. */
export interface SimulatedKeptFiles extends KeptFiles {
  bodies: (UploadBody & { chunks: Uint8Array[]; ended: KeptUpload | null | undefined })[];
  uploads: SimulatedUpload[];
  removed: string[];
  expected: (readonly [session: string, bytes: number])[];
  /** Puts a file there, as if its client had uploaded it. */
  put(file: { name: string; clientId?: string | null; credentialId: string; projectId?: string }): void;
}

/** The address of a file at Google. */
export function fileUri(name: string): string {
  return `https://generativelanguage.googleapis.com/v1beta/${name}`;
}

/** An empty store. */
export function createSimulatedKeptFiles(): SimulatedKeptFiles {
  const files = new Map<string, KeptFile>();
  const store: SimulatedKeptFiles = {
    bodies: [],
    uploads: [],
    removed: [],
    expected: [],
    put({ name, clientId = "client_1", credentialId, projectId = "" }) {
      const places = [toPlace(name, { credentialId, projectId })];
      files.set(name, { name, clientId, createdAt: 0, places });
    },
    expect: (session, bytes) => void store.expected.push([session, bytes]),
    keep(body): UploadSink {
      const kept: SimulatedKeptFiles["bodies"][number] = { ...body, chunks: [], ended: undefined };
      store.bodies.push(kept);
      return {
        push: (chunk) => void kept.chunks.push(chunk),
        end: (upload) => void (kept.ended = upload),
      };
    },
    get: (name) => files.get(name) ?? null,
    remove(name) {
      store.removed.push(name);
      files.delete(name);
      for (const file of files.values())
        files.set(file.name, { ...file, places: file.places.filter((place) => place.name !== name) });
    },
    again({ name, lease }, done) {
      const upload: SimulatedUpload = {
        name,
        lease,
        cancelled: false,
        succeed(copy) {
          const file = files.get(name) as KeptFile;
          const place = toPlace(copy, lease);
          files.set(name, { ...file, places: [...file.places, place] });
          if (!upload.cancelled) done({ ok: true, place });
        },
        fail(outcome = {}) {
          if (!upload.cancelled) done({ ok: false, status: null, body: "", words: "broken", ...outcome });
        },
      };
      store.uploads.push(upload);
      return () => void (upload.cancelled = true);
    },
  };
  return store;
}

// --- helpers ---

function toPlace(name: string, { credentialId, projectId }: Pick<Lease, "credentialId" | "projectId">): FilePlace {
  return { name, uri: fileUri(name), credentialId, projectId, expiresAt: Number.MAX_SAFE_INTEGER };
}
