/**
 * The mark of who made a signature: Google takes one back from its own project only (fact sheet translation 5.1).
 * @module
 */
import type { Digest } from "../../core/ports.ts";

/**
 * The mark of a project: says whether two are the same, and tells strangers nothing else.
 * @returns 8 characters of hex
 */
export function issuerTag(projectId: string, digest: Digest): string {
  return digest.sha256(projectId).slice(0, 8);
}
