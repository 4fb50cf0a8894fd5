/**
 * Export files: a pool's keys in the JSON form that earlier proxies wrote and read (`api_keys`, fact sheet
 * compatibility 2), with the secrets masked, plain, or all sealed under a passphrase.
 * @module
 */
import type { Random } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { createVault } from "./envelope.ts";
import { createSalt, deriveMasterKey } from "./master-key.ts";
import { maskSecret } from "./redact.ts";
import { VaultError } from "./vault-error.ts";

/** A credential to be exported. */
export interface ExportedKey {
  name: string;
  secret: Secret;
  enabled: boolean;
  projectId: string | null;
  weight: number;
  tier: number;
  quotaTier?: string | null;
  baseUrl?: string | null;
  /** Outbound proxy; masked files leave its user name and password out. */
  proxy?: Secret | null;
}

/**
 * The JSON value of an export file.
 * @param keys what goes in
 * @param options `masked`: `AIza…wxyz` in place of secrets (such a file cannot be imported); `exportedAt`: ISO time
 */
export function toExportFile(
  keys: readonly ExportedKey[],
  options: { masked: boolean; exportedAt: string },
): Record<string, unknown> {
  return {
    version: "1.0.0",
    exported_at: options.exportedAt,
    api_keys: keys.map((key) => ({
      name: key.name,
      api_key_value: options.masked ? maskSecret(key.secret) : key.secret.reveal(),
      provider: "googleaistudio",
      is_active: key.enabled,
      ...(key.projectId === null ? {} : { project: key.projectId }),
      weight: key.weight,
      tier: key.tier,
      ...(key.quotaTier == null ? {} : { quota_tier: key.quotaTier }),
      ...(key.baseUrl == null ? {} : { base_url: key.baseUrl }),
      ...(key.proxy == null ? {} : { proxy: options.masked ? maskProxy(key.proxy) : key.proxy.reveal() }),
    })),
  };
}

/**
 * Seals an export file under a passphrase.
 * @param file from `toExportFile`, not masked
 * @param passphrase 16 characters or more
 * @param random strong bytes
 * @throws VaultError `bad-master-key` when the passphrase is too short
 */
export async function sealExportFile(
  file: Record<string, unknown>,
  passphrase: string,
  random: Random,
): Promise<Record<string, unknown>> {
  if (passphrase.length < 16) throw new VaultError("bad-master-key", "The passphrase needs 16 characters or more.");
  const salt = createSalt(random);
  const vault = createVault({ masterKeys: [await deriveMasterKey(passphrase, salt)], random });
  return {
    version: "1.0.0",
    exported_at: file["exported_at"],
    salt,
    sealed_api_keys: await vault.seal(JSON.stringify(file), exportContext),
  };
}

/**
 * Whether a text is a sealed export file.
 * @param text of a file
 */
export function isSealedExport(text: string): boolean {
  return readSealed(text) !== null;
}

/**
 * Opens a sealed export file.
 * @param text of the file
 * @param passphrase that sealed it
 * @param random strong bytes
 * @returns the text of the plain export file
 * @throws VaultError `malformed`, or `unknown-key` when the passphrase is another one
 */
export async function openExportFile(text: string, passphrase: string, random: Random): Promise<string> {
  const sealed = readSealed(text);
  if (sealed === null) throw new VaultError("malformed", "This is not a sealed export file.");
  const vault = createVault({ masterKeys: [await deriveMasterKey(passphrase, sealed.salt)], random });
  try {
    return (await vault.open(sealed.body, exportContext)).reveal();
  } catch (error) {
    // The id of a master key is made from the key, so another passphrase shows as another key.
    if (error instanceof VaultError && error.code === "unknown-key")
      throw new VaultError("unknown-key", "The passphrase is not the one that sealed this file.");
    throw error;
  }
}

// --- helpers ---

function maskProxy(proxy: Secret): string {
  return proxy.reveal().replace(/\/\/.*@/, "//…@");
}

const exportContext = "export file";

function readSealed(text: string): { salt: string; body: string } | null {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const salt = value?.["salt"];
    const body = value?.["sealed_api_keys"];
    return typeof salt === "string" && typeof body === "string" ? { salt, body } : null;
  } catch {
    return null;
  }
}
