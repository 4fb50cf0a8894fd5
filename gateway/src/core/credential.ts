/**
 * Credentials as the parts of the core see them.
 * @module
 */
import type { Secret } from "./secret.ts";

/** Where a credential came from. `env` ones are re-read at every start and vanish when they leave the environment. */
export type CredentialSource = "env" | "stored";

/** A credential that opens an upstream, as the pool is given it. */
export interface Credential {
  /** Stable id, `cred_` + 16 hex digits of the secret's fingerprint: the same key always has the same id. */
  id: string;
  /** Shown to people; never contains the secret. */
  name: string;
  secret: Secret;
  /** Project by hand or learned; null: the credential is its own project. */
  projectId: string | null;
  source: CredentialSource;
  /** Relative share under the `weighted` strategy; above 0. @default 1 */
  weight: number;
  /** Lower is used first; a higher tier only when no lower one can serve. @default 0 */
  tier: number;
  /** Switched off by hand. Outranks everything automatic. */
  enabled: boolean;
}

/** A credential lent to one attempt. */
export interface Lease {
  credentialId: string;
  credentialName: string;
  projectId: string;
  secret: Secret;
}
