/** @module The `id_token`: a JWT with the claims Google's has. Its signature is of nobody. */

import { hash } from "node:crypto";

import type { Account } from "../accounts/accounts.ts";

/** Makes one. @param options.now Milliseconds since the epoch. */
export function toIdToken(account: Account, options: { clientId: string; now: number }): string {
  const { clientId, now } = options;
  const issued = Math.floor(now / 1_000);
  const claims = {
    iss: "https://accounts.google.com",
    azp: clientId,
    aud: clientId,
    sub: account.userId,
    ...(account.email.includes("@") ? { hd: account.email.replace(/.*@/, "") } : {}),
    email: account.email,
    email_verified: true,
    iat: issued,
    exp: issued + 3_600,
  };
  const signed = [{ alg: "RS256", kid: "emulated", typ: "JWT" }, claims].map(encode).join(".");
  return `${signed}.${hash("sha256", signed, "base64url")}`;
}

// --- helpers ---

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
