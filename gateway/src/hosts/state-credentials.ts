/**
 * The pool's credentials out of the environment and the store, opened by the vault.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import type { Digest, Logger } from "../core/ports.ts";
import { toSecret, type Secret } from "../core/secret.ts";
import { isEnvironmentRow, mergeKeyFacts, proxyContext } from "../settings/stored-keys.ts";
import type { StoredCredential } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";
import { environmentAccount, isSavedOf } from "./accounts/environment-account.ts";
import { environmentCredentials, type CredentialSettings } from "./environment-entries.ts";

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
    settings: CredentialSettings;
    digest: Digest;
    logger: Logger;
    opened?: OpenedSecrets;
  },
): Promise<Credential[]> {
  const { settings, digest, logger } = parts;
  const open = rememberOpened(parts.vault, parts.opened ?? { secrets: new Map() });
  const credentials = environmentCredentials(settings, digest);
  const given = environmentAccount(settings, digest);
  const byId = new Map(credentials.map((credential) => [credential.id, credential]));
  for (const row of rows) {
    const twin = byId.get(row.id);
    if (twin === undefined && isEnvironmentRow(row)) continue;
    try {
      // Without its proxy a key would show Google another address than the one it was given for: it is not used then.
      const proxy = row.sealedProxy == null ? null : await open.secret(row.sealedProxy, proxyContext(row.id));
      if (twin === undefined) {
        const opened = await open.secret(row.sealed, row.id);
        const facts = { id: row.id, name: row.name, source: "stored" as const, proxy, ...mergeKeyFacts(null, row) };
        credentials.push({ ...facts, ...secretOf(row, opened) });
      } else {
        Object.assign(twin, mergeKeyFacts(twin, row), proxy === null ? {} : { proxy });
        // What was saved of the very text that the environment gives now is newer than the text itself.
        if (twin.id === given?.id && isSavedOf(given, row) && (await open.works(row.sealed, row.id)))
          twin.secret = toSecret(row.sealed);
      }
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

/** Of an account the envelope: its tokens stay with the account keeper, which opens it. */
function secretOf(row: StoredCredential, opened: Secret): Pick<Credential, "secret" | "kind"> {
  return row.kind === "code-assist" ? { secret: toSecret(row.sealed), kind: row.kind } : { secret: opened };
}

function rememberOpened(
  vault: Vault,
  opened: OpenedSecrets,
): {
  secret(sealed: string, context: string): Promise<Secret>;
  works(sealed: string, context: string): Promise<boolean>;
  done(): void;
} {
  const used = new Map<string, Secret>();
  const open = async (sealed: string, context: string): Promise<Secret> => {
    const name = `${context}\n${sealed}`;
    const secret = opened.secrets.get(name) ?? (await vault.open(sealed, context));
    used.set(name, secret);
    return secret;
  };
  return {
    secret: open,
    works: (sealed, context) =>
      open(sealed, context).then(
        () => true,
        () => false,
      ),
    /** What is in use no more is forgotten. */
    done() {
      opened.secrets = used;
    },
  };
}
