/**
 * What goes wrong in the vault.
 * @module
 */

/**
 * - `malformed`: not an envelope, or of a later version;
 * - `unknown-key`: sealed with a master key that is not configured;
 * - `tampered`: the master key is there, but the envelope was changed or belongs to another row;
 * - `bad-master-key`: the configured master key cannot be used.
 */
export type VaultErrorCode = "malformed" | "unknown-key" | "tampered" | "bad-master-key";

/** Thrown by the vault. The message names cause and next step, and shows no secret. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string) {
    super(message);
    this.name = "VaultError";
    this.code = code;
  }
}
