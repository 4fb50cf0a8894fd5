/**
 * Fingerprints of API keys: to find duplicates and to name credentials without opening envelopes.
 * @module
 */
import type { Digest } from "../core/ports.ts";

/**
 * Fingerprint of a key. A plain SHA-256 will do: keys are long random texts that nobody can guess their way through.
 * @param secret the plain key; blanks around it do not count
 * @param digest the host's SHA-256
 * @returns 64 hex digits
 */
export function fingerprintOf(secret: string, digest: Digest): string {
  return digest.sha256(secret.trim());
}

/**
 * Id of the credential with this fingerprint: the same key has the same id everywhere and always.
 * @param fingerprint 64 hex digits
 * @returns `cred_` + 16 hex digits
 */
export function credentialIdOf(fingerprint: string): string {
  return `cred_${fingerprint.slice(0, 16)}`;
}
