/**
 * What belongs to one Google project: the words for resources and for who owns them (fact sheet upstream 1.11).
 * Keys of the same project are interchangeable for a resource; keys of others get 403 or 404. So each resource is bound
 * to the project that has it, when it is created or first seen.
 * @module
 */

/** Kinds of what is bound. `upload` is an upload session of the gateway's own; the others are Google's. */
export type ResourceKind =
  | "file"
  | "upload"
  | "cache"
  | "batch"
  | "operation"
  | "store"
  | "tuned-model"
  | "corpus"
  | "interaction"
  | "continuation"
  | "live-handle"
  | "auth-token"
  | "signature"
  | "video"
  | "agent"
  | "environment"
  | "credential"
  | "trigger"
  | "voice"
  | "webhook";

/**
 * The canonical name of a resource, one for each, however a client wrote it:
 * `files/x`, `cachedContents/x`, `batches/x` (also for `files/batch-x`), `models/m/operations/x`, `fileSearchStores/x`
 * (also for everything below it), `tunedModels/x`, `corpora/x`, `interactions/v1_x`, `videos/x`, `agents/x`, `environments/x`,
 * `credentials/x`, `triggers/x`, `voices/x`, `webhooks/x`. What is itself a secret or very long stands as a digest:
 * `uploads/<sha256>`, `authTokens/<sha256>`, `liveHandles/<sha256>`, `continuations/<sha256>`, `signatures/<fingerprint>`.
 */
export type ResourceName = string;

/** Which project has a resource, and whose it is. */
export interface ResourceBinding {
  name: ResourceName;
  kind: ResourceKind;
  /** The credential through which it was created or found: its project of today owns the resource. */
  credentialId: string;
  /** That credential's project when it was bound; used when the credential has left the pool. */
  projectId: string;
  /** The client that may use it; null: every client (RESOURCE_SHARING=all, or a client of shared scope). */
  clientId: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Epoch milliseconds after which it is forgotten; null: never. */
  expiresAt: number | null;
  /** What else must be known, such as an upload session's upstream path; null: nothing. Sealed in the store. */
  detail: string | null;
}

/**
 * `detail` of what was found and not made: a call named it, Google knew it, and nobody here had made it. Such a binding says
 * where it is, but keeps nobody out, and gives way to whoever makes a resource of that name.
 */
export const foundDetail = "found";

/** Who asks for a resource. */
export interface ResourceClient {
  id: string;
  /** Sees what belongs to no client in particular too, and everything it makes is so. */
  shared: boolean;
}

/** Where a resource lives. */
export interface ResourceOwner {
  credentialId: string;
  projectId: string;
}
