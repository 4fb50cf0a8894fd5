/**
 * Calls that wait to be sent as spans. They wait as records: spans are made when they are sent, off the calls' way.
 * @module
 */
import { spanCount, type PricedRecord } from "./spans.ts";

/** Bounded, first in first out. */
export interface SpanQueue {
  /** @returns false: full, the call is not in it */
  push(call: PricedRecord): boolean;
  /** The oldest calls that make `most` spans at most, and at least one call. */
  take(most: number): PricedRecord[];
  /** Spans that the calls in it will make. */
  spans(): number;
}

/** @param limit spans */
export function createSpanQueue(limit: number): SpanQueue {
  let calls: PricedRecord[] = [];
  let spans = 0;
  return {
    push(call) {
      const count = spanCount(call.record);
      if (spans + count > limit) return false;
      spans += count;
      calls.push(call);
      return true;
    },
    take(most) {
      let taken = 0;
      let count = 0;
      for (const { record } of calls) {
        if (taken > 0 && count + spanCount(record) > most) break;
        taken += 1;
        count += spanCount(record);
      }
      const batch = calls.slice(0, taken);
      calls = calls.slice(taken);
      spans -= count;
      return batch;
    },
    spans: () => spans,
  };
}
