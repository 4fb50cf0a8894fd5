/**
 * The core's ports on Node (and Bun).
 * @module
 */
import { createHash, hash, randomFillSync } from "node:crypto";
import type { Clock, Digest, Random } from "../../core/ports.ts";

/** The machine's clock. */
export const nodeClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Randomness of node:crypto. */
export const nodeRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};

/** SHA-256; the one-shot form costs half of createHash where it exists. */
export const nodeDigest: Digest = {
  sha256:
    typeof hash === "function"
      ? (text) => hash("sha256", text, "hex")
      : (text) => createHash("sha256").update(text).digest("hex"),
};
