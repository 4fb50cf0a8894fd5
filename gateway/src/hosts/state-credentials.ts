/**
 * The pool's credentials out of the environment and the store, opened by the vault.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import type { Digest, Logger } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import { isEnvironmentRow, mergeKeyFacts, proxyContext } from "../settings/stored-keys.ts";
import type { Settings } from "../settings/types.ts";
import type { StoredCredential } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";
import { environmentCredentials } from "./environment-entries.ts";

/** Secrets of the last time, by envelope and place: a change of one key among ten thousand opens one. */
export interface OpenedSecrets {
  secrets: Map<string, Secret>;
}

/**
 * Opens everything. A row that cannot be opened is logged and left out; it does not keep the others from service.
 * @param rows of the store
 * @param parts `opened`: kept by the caller from one time to the next
 * @returns those of the environment first
 */
export async function openCredentials(
  rows: readonly StoredCredential[],
  parts: {
    vault: Vault;
    settings: Pick<Settings, "credentials">;
    digest: Digest;
    logger: Logger;
    opened?: OpenedSecrets;
  },
): Promise<Credential[]> {
  const { settings, digest, logger } = parts;
  const open = rememberOpened(parts.vault, parts.opened ?? { secrets: new Map() });
  const credentials = environmentCredentials(settings, digest);
  const byId = new Map(credentials.map((credential) => [credential.id, credential]));
  for (const row of rows) {
    const twin = byId.get(row.id);
    if (twin === undefined && isEnvironmentRow(row)) continue;
    try {
      // Without its proxy a key would show Google another address than the one it was given for: it is not used then.
      const proxy = row.sealedProxy == null ? null : await open.secret(row.sealedProxy, proxyContext(row.id));
      if (twin === undefined) {
        const secret = await open.secret(row.sealed, row.id);
        credentials.push({ id: row.id, name: row.name, secret, source: "stored", proxy, ...mergeKeyFacts(null, row) });
      } else Object.assign(twin, mergeKeyFacts(twin, row), proxy === null ? {} : { proxy });
    } catch (error) {
      if (twin !== undefined) twin.enabled = false;
      logger.log("error", "credential.unreadable", {
        credential: row.id,
        name: row.name,
        cause: error instanceof Error ? error.message : String(error),
        next: "ENCRYPTION_KEY (or the key file in the data directory) is not the one that sealed it",
      });
    }
  }
  open.done();
  return credentials;
}

// --- helpers ---

function rememberOpened(
  vault: Vault,
  opened: OpenedSecrets,
): { secret(sealed: string, context: string): Promise<Secret>; done(): void } {
  const used = new Map<string, Secret>();
  return {
    async secret(sealed, context) {
      const name = `${context}\n${sealed}`;
      const secret = opened.secrets.get(name) ?? (await vault.open(sealed, context));
      used.set(name, secret);
      return secret;
    },
    /** What is in use no more is forgotten. */
    done() {
      opened.secrets = used;
    },
  };
}
