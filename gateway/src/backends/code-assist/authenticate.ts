/**
 * Code Assist: an OAuth access token (fact sheet upstream 7.2). We say who we are: no other client's name is sent.
 * @module
 */
import type { Secret } from "../../core/secret.ts";

/** Adds the credential to a flat header list. */
export function addCredential(headers: string[], secret: Secret): void {
  headers.push("authorization", `Bearer ${secret.reveal()}`, "user-agent", "gemini-proxy");
}
