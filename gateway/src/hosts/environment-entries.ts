/**
 * Credentials and client keys that the environment names, as pool and clients take them. The same on every host.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import type { Digest } from "../core/ports.ts";
import { toSecret } from "../core/secret.ts";
import { mergeKeyFacts } from "../settings/stored-keys.ts";
import type { ConfiguredKey, Settings } from "../settings/types.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import { environmentAccount } from "./accounts/environment-account.ts";

/** Settings that give credentials. */
export type CredentialSettings = Pick<Settings, "credentials" | "codeAssistAccount" | "codeAssistTier">;

/**
 * One credential a key, in their order; a key that stands twice is taken once, under its first name. Then the account.
 */
export function environmentCredentials(settings: CredentialSettings, digest: Digest): Credential[] {
  const byId = new Map<string, Credential>();
  for (const key of settings.credentials) {
    const id = credentialIdOf(fingerprintOf(key.secret, digest));
    if (!byId.has(id)) byId.set(id, toCredential(key, id));
  }
  const account = environmentAccount(settings, digest);
  if (account !== null && !byId.has(account.id))
    byId.set(account.id, {
      id: account.id,
      name: account.name,
      // Tokens stay with the account keeper: nothing that could be sent by mistake travels with the pool.
      secret: toSecret(account.envelope),
      kind: "code-assist",
      source: "env",
      proxy: null,
      ...mergeKeyFacts({ tier: settings.codeAssistTier }, null),
    });
  return [...byId.values()];
}

/** Client keys of PROXY_API_KEY. */
export function environmentClients(settings: Pick<Settings, "proxyApiKeys">, digest: Digest): ClientKey[] {
  return settings.proxyApiKeys.map((key, index) => ({
    id: `client_env_${index + 1}`,
    name: `env-${index + 1}`,
    digest: digest.sha256(key),
    prefix: "env",
    source: "env",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
  }));
}

// --- helpers ---

function toCredential(key: ConfiguredKey, id: string): Credential {
  return {
    id,
    name: key.name,
    secret: toSecret(key.secret),
    source: "env",
    proxy: key.proxy === undefined ? null : toSecret(key.proxy),
    ...mergeKeyFacts(key, null),
  };
}
