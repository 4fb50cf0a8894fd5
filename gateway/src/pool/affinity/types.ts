/**
 * Affinity: which project has what, and which client may use it.
 * @module
 */
import type {
  ResourceBinding,
  ResourceClient,
  ResourceKind,
  ResourceName,
  ResourceOwner,
} from "../../core/resources.ts";

/** Who owns what a call names. */
export type Resolution =
  | {
      ok: true;
      /** Null: nothing that is named is known. */
      owner: ResourceOwner | null;
      /** Named, but never seen here: made outside of this gateway, or long gone. */
      unknown: readonly ResourceName[];
    }
  /** It belongs to another client. */
  | { ok: false; reason: "forbidden"; name: ResourceName }
  /** Two projects. */
  | { ok: false; reason: "apart"; one: ResourceBinding; other: ResourceBinding };

/** What changed since the last save. */
export interface AffinityChanges {
  bind: readonly ResourceBinding[];
  forget: readonly ResourceName[];
}

/** The index. In memory; synchronous; one owner; bounded. */
export interface Affinity {
  /**
   * @param names canonical
   * @param projectOf the project of today of an owner, `Pool.ownerProject`; null: it has left the pool
   */
  resolve(
    names: readonly ResourceName[],
    client: ResourceClient,
    parts: { now: number; projectOf: (owner: ResourceOwner) => string | null },
  ): Resolution;
  get(name: ResourceName, now: number): ResourceBinding | null;
  /** Adds or renews. An existing binding of another client is not taken over. */
  bind(bindings: readonly ResourceBinding[], now: number): void;
  /** It was deleted, or turned out not to exist. */
  forget(name: ResourceName): void;
  /** Where the client's newest file, cache or store lives: new ones go there too. Null: it has none. */
  home(client: ResourceClient, now: number): ResourceOwner | null;
  /** One owner for each project of today that has resources of this kind which the client may see; sorted by project. */
  owners(
    kind: ResourceKind,
    client: ResourceClient,
    parts: { now: number; projectOf: (owner: ResourceOwner) => string | null },
  ): { projectId: string; owner: ResourceOwner }[];
  /** Whether a name in a list is the client's to see. `unknown`: never bound. */
  standing(name: ResourceName, client: ResourceClient, now: number): "visible" | "hidden" | "unknown";
  takeChanges(): AffinityChanges;
  /** Changes that could not be written are taken back and come again. */
  putBack(changes: AffinityChanges): void;
  restore(kept: readonly ResourceBinding[], now: number): void;
  /** Ends what has expired; looks at a bounded number each time. */
  sweep(now: number): void;
  size(): number;
}
