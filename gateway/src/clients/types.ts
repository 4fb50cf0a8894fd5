/**
 * Client keys: who may call the gateway.
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";

/** A client key as it is kept: only a digest of the secret. */
export interface ClientKey {
  /** `client_` + 16 characters. */
  id: string;
  name: string;
  /** SHA-256 of the whole key, lower-case hex. */
  digest: string;
  /** First 7 characters (`gp-abcd`), to tell keys apart in lists. */
  prefix: string;
  /** `env` keys come from PROXY_API_KEY and vanish with it. */
  source: "env" | "stored";
  enabled: boolean;
  /** Epoch milliseconds; null: never. */
  expiresAt: number | null;
  /** Models that it may use, exact or with a trailing `*`; null: all. */
  allowedModels: readonly string[] | null;
  createdAt: number;
}

/** The answer to an admission. */
export type Admission = { ok: true; client: ClientKey } | { ok: false; code: ErrorCode };

/** All client keys, in memory. */
export interface Clients {
  /**
   * Sets the whole list. A stored key outranks one from the environment with the same digest: it may carry limits.
   * @param options `open`: whoever shows no key, or one that is not known, is let in as `openClient`. @default false
   */
  replace(keys: readonly ClientKey[], options?: { open?: boolean }): void;
  /**
   * @param digest SHA-256 of the presented key in lower-case hex; null when none was presented
   * @param now epoch milliseconds
   */
  admit(digest: string | null, now: number): Admission;
  /** Whether the client may use this model (null model: always). */
  allows(client: ClientKey, model: string | null): boolean;
  list(): readonly ClientKey[];
}
