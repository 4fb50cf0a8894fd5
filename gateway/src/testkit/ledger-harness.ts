/**
 * What tests of the ledger stand on: time with timers, a journal in memory that outlives its process, and a real store
 * that refuses when told.
 * @module
 */
import type { Clock } from "../core/ports.ts";
import type { RecorderOptions } from "../ledger/recorder.ts";
import type { Journal, JournalSegment } from "../ledger/types.ts";
import type { PricedCall, Store } from "../storage/types.ts";

/** Time that moves only when told. `stop` forgets all timers, as the end of a process does. */
export function simulateTime(): {
  clock: Clock;
  schedule: RecorderOptions["schedule"];
  pass: (ms: number) => Promise<void>;
  stop: () => void;
} {
  let now = 0;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    clock: { now: () => now, monotonic: () => now },
    schedule(callback, ms) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    stop: () => timers.clear(),
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        now = next.at;
        timers.delete(next);
        next.callback();
        // What a timer began is done before the next one is due: the store answers within the turn.
        await new Promise(setImmediate);
      }
      now = until;
    },
  };
}

/** A journal that outlives its process in memory. `refuse`: takes no line; `unreadable`: gives none back. */
export function createDisk(): { journal: () => Journal; segments: string[][]; refuse: boolean; unreadable: boolean } {
  const disk = {
    segments: [] as string[][],
    refuse: false,
    unreadable: false,
    journal(): Journal {
      const left = [...disk.segments];
      let current: string[] = [];
      disk.segments.push(current);
      const toSegment = (lines: string[]): JournalSegment => ({
        async read() {
          if (disk.unreadable) throw new Error("input/output error");
          return [...lines];
        },
        async release() {
          const index = disk.segments.indexOf(lines);
          if (index < 0) throw new Error("released twice");
          disk.segments.splice(index, 1);
        },
      });
      return {
        append: (line) => !disk.refuse && current.push(line) > 0,
        rotate(carry) {
          const old = current;
          disk.segments.push((current = [...carry]));
          return toSegment(old);
        },
        recover: async () => left.map(toSegment),
        flush: async () => undefined,
        close: async () => undefined,
      };
    },
  };
  return disk;
}

/** The store, with an `insert` that can be made to refuse: some times (`fail`), or certain call ids for ever (`poison`). */
export function createFailingStore(store: Store): {
  store: Store;
  /** So many inserts fail, after so many more that go well. */
  fail: (times: number, after?: number) => void;
  poison: Set<string>;
  /** Sizes of the batches that went in. */
  inserts: number[];
} {
  let failures = 0;
  let successesBefore = 0;
  const poison = new Set<string>();
  const inserts: number[] = [];
  const insert = async (calls: readonly PricedCall[]): Promise<void> => {
    if (failures > 0 && successesBefore-- <= 0) {
      failures -= 1;
      throw new Error("database or disk is full");
    }
    if (calls.some((call) => poison.has(call.record.id))) throw new Error("NOT NULL constraint failed");
    inserts.push(calls.length);
    await store.ledger.insert(calls);
  };
  const fail = (times: number, after = 0): void => {
    failures = times;
    successesBefore = after;
  };
  return { store: { ...store, ledger: { ...store.ledger, insert } }, fail, poison, inserts };
}

/** All calls of a store, oldest first. */
export async function readAllCalls(store: Store): Promise<PricedCall[]> {
  const calls: PricedCall[] = [];
  for (let page = await store.ledger.list({ after: "", limit: 1_000 }); page.length > 0;) {
    calls.push(...page);
    page = await store.ledger.list({ after: page.at(-1)?.record.id ?? "", limit: 1_000 });
  }
  return calls;
}
