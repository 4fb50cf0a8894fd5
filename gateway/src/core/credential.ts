/**
 * Credentials as the parts of the core see them.
 * @module
 */
import type { Secret } from "./secret.ts";

/** Where a credential came from. `env` ones are re-read at every start and vanish when they leave the environment. */
export type CredentialSource = "env" | "stored";

/** An API key of the Gemini API, or a Code Assist account (OAuth). */
export type CredentialKind = "api-key" | "code-assist";

/** A credential that opens an upstream, as the pool is given it. */
export interface Credential {
  /** Stable id, `cred_` + 16 hex digits of the secret's fingerprint: the same key always has the same id. */
  id: string;
  /** Shown to people; never contains the secret. */
  name: string;
  /** The key. Of accounts: the sealed tokens' text; the access token comes from the account keeper. */
  secret: Secret;
  /** @default api-key */
  kind?: CredentialKind;
  /** Project by hand or learned; null: the credential is its own project. */
  projectId: string | null;
  source: CredentialSource;
  /** Relative share under the `weighted` strategy; above 0. @default 1 */
  weight: number;
  /** Lower is used first; a higher tier only when no lower one can serve. @default 0 */
  tier: number;
  /** Switched off by hand. Outranks everything automatic. */
  enabled: boolean;
  /** Base of the native API for this credential alone, no trailing slash; absent or null: the setting's. */
  baseUrl?: string | null;
  /** Outbound proxy (`http://`, `https://`, `socks5://`), may hold a password; absent or null: the setting's. Node only. */
  proxy?: Secret | null;
  /** Quota tier (`free`, `paid1`, …) whose configured limits hold until Google tells others; absent or null: unknown. */
  quotaTier?: string | null;
}

/** A credential lent to one attempt. */
export interface Lease {
  credentialId: string;
  credentialName: string;
  projectId: string;
  /** The key, or an access token. */
  secret: Secret;
  /** @default api-key */
  kind?: CredentialKind;
  /** Of accounts: the Google Cloud project that pays, as Code Assist wants it in each request; absent or null: not known yet. */
  cloudProject?: string | null;
  /** Of accounts: when the access token ends, epoch milliseconds. Tells one token of an account from the next. */
  tokenExpiresAt?: number;
  /** What was taken from the project's quota for this attempt, given back or settled by `Pool.settle`. Absent: nothing. */
  reserved?: QuotaReservation | null;
  /** This attempt tries out for which model the credential is well again after a fault ("": none). Absent: it does not. */
  trial?: string | null;
  baseUrl?: string | null;
  proxy?: Secret | null;
}

/** Quota taken in advance. Plain data: it travels between processes. */
export interface QuotaReservation {
  /** Key of the quota's book: `<project id>\n<model>`. */
  key: string;
  requests: number;
  /** Estimated input tokens. */
  tokens: number;
  /** Epoch milliseconds at which it was taken: tells the minute and the Pacific day that it counts in. */
  at: number;
}
