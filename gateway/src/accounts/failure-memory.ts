/**
 * Failures of an account, remembered for as long as they keep it away: a crowd of calls asks once.
 * @module
 */
import type { Prepared } from "../core/accounts.ts";
import type { Lease } from "../core/credential.ts";
import type { Clock, Random } from "../core/ports.ts";
import { toPrepared, type AccountFailure } from "./failures.ts";
import { envelopeOf, type HeldAccount } from "./held-account.ts";

/** Faults of the account itself are remembered this long: the pool disables it meanwhile. */
const permanentMemoryMs = 5_000;
/** Rests after passing faults: the first, doubled to the last. */
const restMs = { first: 2_000, last: 60_000 };
/** No rest is longer: a time beyond it is of a clock that ran ahead. */
const longestRestMs = 5 * 60_000;

/** Remembers a failure for `forMs` milliseconds. */
export function rememberFailure(
  held: HeldAccount,
  failure: AccountFailure,
  until: { now: number; forMs: number },
): void {
  held.failure = { failure, untilMs: until.now + until.forMs, envelope: envelopeOf(held.lease) };
}

/** The failure with its effects. Whoever waited with others for the same work finds it remembered. */
export function failWith(
  held: HeldAccount,
  failure: AccountFailure,
  { clock, random }: { clock: Clock; random: Random },
): Prepared {
  const now = clock.now();
  if (held.failure === null) rememberFailure(held, failure, { now, forMs: restOf(held, failure, random) });
  const known = held.failure ?? { failure, untilMs: now };
  return toPrepared(known.failure, { now, restMs: Math.max(1, known.untilMs - now) });
}

/** A failure that still holds. Tokens that are new here end it. */
export function rememberedFailure(held: HeldAccount, lease: Lease, now: number): AccountFailure | null {
  const { failure } = held;
  if (failure === null) return null;
  const envelope = envelopeOf(lease);
  const isSame = envelope === failure.envelope || held.envelopes.includes(envelope);
  if (isSame && isAhead(failure.untilMs, now)) return failure.failure;
  held.failure = null;
  return null;
}

/** Whether a rest has not ended. */
export function isAhead(untilMs: number, now: number): boolean {
  return untilMs > now && untilMs - now <= longestRestMs;
}

/** What passes by itself, for failures of ours. */
export function passingPrepared(failure: AccountFailure, now: number): Prepared & { ok: false } {
  return toPrepared(failure, { now, restMs: restMs.first });
}

// --- helpers ---

function restOf(held: HeldAccount, failure: AccountFailure, random: Random): number {
  if (failure.kind !== "passing") return permanentMemoryMs;
  const rest = Math.min(restMs.last, restMs.first * 2 ** Math.min(held.stumbles++, 10));
  return Math.round(rest * (0.75 + random.next() / 4));
}
