/**
 * The places where a credential's plain text is needed beside the vault: to send it, and to take it out of a text.
 * @module
 */
import type { Secret } from "../core/secret.ts";

/** Whether the text holds the secret. */
export function containsSecret(text: string, secret: Secret): boolean {
  return text.includes(secret.reveal());
}

/** The text with the secret replaced. */
export function redactSecret(text: string, secret: Secret): string {
  return text.replaceAll(secret.reveal(), "[redacted]");
}

/** The plain text, for the one host where the state lives in another place than the attempt (Workers). */
export function plainSecret(secret: Secret): string {
  return secret.reveal();
}
