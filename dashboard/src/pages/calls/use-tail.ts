/**
 * The live tail: seeded with the latest calls, then pushed.
 * @module
 */
import { useEffect, useReducer } from "react";
import { call, streamCalls } from "../../api/client.ts";
import type { Call, CallFilter } from "../../api/types.ts";
import { emptyTail, nextTail, type TailEvent, type TailState } from "./tail-buffer.ts";

/** How often what came in is drawn: a thousand calls a second must not draw a thousand times. */
const drawEveryMs = 250;

/**
 * Follows calls while `enabled`.
 * @param filter the same object while nothing changes
 */
export function useTail(filter: CallFilter, enabled: boolean): [TailState, (event: TailEvent) => void] {
  const [state, dispatch] = useReducer(nextTail, emptyTail);
  useEffect(() => {
    if (!enabled) return undefined;
    const controller = new AbortController();
    let arrived: Call[] = [];
    let missed = 0;
    const draw = setInterval(() => {
      if (missed > 0) dispatch({ kind: "gap", missed });
      if (arrived.length > 0) dispatch({ kind: "calls", calls: arrived.toReversed() });
      arrived = [];
      missed = 0;
    }, drawEveryMs);
    let close: () => void = () => undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      close = streamCalls(filter, {
        onCall: (next) => {
          arrived.push(next);
          // A page in the background draws seldom; what it cannot show anyway is not kept.
          if (arrived.length > 1000) missed += arrived.splice(0, 500).length;
        },
        onGap: (count) => {
          missed += count;
        },
        onState: (connection) => {
          dispatch({ kind: "connection", state: connection });
          // Refused: asking for the session finds out whether it is because nobody is logged in any more.
          if (connection === "closed") again = setTimeout(open, 5_000);
        },
      });
    };
    dispatch({ kind: "restart", calls: [] });
    open();
    // After the stream is open, so that nothing falls between the two.
    void call("listCalls", { query: { ...filter, limit: 50 }, signal: controller.signal }).then(
      ({ calls }) => dispatch({ kind: "calls", calls }),
      // A 401 leads to the log-in by itself; anything else shows as a tail that only has what is new.
      () => undefined,
    );
    return () => {
      controller.abort();
      clearInterval(draw);
      clearTimeout(again);
      close();
    };
  }, [filter, enabled]);
  return [state, dispatch];
}
