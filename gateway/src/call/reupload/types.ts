/**
 * The port to a host's store of uploaded files: what clients upload is kept as it passes, so that it can be uploaded to
 * another Google project when the one that has it is exhausted or gone (KEEP_UPLOADS, decision 0014).
 *
 * Keeping is a help, never a promise: whatever goes wrong with it (a full disk, a slow one, no room) costs the copy and
 * nothing else. No method throws, none waits.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
import type { Secret } from "../../core/secret.ts";
import type { ResourceName } from "../../core/resources.ts";

/** Where a file is at Google. */
export interface FilePlace {
  /** `files/x`. */
  name: ResourceName;
  /** As Google told it: `https://…/files/x`. */
  uri: string;
  /** Through which it was uploaded: its project of today has the file. */
  credentialId: string;
  /** That credential's project then. */
  projectId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** A file whose bytes are kept. */
export interface KeptFile {
  /** The name that its client knows. */
  name: ResourceName;
  /** Whose it is; null: everyone's. */
  clientId: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Where the client put it first, then where copies are. What has expired is left out; never empty. */
  places: readonly FilePlace[];
}

/** What Google's answer to a finished upload tells of a file. */
export interface UploadedFile {
  name: ResourceName;
  uri: string;
  mimeType: string;
  displayName: string | null;
  bytes: number;
  /** As Google writes it (base64 of the hexadecimal digest); null: not told. */
  sha256: string | null;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** Waiting for it makes sense: Google still processes it. `failed`: it will never be usable. */
  state: "active" | "processing" | "failed";
}

/** A finished upload of a client. */
export interface KeptUpload {
  file: UploadedFile;
  clientId: string | null;
  credentialId: string;
  projectId: string;
}

/** One request's body with bytes of a file. */
export interface UploadBody {
  /** The same for all bodies of one file: the upload session's name, or the call's id. */
  id: string;
  /** The file comes in this one request: if that fails, nothing of it is worth keeping. */
  whole: boolean;
  /** Where these bytes begin in the file. */
  offset: number;
  /** Of this body, as announced; null: not told. */
  length: number | null;
  /** The body is `multipart/related` with this boundary, and its second part is the file; null: all of it is. */
  boundary: string | null;
}

/** Takes the bytes of one body as they pass. */
export interface UploadSink {
  /** Keeps them, or drops the whole file when they come faster than they can be kept. The chunk must not change later. */
  push(chunk: Uint8Array): void;
  /** No more bytes come. Once. @param upload the file is complete; null: more bodies may follow */
  end(upload: KeptUpload | null): void;
}

/** How an upload to another project ended. */
export type UploadedAgain =
  | { ok: true; place: FilePlace }
  /** `status`: Google's refusal with its `body` (64 KB at most, may hold the key: for judging only); null: something else. */
  | { ok: false; status: number | null; body: string; words: string };

/** The store. */
export interface KeptFiles {
  /** An upload session of so many bytes began: of one that is too large not even the beginning is kept. */
  expect(session: ResourceName, bytes: number): void;
  /** @returns null when it is not to be kept: no room, too large, a gap before it */
  keep(body: UploadBody): UploadSink | null;
  /** @returns null when its bytes are not here (any more) */
  get(name: ResourceName): KeptFile | null;
  /** The file, a copy, or an upload session ended at Google: what is here of it goes. Unknown names change nothing. */
  remove(name: ResourceName): void;
  /**
   * Uploads a kept file to the lease's project and waits until it can be used, for 30 seconds at most. Calls that ask for
   * the same file and project at once share one upload; the place is remembered, so that it happens once.
   * @param request `address` of the native API for that credential; `proxy`: outbound, null: none
   * @param done called once and never before this returns; never after the cancel
   * @returns cancels: nobody needs it any more
   */
  again(
    request: {
      name: ResourceName;
      lease: Lease;
      address: { origin: string; prefix: string };
      proxy: Secret | null;
    },
    done: (outcome: UploadedAgain) => void,
  ): () => void;
}
