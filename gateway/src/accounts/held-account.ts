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
import { isSameTokens, type AccountTokens } from "./tokens.ts";

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
  /** When, epoch milliseconds. */
  refusedAt: number;
  /** The token in use was granted after Google refused the one before. */
  isSuccessor: boolean;
  /** When the token in use was granted or taken over, epoch milliseconds. */
  grantedAt: number;
  /** The last failure, remembered for a while so that a crowd of calls asks once; null: none. */
  failure: { failure: AccountFailure; untilMs: number; envelope: string } | null;
  /** Passing failures in a row. */
  stumbles: number;
  /** No background work before; epoch milliseconds. */
  restUntilMs: number;
  lentAt: number;
  /** The tokens in use could not be written: those that the store has instead; null: they were. */
  unsaved: AccountTokens | null;
  /** What the project was looked up for: its id, null: whatever Google names; undefined: it was read. */
  foundFor: string | null | undefined;
  /** Work under way, shared by whoever wants it. */
  preparing: Promise<AccountResult<null>> | null;
  refreshing: Promise<AccountResult<null>> | null;
  saving: Promise<AccountResult<null>> | null;
  discovering: Promise<AccountResult<null>> | null;
}

/** Envelopes that are remembered: a reload may be as old as the second last writing. */
const knownEnvelopes = 8;
/** A token with less life than this may end on the way. */
const leastLifeMs = 10_000;
/** Projects are looked up at most this often, also when PROJECT_ID_CACHE_TTL_HOURS is 0. */
const leastProjectMs = 60_000;
/** Clocks of processes on one store may differ by less than this. */
const mostAheadMs = 3_600_000;

/** Settings that say what project an account has. */
export interface ProjectSettings {
  codeAssistProject: string | null;
  projectCacheMs: number;
}

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
    refusedAt: 0,
    isSuccessor: false,
    grantedAt: 0,
    failure: null,
    stumbles: 0,
    restUntilMs: 0,
    lentAt: 0,
    unsaved: null,
    foundFor: undefined,
    preparing: null,
    refreshing: null,
    saving: null,
    discovering: null,
  };
}

/** Takes what was read or granted. */
export function takeKept(held: HeldAccount, kept: KeptAccount, now: number): void {
  const before = held.kept?.tokens.accessToken;
  if (before !== kept.tokens.accessToken) {
    // One that another process had before may have been refused with it.
    const isNewer = (kept.facts.lastRefreshAt ?? 0) >= held.refusedAt;
    held.isSuccessor = before !== undefined && before !== "" && before === held.refused && isNewer;
    held.secret = toSecret(kept.tokens.accessToken);
    held.grantedAt = now;
  }
  held.kept = kept;
  knowEnvelope(held, kept.sealed);
}

/**
 * Takes what was read from the store. Tokens that could not be written stay in use when the store still has those before
 * them, however they are sealed now.
 */
export function takeRead(held: HeldAccount, kept: KeptAccount, now: number): void {
  const mine = held.kept;
  if (mine !== null && held.unsaved !== null && isSameTokens(held.unsaved, kept.tokens))
    return takeKept(held, { ...kept, tokens: mine.tokens }, now);
  held.unsaved = null;
  held.foundFor = undefined;
  takeKept(held, kept, now);
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
  if (tokens === undefined || !isGood(held, tokens)) return false;
  // Nobody can tell when it ends, and there is no other one: Google will say so.
  if (tokens.expiresAt === 0 && tokens.refreshToken === null) return true;
  return tokens.expiresAt - now > lifeMs;
}

/**
 * Whether the project is known and still believed.
 * @param settings `projectCacheMs`: how long; `codeAssistProject`: looked up anew when it is another one than then
 */
export function hasProject(held: HeldAccount, now: number, settings: ProjectSettings): boolean {
  const facts = held.kept?.facts;
  if (facts === undefined || facts.cloudProject === null || facts.projectFoundAt === null) return false;
  const wanted = wantedProject(facts, settings);
  const isOther =
    held.foundFor === undefined ? wanted !== null && wanted !== facts.cloudProject : wanted !== held.foundFor;
  const ageMs = now - facts.projectFoundAt;
  // Found in the future: the clock was ahead.
  return !isOther && ageMs < Math.max(settings.projectCacheMs, leastProjectMs) && ageMs > -mostAheadMs;
}

/** The project that was chosen for the account, or for all of them. */
export function wantedProject(facts: AccountFacts, settings: ProjectSettings): string | null {
  return facts.wantedProject ?? settings.codeAssistProject;
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
