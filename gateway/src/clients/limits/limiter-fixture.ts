/**
 * For tests of limits: a client, a limiter that knows it, and answers taken apart.
 * @module
 */
import type { ClientKey, ClientLimits, ClientReservation, Reserved } from "../types.ts";
import { createLimiter, type Limiter } from "./limiter.ts";

/** A client with limits. */
export function limitedKey(limits: ClientLimits | null): ClientKey {
  return {
    id: "client_one",
    name: "one",
    digest: "",
    prefix: "",
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
    limits,
  };
}

/** A limiter in UTC that knows one client. */
export function setUp(limits: ClientLimits): {
  limiter: Limiter;
  client: ClientKey;
  reserve: (estimate: { tokens: number; costNanoUsd: number | null }, now: number) => Reserved;
} {
  const client = limitedKey(limits);
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  return { limiter, client, reserve: (estimate, now) => limiter.reserve(client, estimate, now) };
}

/** @throws when it was refused */
export function taken(reserved: Reserved): ClientReservation {
  if (!reserved.ok) throw new Error(`refused: ${reserved.what}`);
  return reserved.reservation;
}

/** @throws when it was let in */
export function refused(reserved: Reserved): Extract<Reserved, { ok: false }> {
  if (reserved.ok) throw new Error("let in");
  return reserved;
}
