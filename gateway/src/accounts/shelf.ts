/**
 * Where accounts are kept: a port over store and vault, which several processes may share.
 * @module
 */
import type { AccountFacts } from "../core/accounts.ts";
import type { AccountTokens } from "./tokens.ts";

/** An account as it is kept. */
export interface KeptAccount {
  /** Its envelope: tells one writing from another. */
  sealed: string;
  tokens: AccountTokens;
  facts: AccountFacts;
}

/** Keeps accounts. Every method may reject; the keeper goes on with what it has then. */
export interface AccountShelf {
  /**
   * Reads it anew. For an account of the environment: what was saved of the text that is there now, else that text.
   * @returns null: it is not there any more
   * @throws when it cannot be opened
   */
  read(id: string): Promise<KeptAccount | null>;
  /**
   * Writes tokens and facts.
   * @param was the envelope that they come from: when another one is there now, nothing is written
   * @returns the new envelope; null: another one is there, or the account is gone
   */
  write(id: string, account: { tokens: AccountTokens; facts: AccountFacts; was: string }): Promise<string | null>;
  /**
   * Writes facts alone, when the envelope `was` is still there: somebody else's tokens, or a project that was chosen
   * meanwhile, are not touched.
   */
  note(id: string, account: { facts: AccountFacts; was: string }): Promise<void>;
  /**
   * Only one process at a time refreshes an account.
   * @param untilMs epoch milliseconds: when it may be taken from us
   */
  lock(id: string, now: number, untilMs: number): Promise<boolean>;
  unlock(id: string): Promise<void>;
}
