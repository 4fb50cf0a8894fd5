/**
 * From what an answer told to what is remembered.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import type { ResourceBinding, ResourceClient, ResourceKind } from "../core/resources.ts";
import type { FoundResource } from "./resources/answer-names.ts";

/** Bindings of what an answer told, to the project that answered. */
export function toBindings(
  found: readonly FoundResource[],
  facts: { lease: Lease; client: ResourceClient; now: number },
): ResourceBinding[] {
  const { lease, client, now } = facts;
  return found.map(({ name, kind, expiresAt }) => ({
    name,
    kind,
    credentialId: lease.credentialId,
    projectId: lease.projectId,
    clientId: clientOf(kind, client),
    createdAt: now,
    expiresAt,
    detail: null,
  }));
}

// --- helpers ---

function clientOf(kind: ResourceKind, client: ResourceClient): string | null {
  // A signature's fingerprint opens nothing: it only says which project is preferred.
  if (kind === "signature") return null;
  // A token stands for its client's key, whatever is shared.
  if (kind === "auth-token") return client.id;
  return client.shared ? null : client.id;
}
