/**
 * Calls of a live tail: bounded, the newest first, each once. Pure.
 * @module
 */
import type { Call } from "../../api/types.ts";

/** How many calls a tail keeps. */
export const mostTailed = 500;

/** A tail as it is. */
export interface TailState {
  /** What is seen. */
  shown: readonly Call[];
  /** What came while the tail stood still, the newest first. */
  waiting: readonly Call[];
  paused: boolean;
  /** Calls that never came: the connection or this page was too slow. */
  missed: number;
  connection: "connecting" | "open" | "closed";
}

/** What happens to a tail. */
export type TailEvent =
  | { kind: "calls"; calls: readonly Call[] }
  | { kind: "gap"; missed: number }
  | { kind: "connection"; state: TailState["connection"] }
  | { kind: "pause"; paused: boolean }
  | { kind: "restart"; calls: readonly Call[] };

/** A tail that has not begun. */
export const emptyTail: TailState = { shown: [], waiting: [], paused: false, missed: 0, connection: "connecting" };

/** The tail after an event. */
export function nextTail(state: TailState, event: TailEvent): TailState {
  switch (event.kind) {
    case "calls":
      return state.paused
        ? { ...state, waiting: merged(event.calls, state.waiting) }
        : { ...state, shown: merged(event.calls, state.shown) };
    case "gap":
      return { ...state, missed: state.missed + event.missed };
    case "connection":
      return { ...state, connection: event.state };
    case "pause":
      return event.paused
        ? { ...state, paused: true }
        : { ...state, paused: false, shown: merged(state.waiting, state.shown), waiting: [] };
    case "restart":
      return { ...emptyTail, connection: state.connection, shown: merged(event.calls, []) };
  }
}

// --- helpers ---

/** Newer ones before older ones, each id once, no more than are kept. Ids sort by time. */
function merged(newer: readonly Call[], older: readonly Call[]): readonly Call[] {
  const known = new Set<string>();
  const all: Call[] = [];
  for (const call of [...newer, ...older]) {
    if (known.has(call.id)) continue;
    known.add(call.id);
    all.push(call);
  }
  return all.toSorted((left, right) => endOf(right) - endOf(left)).slice(0, mostTailed);
}

/** Calls are told when they end. */
function endOf({ startedAt, totalMicros }: Call): number {
  return startedAt + totalMicros / 1000;
}
