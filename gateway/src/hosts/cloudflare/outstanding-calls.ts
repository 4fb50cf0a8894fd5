/**
 * What each call holds: its client's reservation and the leases of its attempts. A worker that dies gives nothing back,
 * and a question whose answer is lost on the way is asked again. So whatever is given back is taken out of here first:
 * only the first time counts, whoever comes first of the worker, its second try, and the alarm.
 * @module
 */
import type { Plan } from "../../call/control.ts";
import type { ClientReservation, Clients, Reserved } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { Pool } from "../../pool/types.ts";
import { createRecentNames } from "./recent-names.ts";

/** By call. In memory, as the counts of calls in flight and of places are: what an earlier process gave is not known. */
export interface OutstandingCalls {
  /**
   * Takes from the client's limits. Asked again: what was given the first time, since requests count for good.
   * @param reserve asks the limits
   */
  reserve(callId: string, reserve: () => Reserved): Reserved;
  /**
   * Plans an attempt. Asked again: what was lent for the same attempt is given back before the choice is made, as
   * nothing was sent with it. A lease of an attempt before it stays held until its report, which may be late.
   * @param attempt number of the plan within its call
   * @param plan makes the choice; null: it comes later, by `planned`
   */
  plan<Answer extends Plan | null>(
    callId: string,
    attempt: { number: number; now: number },
    plan: () => Answer,
  ): Answer;
  /** A choice that came later than its question. A lease for a call that has ended meanwhile is given back at once. */
  planned(callId: string, attempt: { number: number; now: number }, plan: Plan): void;
  /**
   * An attempt ended: its quota is settled and its lease given back.
   * @param attempt `used` as in a report
   * @returns false: it was told before, and must not count again. Not known (the object was restarted): true
   */
  report(callId: string, attempt: { number: number; used: { tokens: number | null } | null; now: number }): boolean;
  /**
   * The call ended.
   * @param told the reservation as the worker knows it; counts when the object was restarted meanwhile
   * @returns the reservation that is to be settled now; null: none, or it was settled before
   */
  end(callId: string, told: ClientReservation | null): ClientReservation | null;
  /**
   * The call's worker is gone. What its attempts took nobody knows: the estimates stay. Without an attempt nothing was used.
   * @param now epoch milliseconds
   */
  abandon(callId: string, now: number): void;
}

/**
 * None yet.
 * @param parts `limit`: calls that are known at once; the oldest beyond it is abandoned. @default 20,000
 */
export function createOutstandingCalls(parts: {
  pool: Pick<Pool, "settle" | "release">;
  clients: Pick<Clients, "settle">;
  limit?: number;
}): OutstandingCalls {
  const { pool, clients, limit = defaultLimit } = parts;
  const calls = new Map<string, OutstandingCall>();
  const ended = createRecentNames(limit);
  const reported = createRecentNames(limit);

  function callOf(callId: string, now: number): OutstandingCall {
    let call = calls.get(callId);
    if (call !== undefined) return call;
    call = { reserved: null, leases: new Map(), planned: false };
    calls.set(callId, call);
    if (calls.size > limit) for (const oldest of calls.keys()) return (abandon(oldest, now), call);
    return call;
  }

  function takeOut(callId: string): OutstandingCall | null {
    const call = calls.get(callId) ?? null;
    calls.delete(callId);
    ended.add(callId);
    // Google may have counted what they took: that stays.
    for (const lease of call?.leases.values() ?? []) pool.release(lease);
    return call;
  }

  function giveBack(callId: string, { number, now }: { number: number; now: number }): void {
    const lent = calls.get(callId)?.leases;
    const lost = lent?.get(number);
    if (lost === undefined) return;
    lent?.delete(number);
    returned(lost, now);
  }

  /** Nothing was sent with it. */
  function returned(lease: Lease, now: number): void {
    pool.settle(lease, null, now);
    pool.release(lease);
  }

  function lend(callId: string, { number, now }: { number: number; now: number }, lease: Lease): void {
    const call = callOf(callId, now);
    call.planned = true;
    call.leases.set(number, lease);
  }

  function abandon(callId: string, now: number): void {
    const call = takeOut(callId);
    if (call?.reserved == null) return;
    const used = call.planned ? null : 0;
    clients.settle(call.reserved.reservation, { tokens: used, costNanoUsd: used }, now);
  }

  return {
    reserve(callId, reserve) {
      const known = calls.get(callId)?.reserved ?? null;
      if (known !== null) return known;
      const reserved = reserve();
      if (reserved.ok) callOf(callId, reserved.reservation.at).reserved = reserved;
      return reserved;
    },
    plan(callId, attempt, plan) {
      giveBack(callId, attempt);
      const planned = plan();
      if (planned?.ok === true) lend(callId, attempt, planned.lease);
      return planned;
    },
    planned(callId, attempt, plan) {
      if (!plan.ok) return;
      if (ended.has(callId)) return returned(plan.lease, attempt.now);
      // Of the same question, asked twice, the later answer counts.
      giveBack(callId, attempt);
      lend(callId, attempt, plan.lease);
    },
    report(callId, { number, used, now }) {
      const name = `${callId} ${number}`;
      if (reported.has(name)) return false;
      reported.add(name);
      const lent = calls.get(callId)?.leases;
      const lease = lent?.get(number);
      if (lease === undefined) return true;
      lent?.delete(number);
      pool.settle(lease, used, now);
      pool.release(lease);
      return true;
    },
    end(callId, told) {
      const isRepeated = ended.has(callId);
      const reserved = takeOut(callId)?.reserved ?? null;
      // A reservation that came after its call's end is known here, and settled although the call has ended.
      return reserved?.reservation ?? (isRepeated ? null : told);
    },
    abandon,
  };
}

// --- helpers ---

const defaultLimit = 20_000;

interface OutstandingCall {
  reserved: Extract<Reserved, { ok: true }> | null;
  /** By the number of the attempt. */
  readonly leases: Map<number, Lease>;
  /** An attempt may have been made. */
  planned: boolean;
}
