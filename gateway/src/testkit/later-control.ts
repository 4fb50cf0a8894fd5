/**
 * A control that answers later, as one in another process does, and that counts its leases and reservations.
 * @module
 */
import type { Control, ControlReceiver } from "../call/control.ts";

/** What was lent, and what is still to be answered. */
export interface LaterControl {
  /** Leases and reservations that were given, less those that came back. */
  lent: number;
  reserved: number;
  /** Something came back twice, or without having been lent. */
  mistakes: string[];
  /** Answers that are under way. */
  pending: (() => void)[];
  /** Gives the oldest of them. @returns false: there is none */
  answer(): boolean;
}

/**
 * Puts itself before a control.
 * @param isLater false: answers come at once, and only what is lent is counted
 */
export function delayControl(control: Control, isLater: boolean): LaterControl {
  const { admit, plan, reserve, bind, report, settle } = { ...control };
  const leases = new Set<object>();
  const reservations = new Set<object>();
  const state: LaterControl = {
    lent: 0,
    reserved: 0,
    mistakes: [],
    pending: [],
    answer() {
      const next = state.pending.shift();
      next?.();
      return next !== undefined;
    },
  };
  const later = <Value>(value: Value, give: (value: Value) => void): Value | null => {
    if (!isLater) return value;
    state.pending.push(() => give(value));
    return null;
  };
  control.admit = (digest, receiver, now, address) =>
    later(admit(digest, receiver, now, address), (value) => value !== null && receiver.admitted(value));
  control.reserve = (client, estimate, receiver, now) => {
    const reserved = reserve(client, estimate, receiver, now);
    if (reserved?.ok === true) {
      reservations.add(reserved.reservation);
      state.reserved += 1;
    }
    return later(reserved, (value) => value !== null && receiver.reserved(value));
  };
  control.plan = (request, receiver, callId) => {
    const planned = plan(request, receiver, callId);
    if (planned?.ok === true) {
      leases.add(planned.lease);
      state.lent += 1;
    }
    return later(planned, (value) => value !== null && receiver.planned(value));
  };
  control.bind = (bindings, receiver: ControlReceiver, now) => {
    bind(bindings, receiver, now);
    if (!isLater) return true;
    state.pending.push(() => receiver.bound());
    return false;
  };
  control.report = (facts) => {
    if (!leases.delete(facts.lease)) state.mistakes.push(`lease ${facts.lease.credentialId} came back twice`);
    state.lent -= 1;
    report(facts);
  };
  control.settle = (record, reservation) => {
    if (reservation !== null) {
      if (!reservations.delete(reservation)) state.mistakes.push("a reservation came back twice");
      state.reserved -= 1;
    }
    settle(record, reservation);
  };
  return state;
}
