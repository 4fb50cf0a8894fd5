/**
 * Client keys in memory.
 * @module
 */
import { toModelMatcher } from "./allowed-models.ts";
import type { ModelMatcher } from "./allowed-models.ts";
import { equalDigests } from "./digests.ts";
import type { Admission, ClientKey, Clients } from "./types.ts";

/** Whom calls without a known key belong to while the gateway is open to everyone. Not in the list of keys. */
export const openClient: ClientKey = {
  id: "client_open",
  name: "open",
  digest: "",
  prefix: "",
  source: "env",
  enabled: true,
  expiresAt: null,
  allowedModels: null,
  createdAt: 0,
};

/** No keys, closed. */
export function createClients(): Clients {
  let byDigest = new Map<string, ClientKey>();
  let open = false;
  /** By client object: lists do not change within one. */
  const matchers = new WeakMap<ClientKey, ModelMatcher>();

  /**
   * A Map by digest is safe although the time of its lookup depends on the digest: what leaks is something about the
   * SHA-256 of the guess, which the guesser knows already, and about the SHA-256 of a key, from which neither the key
   * nor a better guess can be made. The comparison after it is constant in time, and makes sure that what was found is
   * what was asked for, whatever the Map's hashing does.
   */
  function find(digest: string): ClientKey | null {
    const client = byDigest.get(digest);
    return client !== undefined && equalDigests(digest, client.digest) ? client : null;
  }

  return {
    replace(keys, options) {
      byDigest = new Map();
      for (const key of keys) {
        const known = byDigest.get(key.digest);
        if (known === undefined || known.source === "env" || key.source === "stored") byDigest.set(key.digest, key);
      }
      open = options?.open ?? false;
    },

    admit(digest, now): Admission {
      const client = digest === null ? null : find(digest);
      if (client === null) {
        if (open) return { ok: true, client: openClient };
        return { ok: false, code: digest === null ? "client_key_missing" : "client_key_invalid" };
      }
      // A key that was switched off or has run out stays out of an open gateway too.
      if (!client.enabled) return { ok: false, code: "client_key_disabled" };
      if (client.expiresAt !== null && client.expiresAt <= now) return { ok: false, code: "client_key_expired" };
      return { ok: true, client };
    },

    allows(client, model) {
      if (model === null || client.allowedModels === null) return true;
      let matches = matchers.get(client);
      if (matches === undefined) matchers.set(client, (matches = toModelMatcher(client.allowedModels)));
      return matches(model);
    },

    list: () => [...byDigest.values()],
  };
}
