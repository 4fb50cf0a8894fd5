/**
 * Google's OpenAI surface: the key as a bearer token; `x-goog-api-key` alone is refused there (fact sheet upstream 2.1).
 * @module
 */
import type { Secret } from "../../core/secret.ts";

/** Adds the credential to a flat header list. */
export function addCredential(headers: string[], secret: Secret): void {
  headers.push("authorization", `Bearer ${secret.reveal()}`);
}
