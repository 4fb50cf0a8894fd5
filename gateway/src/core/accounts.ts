/**
 * Code Assist accounts as the call's way sees them: whoever holds their tokens (hosts/accounts) makes a lease ready.
 * @module
 */
import type { Lease } from "./credential.ts";
import type { Effect } from "./verdict.ts";

/** What came of making an account ready. */
export type Prepared =
  | { ok: true; lease: Lease }
  /** It cannot serve now; `effects` are for the pool. `words`: redacted, what its owner must do. */
  | { ok: false; rule: string; words: string; effects: readonly Effect[] };

/** Holds the tokens of all accounts. One refresh of an account at a time, whoever asks. */
export interface AccountKeeper {
  /**
   * The lease with an access token and its cloud project.
   * @returns null: the token must be refreshed, or the project found, first (`prepare`)
   */
  lend(lease: Lease, now: number): Lease | null;
  /** Refreshes, finds the project, onboards: whatever is missing. Never rejects. */
  prepare(lease: Lease, now: number): Promise<Prepared>;
  /** Google refused this access token (401): it is not lent again; the next `prepare` refreshes. */
  refused(lease: Lease, now: number): void;
}
