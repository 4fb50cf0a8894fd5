/**
 * The native API: the key in `x-goog-api-key`, never in the URL, where it would reach logs and upload URLs
 * (fact sheet upstream 2.1).
 * @module
 */
import type { Secret } from "../../core/secret.ts";

/** Adds the credential to a flat header list. */
export function addCredential(headers: string[], secret: Secret): void {
  headers.push("x-goog-api-key", secret.reveal());
}
