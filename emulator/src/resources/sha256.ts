/** @module SHA-256 in hexadecimal. */

import { hash } from "node:crypto";

/** The digest, hex. */
export function sha256Of(bytes: Buffer): string {
  return hash("sha256", bytes, "hex");
}
