/**
 * Credentials and client keys that the environment names, as pool and clients take them. The same on every host.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import type { Digest } from "../core/ports.ts";
import { toSecret } from "../core/secret.ts";
import type { Settings } from "../settings/types.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";

/** One credential a key, in their order; a key that stands twice is taken once, under its first name. */
export function environmentCredentials(settings: Pick<Settings, "credentials">, digest: Digest): Credential[] {
  const byId = new Map<string, Credential>();
  for (const { name, secret } of settings.credentials) {
    const id = credentialIdOf(fingerprintOf(secret, digest));
    if (byId.has(id)) continue;
    byId.set(id, {
      id,
      name,
      secret: toSecret(secret),
      projectId: null,
      source: "env",
      weight: 1,
      tier: 0,
      enabled: true,
    });
  }
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
