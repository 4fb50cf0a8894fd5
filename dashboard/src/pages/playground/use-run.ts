/**
 * Running a request of the playground from a page: at most one at a time, drawn once a frame, ended when the page is left.
 * @module
 */
import { useEffect, useRef, useState } from "react";
import { call } from "../../api/client.ts";
import { ApiError, asApiError } from "../../api/error.ts";
import type { Call } from "../../api/types.ts";
import type { PlaygroundDialect, PlaygroundRequest } from "./request.ts";
import { newRun, type Run, runRequest } from "./run.ts";

/** What the gateway says that it did. */
export type CallOutcome =
  | { state: "none" }
  | { state: "waiting" }
  | { state: "found"; call: Call }
  | { state: "failed"; error: ApiError };

/** A run and how to begin and end it. */
export interface Runner {
  /** Null: nothing was sent yet. */
  run: Run | null;
  outcome: CallOutcome;
  busy: boolean;
  /** Gets the key first; that may fail, as told by `run.failure`. */
  start(options: {
    request: PlaygroundRequest;
    dialect: PlaygroundDialect;
    key: () => Promise<string>;
    onRefused: () => void;
  }): void;
  abort(): void;
}

/** Rows of calls are written in batches: the row comes a moment after the answer. */
const lookUpDelaysMs = [150, 250, 400, 700, 1200, 2000, 3000];

/** Runs requests. */
export function useRun(): Runner {
  const [run, setRun] = useState<Run | null>(null);
  const [outcome, setOutcome] = useState<CallOutcome>({ state: "none" });
  const [busy, setBusy] = useState(false);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  const start: Runner["start"] = ({ request, dialect, key, onRefused }) => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    const isCurrent = (): boolean => current.current === controller;
    const draw = onceAFrame((next: Run) => {
      if (isCurrent()) setRun(next);
    });
    const work = async (): Promise<void> => {
      setBusy(true);
      setOutcome({ state: "none" });
      setRun(newRun());
      let secret: string;
      try {
        secret = await key();
      } catch (thrown) {
        const { message, next } = asApiError(thrown);
        const failure = `No key: ${message}${next === null ? "" : ` ${next}`}`;
        if (isCurrent()) setRun({ ...newRun(), state: "failed", failure });
        return;
      }
      if (!isCurrent()) return;
      const finished = await runRequest({
        request,
        dialect,
        key: secret,
        signal: controller.signal,
        // A bound call: browsers refuse `fetch` as a method of something else.
        fetch: (input, init) => fetch(input, init),
        now: () => performance.now(),
        onProgress: draw,
      });
      if (!isCurrent()) return;
      setRun(finished);
      setBusy(false);
      // A key that the gateway does not know any more (it restarted) is made again next time.
      if (finished.status === 401 || finished.status === 403) onRefused();
      if (finished.requestId === null) return;
      setOutcome({ state: "waiting" });
      const found = await lookUp(finished.requestId, isCurrent);
      if (isCurrent()) setOutcome(found);
    };
    void work().finally(() => {
      if (isCurrent()) setBusy(false);
    });
  };
  return { run, outcome, busy, start, abort: () => current.current?.abort() };
}

// --- helpers ---

async function lookUp(id: string, isCurrent: () => boolean): Promise<CallOutcome> {
  for (const delay of lookUpDelaysMs) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (!isCurrent()) break;
    try {
      return { state: "found", call: await call("getCall", { params: { id } }) };
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.status !== 404) return { state: "failed", error };
    }
  }
  const message = "The call is not in the ledger yet.";
  return {
    state: "failed",
    error: new ApiError({
      status: 404,
      code: "not_found",
      message,
      next: "Is LEDGER on? Else look in Calls in a moment.",
    }),
  };
}

/** Keeps only the newest value of a frame: a fast stream would draw hundreds of times a second. */
function onceAFrame<Value>(draw: (value: Value) => void): (value: Value) => void {
  let waiting = false;
  let newest: Value;
  return (value) => {
    newest = value;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw(newest);
    });
  };
}
