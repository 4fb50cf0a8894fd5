/**
 * The core's ports in workerd. `nodejs_compat` brings a synchronous SHA-256 and Buffer's native search.
 * @module
 */
import type { Bytes, Clock, Digest, Random } from "../../core/ports.ts";
import { nodeBytes } from "../node/bytes.ts";
import { nodeDigest } from "../node/ports.ts";

/** workerd's clock stands still while code runs (a measure against timing attacks): durations are of I/O only. */
export const workerClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export const workerRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

export const workerDigest: Digest = nodeDigest;
export const workerBytes: Bytes = nodeBytes;
