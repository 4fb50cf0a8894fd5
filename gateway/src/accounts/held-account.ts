/**
 * What the keeper holds of one account, and the questions that this alone answers.
 * @module
 */
import { plainSecret } from "../backends/credential-text.ts";
import type { AccountFacts } from "../core/accounts.ts";
import type { Lease } from "../core/credential.ts";
import { toSecret, type Secret } from "../core/secret.ts";
import type { AccountFailure, AccountResult } from "./failures.ts";
import type { KeptAccount } from "./shelf.ts";
import type { AccountTokens } from "./tokens.ts";

/** One account. */
export interface HeldAccount {
  readonly id: string;
  readonly name: string;
  /** The last lease: its proxy leads to Google. */
  lease: Lease;
  kept: KeptAccount | null;
  /** The access token, wrapped once. */
  secret: Secret;
  /** Envelopes that were read or written here: a lease with another one shows that somebody else wrote. */
  envelopes: string[];
  /** The access token that Google refused; empty: none. */
  refused: string;
  /** Tokens in a row that were refused soon after they were granted. */
  refusals: number;
  /** When the token in use was granted or taken over, epoch milliseconds. */
  grantedAt: number;
  /** The last failure, remembered for a while so that a crowd of calls asks once; null: none. */
  failure: { failure: AccountFailure; untilMs: number; envelope: string } | null;
  /** Passing failures in a row. */
  stumbles: number;
  /** No background work before; epoch milliseconds. */
  restUntilMs: number;
  lentAt: number;
  /** Tokens that could not be written. */
  isUnsaved: boolean;
  /** Work under way, shared by whoever wants it. */
  preparing: Promise<AccountResult<null>> | null;
  refreshing: Promise<AccountResult<null>> | null;
  discovering: Promise<AccountResult<null>> | null;
}

/** Envelopes that are remembered: a reload may be as old as the second last writing. */
const knownEnvelopes = 8;
/** A token with less life than this may end on the way. */
const leastLifeMs = 10_000;
/** Projects are looked up at most this often, also when PROJECT_ID_CACHE_TTL_HOURS is 0. */
const leastProjectMs = 60_000;

/** Nothing known yet. */
export function holdAccount(lease: Lease): HeldAccount {
  return {
    id: lease.credentialId,
    name: lease.credentialName,
    lease,
    kept: null,
    secret: toSecret(""),
    envelopes: [],
    refused: "",
    refusals: 0,
    grantedAt: 0,
    failure: null,
    stumbles: 0,
    restUntilMs: 0,
    lentAt: 0,
    isUnsaved: false,
    preparing: null,
    refreshing: null,
    discovering: null,
  };
}

/** Takes what was read or granted. */
export function takeKept(held: HeldAccount, kept: KeptAccount, now: number): void {
  if (held.kept?.tokens.accessToken !== kept.tokens.accessToken) {
    held.secret = toSecret(kept.tokens.accessToken);
    held.grantedAt = now;
  }
  held.kept = kept;
  knowEnvelope(held, kept.sealed);
}

/** The envelope was looked after: a lease that carries it brings nothing new. */
export function knowEnvelope(held: HeldAccount, envelope: string): void {
  if (!held.envelopes.includes(envelope)) held.envelopes = [...held.envelopes, envelope].slice(-knownEnvelopes);
}

/** The envelope that the pool's lease carries as its secret. */
export function envelopeOf(lease: Lease): string {
  return plainSecret(lease.secret);
}

/** Whether the lease comes from tokens that are known here. */
export function isCurrent(held: HeldAccount, lease: Lease): boolean {
  return held.kept !== null && held.envelopes.includes(envelopeOf(lease));
}

/** Whether the access token can be sent. */
export function hasToken(held: HeldAccount, now: number, lifeMs: number = leastLifeMs): boolean {
  const tokens = held.kept?.tokens;
  return tokens !== undefined && isGood(held, tokens) && tokens.expiresAt - now > lifeMs;
}

/** Whether the project is known and still believed. */
export function hasProject(held: HeldAccount, now: number, cacheMs: number): boolean {
  const facts = held.kept?.facts;
  if (facts === undefined || facts.cloudProject === null || facts.projectFoundAt === null) return false;
  return facts.projectFoundAt + Math.max(cacheMs, leastProjectMs) > now;
}

/** The lease with what the account needs upstream. */
export function equip(held: HeldAccount, lease: Lease): Lease {
  const { tokens, facts } = held.kept as KeptAccount;
  return { ...lease, secret: held.secret, cloudProject: facts.cloudProject, tokenExpiresAt: tokens.expiresAt };
}

/** Facts with some changed. */
export function changeFacts(held: HeldAccount, change: Partial<AccountFacts>): AccountFacts {
  const kept = held.kept as KeptAccount;
  const facts = { ...kept.facts, ...change };
  held.kept = { ...kept, facts };
  return facts;
}

// --- helpers ---

function isGood(held: HeldAccount, tokens: AccountTokens): boolean {
  return tokens.accessToken !== "" && tokens.accessToken !== held.refused;
}
