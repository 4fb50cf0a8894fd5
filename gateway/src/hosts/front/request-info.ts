/**
 * Where a request to the admin API comes from, and whether over TLS.
 * @module
 */
import type { RequestInfo } from "../../admin/implement.ts";
import { clientAddress } from "../../call/limits/client-address.ts";
import { createAddressSet } from "../../clients/addresses.ts";
import type { Settings } from "../../settings/types.ts";

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
