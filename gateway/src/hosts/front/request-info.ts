/**
 * Where a request to the admin API comes from, and whether over TLS.
 * @module
 */
import { clientAddress } from "../../call/limits/client-address.ts";
import { createAddressSet } from "../../clients/addresses.ts";
import type { Settings } from "../../settings/types.ts";

/** What a host knows of a request beside the request itself. As the admin API's own, without its schemas' types. */
export interface RequestInfo {
  /** Of the client, trusted proxies considered; null: not known. */
  address: string | null;
  /** It came over TLS, as far as the host knows for sure. */
  secure: boolean;
}

/**
 * Tells it. A proxy that TRUSTED_PROXIES does not name is not believed.
 * @param connection `peer`: address of its other end; `encrypted`: it is TLS itself; `header`: of the request
 */
export function toRequestInfo(
  connection: { peer: string | null; encrypted: boolean; header(name: string): string | null },
  { trustedProxies }: Pick<Settings, "trustedProxies">,
): RequestInfo {
  const { peer, encrypted, header } = connection;
  // The first one stands nearest to the client.
  const scheme = header("x-forwarded-proto")?.split(",", 1)[0]?.trim();
  return {
    address: clientAddress(peer, header("x-forwarded-for"), trustedProxies),
    secure: encrypted || (peer !== null && /^https$/i.test(scheme ?? "") && createAddressSet(trustedProxies).has(peer)),
  };
}
