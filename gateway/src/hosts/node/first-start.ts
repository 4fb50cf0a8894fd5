/**
 * Closed by default: the first start makes a client key and an admin token. Only digests are kept, so each is shown once.
 * @module
 */
import { generateClientKey } from "../../clients/generate.ts";
import type { ClientKey } from "../../clients/types.ts";
import type { Digest, Random } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import type { Store } from "../../storage/types.ts";

/** What was made, in plain text, to be printed once; null: it was there already. */
export interface FirstStart {
  clientKey: string | null;
  adminToken: string | null;
  /** SHA-256 of the admin token in force. */
  adminDigest: string;
}

const adminDigestKey = "admin_token_digest";
const clientMadeKey = "first_client_made";

/**
 * Makes what is missing.
 * @param parts the store and the ports
 */
export async function prepareFirstStart(parts: {
  store: Store;
  settings: Settings;
  random: Random;
  digest: Digest;
  now: number;
}): Promise<FirstStart> {
  const { store, settings, random, digest, now } = parts;
  let clientKey: string | null = null;
  if (settings.proxyApiKeys.length === 0 && (await store.meta.get(clientMadeKey)) === null) {
    if ((await store.clients.list()).length === 0) {
      const made = generateClientKey(random);
      clientKey = made.key;
      await store.clients.add(toClientKey({ name: "first", key: made.key, prefix: made.prefix, digest, random, now }));
    }
    await store.meta.set(clientMadeKey, String(now));
  }
  if (settings.adminToken !== null)
    return { clientKey, adminToken: null, adminDigest: digest.sha256(settings.adminToken) };
  const kept = await store.meta.get(adminDigestKey);
  if (kept !== null) return { clientKey, adminToken: null, adminDigest: kept };
  const adminToken = `gpa-${generateClientKey(random).key.slice(3)}`;
  const adminDigest = digest.sha256(adminToken);
  await store.meta.set(adminDigestKey, adminDigest);
  return { clientKey, adminToken, adminDigest };
}

/** A stored client key from its plain text. */
export function toClientKey(parts: {
  name: string;
  key: string;
  prefix: string;
  digest: Digest;
  random: Random;
  now: number;
}): ClientKey {
  const id = [...parts.random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    id: `client_${id}`,
    name: parts.name,
    digest: parts.digest.sha256(parts.key),
    prefix: parts.prefix,
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: parts.now,
  };
}
