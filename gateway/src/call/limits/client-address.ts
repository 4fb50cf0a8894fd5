/**
 * Where a call comes from, for the settings in force.
 * @module
 */
import { clientAddress as addressBehind, createAddressSet, type AddressSet } from "../../clients/addresses.ts";

/** By the settings' list, which never changes in itself: it is read once, not for each call. */
const sets = new WeakMap<readonly string[], AddressSet>();

/**
 * The client's address (clients/addresses.ts tells the rule).
 * @param peer the connection's other end; null: not known
 * @param forwardedFor all `X-Forwarded-For` of the request, joined by commas; null: none
 * @param trustedProxies TRUSTED_PROXIES
 * @returns null when it cannot be told
 */
export function clientAddress(
  peer: string | null,
  forwardedFor: string | null,
  trustedProxies: readonly string[],
): string | null {
  if (trustedProxies.length === 0) return peer;
  let trusted = sets.get(trustedProxies);
  if (trusted === undefined) sets.set(trustedProxies, (trusted = createAddressSet(trustedProxies)));
  return addressBehind({ peer, forwardedFor, trusted });
}
