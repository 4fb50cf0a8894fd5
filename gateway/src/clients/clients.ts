/**
 * Client keys in memory.
 * @module
 */
import { createAddressSet } from "./addresses.ts";
import type { AddressSet } from "./addresses.ts";
import { toModelMatcher } from "./allowed-models.ts";
import type { ModelMatcher } from "./allowed-models.ts";
import { equalDigests } from "./digests.ts";
import { createLimiter } from "./limits/limiter.ts";
import { createTemporaryKeys } from "./temporary-keys.ts";
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

/**
 * No keys, closed.
 * @param options `timeZone`: IANA name; days, weeks and months of limits are this zone's. @default UTC
 * @throws RangeError when the platform does not know the time zone
 */
export function createClients(options: { timeZone?: string } = {}): Clients {
  let byDigest = new Map<string, ClientKey>();
  let byId = new Map<string, ClientKey>();
  let open = false;
  const temporary = createTemporaryKeys();
  /** By client object: lists do not change within one. */
  const matchers = new WeakMap<ClientKey, ModelMatcher>();
  const networks = new WeakMap<ClientKey, AddressSet>();
  const { keep, ...limiter } = createLimiter({ timeZone: options.timeZone ?? "UTC" });

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

  /** Whether a client may call from an address: anywhere without ranges; with them, nobody whose address is not known. */
  function isAtHome(client: ClientKey, address: string | null | undefined): boolean {
    if (client.ipRanges == null) return true;
    if (address == null) return false;
    let set = networks.get(client);
    if (set === undefined) networks.set(client, (set = createAddressSet(client.ipRanges)));
    return set.has(address);
  }

  /** What of a known key does not depend on the call. A key that was switched off or has run out is told apart. */
  function judge(client: ClientKey, now: number): Admission {
    if (!client.enabled) return { ok: false, code: "client_key_disabled" };
    if (client.expiresAt !== null && client.expiresAt <= now) return { ok: false, code: "client_key_expired" };
    return { ok: true, client };
  }

  function admitById(id: string, now: number, address: string | null | undefined): Admission {
    const client = byId.get(id) ?? null;
    if (client === null)
      return open && id === openClient.id
        ? { ok: true, client: openClient }
        : { ok: false, code: "client_key_invalid" };
    const admission = judge(client, now);
    return admission.ok && address !== undefined && !isAtHome(client, address)
      ? { ok: false, code: "client_address_refused" }
      : admission;
  }

  return {
    ...limiter,

    replace(keys, settings) {
      byDigest = new Map();
      for (const key of keys) {
        const known = byDigest.get(key.digest);
        if (known === undefined || known.source === "env" || key.source === "stored") byDigest.set(key.digest, key);
      }
      open = settings?.open ?? false;
      // Of two keys with the same digest only the one that counts has a name to be found by.
      byId = new Map();
      for (const client of byDigest.values()) byId.set(client.id, client);
      keep(byDigest.values());
    },

    admit(digest, now, address): Admission {
      const client = digest === null ? null : find(digest);
      if (client === null) {
        const key = digest === null ? null : temporary.find(digest);
        if (key !== null)
          return key.expiresAt <= now
            ? { ok: false, code: "client_key_expired" }
            : admitById(key.clientId, now, address ?? null);
        if (open) return { ok: true, client: openClient };
        return { ok: false, code: digest === null ? "client_key_missing" : "client_key_invalid" };
      }
      // A key that was switched off, has run out or is not at home stays out of an open gateway too.
      const admission = judge(client, now);
      return admission.ok && !isAtHome(client, address) ? { ok: false, code: "client_address_refused" } : admission;
    },

    byId: admitById,

    addTemporaryKey: temporary.add,

    allows(client, model) {
      if (model === null || client.allowedModels === null) return true;
      let matches = matchers.get(client);
      if (matches === undefined) matchers.set(client, (matches = toModelMatcher(client.allowedModels)));
      return matches(model);
    },

    list: () => [...byDigest.values()],
  };
}
