/**
 * Leases between the state object and the worker.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
import { toSecret } from "../../core/secret.ts";
import { plainSecret } from "../../backends/credential-text.ts";
import type { PlainLease } from "./state-api.ts";

/** From the wire. */
export function toLease(plain: PlainLease): Lease {
  return { ...plain, secret: toSecret(plain.secret) };
}

/** To the worker, which must send the key upstream. */
export function toPlainLease(lease: Lease): PlainLease {
  // Workers have no outbound proxies.
  const { proxy: _proxy, ...plain } = lease;
  return { ...plain, secret: plainSecret(lease.secret) };
}

/** Back to the object: it knows the secret, so it is left out. */
export function withoutSecret(lease: Lease): Omit<Lease, "secret" | "proxy"> {
  const { secret: _secret, proxy: _proxy, baseUrl: _baseUrl, ...plain } = lease;
  return plain;
}
