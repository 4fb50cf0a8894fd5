/**
 * Google's error bodies can carry the key that was used (`DebugInfo`, suspended consumers: fact sheet upstream 4.2).
 * @module
 */
import type { Secret } from "../core/secret.ts";
import { containsSecret, redactSecret } from "../backends/credential-text.ts";

const shapes = /AIza[\w-]{10,}|\bAQ\.[\w.-]{10,}|ya29\.[\w.-]{10,}|\bgp-[\w-]{10,}/g;

/**
 * Takes secrets out of an error body; a body without any comes back as the same string, so that it can be relayed
 * byte for byte.
 * @param text body
 * @param secret the credential of the attempt
 */
export function redactBody(text: string, secret: Secret): string {
  let clean = containsSecret(text, secret) ? redactSecret(text, secret) : text;
  shapes.lastIndex = 0;
  if (shapes.test(clean)) clean = clean.replace(shapes, "[redacted]");
  return clean;
}
