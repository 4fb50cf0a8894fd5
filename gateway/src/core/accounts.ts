/**
 * Code Assist accounts as the call's way sees them: whoever holds their tokens (hosts/accounts) makes a lease ready.
 * @module
 */
import type { Lease } from "./credential.ts";
import type { Effect } from "./verdict.ts";

/** What is known of an account beside its tokens. No secret: it is stored and shown as it is. */
export interface AccountFacts {
  email: string | null;
  /** Google Cloud project that pays, as Google named it or as it was chosen; null: not found yet. */
  cloudProject: string | null;
  /** Chosen by hand for this account; outranks GEMINI_PROJECT_ID. */
  wantedProject: string | null;
  /** Google's id of the licence: `standard-tier`, `enterprise-tier` …; null: not known yet. */
  tier: string | null;
  /** Epoch milliseconds; null: never. */
  projectFoundAt: number | null;
  scopes: readonly string[];
  lastRefreshAt: number | null;
  /** What went wrong the last time, redacted; null: it went well. */
  lastError: string | null;
  /**
   * Fingerprint of the environment's text whose tokens, or successors of them, are stored; null: they came by the command.
   * Another text in the environment is newer, and outranks them.
   */
  given: string | null;
}

/** Nothing is known yet. */
export const unknownAccount: AccountFacts = {
  email: null,
  cloudProject: null,
  wantedProject: null,
  tier: null,
  projectFoundAt: null,
  scopes: [],
  lastRefreshAt: null,
  lastError: null,
  given: null,
};

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
  /**
   * Refreshes, finds the project, onboards: whatever is missing. Never rejects.
   * @param patienceMs the longest wait; what is waited for goes on. @default the host's
   */
  prepare(lease: Lease, now: number, patienceMs?: number): Promise<Prepared>;
  /** Google refused this access token (401): it is not lent again; the next `prepare` refreshes. */
  refused(lease: Lease, now: number): void;
}
