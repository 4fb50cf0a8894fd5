/**
 * Credentials and client keys that the environment names, as pool and clients take them. The same on every host.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import type { Digest } from "../core/ports.ts";
import { toSecret } from "../core/secret.ts";
import type { ConfiguredKey, Settings } from "../settings/types.ts";
import type { StoredCredential } from "../storage/types.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";

/** One credential a key, in their order; a key that stands twice is taken once, under its first name. */
export function environmentCredentials(settings: Pick<Settings, "credentials">, digest: Digest): Credential[] {
  const byId = new Map<string, Credential>();
  for (const key of settings.credentials) {
    const id = credentialIdOf(fingerprintOf(key.secret, digest));
    if (!byId.has(id)) byId.set(id, toCredential(key, id));
  }
  return [...byId.values()];
}

/**
 * Ends the name of a row that holds what was changed by hand about a key of the environment. Such a row is no key of its
 * own: it has no effect when the key has left the environment.
 */
export const environmentMark = " (environment)";

/** Whether a stored row only belongs to a key of the environment. */
export function isEnvironmentRow(row: Pick<StoredCredential, "name">): boolean {
  return row.name.endsWith(environmentMark);
}

/** What a credential is, apart from its secrets and names. */
export interface KeyFacts {
  projectId: string | null;
  weight: number;
  tier: number;
  enabled: boolean;
  baseUrl: string | null;
  quotaTier: string | null;
}

/**
 * The same key in the environment and in the store: what was set by hand for the stored one holds. Weight and tier of a
 * row that only holds changes count when they are not the defaults.
 * @param key of the environment; null: only the store has it
 * @param row of the store; null: there is none
 */
export function mergeKeyFacts(key: Partial<Omit<KeyFacts, "enabled">> | null, row: StoredCredential | null): KeyFacts {
  const isWhole = row !== null && (key === null || !isEnvironmentRow(row));
  return {
    projectId: projectOf(row?.projectId ?? null, key?.projectId ?? null),
    weight: isWhole || (row !== null && row.weight !== 1) ? row.weight : (key?.weight ?? 1),
    tier: isWhole || (row !== null && row.tier !== 0) ? row.tier : (key?.tier ?? 0),
    enabled: row?.enabled ?? true,
    baseUrl: row?.baseUrl ?? key?.baseUrl ?? null,
    quotaTier: row?.quotaTier ?? key?.quotaTier ?? null,
  };
}

/** Whether a project is one that Google's errors named; any other was chosen by hand. */
export function isLearnedProject(projectId: string): boolean {
  return /^projects\/\d+$/.test(projectId);
}

/** What a sealed proxy is sealed for: the vault binds each envelope to its place. */
export function proxyContext(credentialId: string): string {
  return `${credentialId} proxy`;
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

/** The store also holds what Google's errors named, which any choice by hand outranks. */
function projectOf(stored: string | null, given: string | null): string | null {
  return stored !== null && (given === null || !isLearnedProject(stored)) ? stored : given;
}

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
