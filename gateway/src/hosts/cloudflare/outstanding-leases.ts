/**
 * Which lease each call holds. A worker that dies never gives its lease back, and an answer that is lost on the way is
 * asked for again: without this the pool would count such calls as in flight for good.
 * @module
 */
import type { Lease } from "../../core/credential.ts";

/** Leases by call. In memory, as the pool's own counts are. */
export interface OutstandingLeases {
  /** The call holds this lease now, instead of one it may have held. */
  taken(callId: string, lease: Lease): void;
  /** The call holds none any more. Not known (the object was restarted): nothing happens. */
  givenBack(callId: string): void;
}

/** @param release gives a lease back to the pool */
export function createOutstandingLeases(release: (lease: Lease) => void): OutstandingLeases {
  const held = new Map<string, Lease>();
  function givenBack(callId: string): void {
    const lease = held.get(callId);
    if (lease === undefined) return;
    held.delete(callId);
    release(lease);
  }
  return {
    taken(callId, lease) {
      givenBack(callId);
      held.set(callId, lease);
    },
    givenBack,
  };
}
