/**
 * Calls as they end, as server-sent events. Each listener has a queue of its own with an end to it: one that reads too
 * slowly loses calls, is told how many, and holds nobody up.
 *
 * Events: `call` (id: the call's, data: the call) and `gap` (data: `{missed}`; null: more than can be told after a
 * reconnection). A comment every 15 s keeps connections alive through proxies.
 * @module
 */
import type { CallRecord } from "../../core/records.ts";
import type { SearchFilter } from "../../storage/types-analytics.ts";
import type { PricedCall } from "../../storage/types.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminState } from "../admin-state.ts";
import type { Actor } from "../auth/actor.ts";
import { isStillIn } from "../auth/authenticate.ts";
import type { AdminServices } from "../services.ts";
import { toCallView } from "../views/call-view.ts";
import { fitsFilter } from "../views/call-match.ts";
import { flushed } from "./flushed.ts";

/** Calls that wait for one listener. */
export const tailQueueLength = 256;
/** Calls that are told again after a reconnection. */
export const mostReplayed = 500;

/**
 * Begins a tail.
 * @param options `lastEventId`: what the listener saw last before it lost its connection, as it says; `signal`: aborts
 *   when the listener leaves; `actor`: who listens, for as long as the log-in or token holds
 * @throws AdminError `unavailable` when there are too many listeners
 */
export function openTail(options: {
  services: AdminServices;
  filter: SearchFilter;
  lastEventId: string | null;
  signal: AbortSignal;
  actor: Actor;
  state: AdminState;
}): Response {
  const { services, filter, lastEventId, signal, actor, state } = options;
  const { hub } = services;
  const leave = state.tails.take(actor);
  if (leave === null)
    throw new AdminError("unavailable", {
      message: "There are too many listeners already.",
      next: "Close other windows that show live calls, or read GET /calls?after=….",
      retryAfterSeconds: 10,
    });

  const queue: (PricedCall | Gap)[] = [];
  const replayed = new Set<string>();
  const openedAt = services.clock.monotonic();
  let resumeFrom = lastEventId !== null && callId.test(lastEventId) ? lastEventId : null;
  let isNew = true;
  let pingDue = false;
  let ended = false;
  let wake: () => void = () => undefined;

  const stopListening = hub.listen((record) => {
    const call = pricedOf(record, services);
    if (ended || !fitsFilter(filter, call)) return;
    enqueue(queue, call);
    wake();
  });
  const stopTimer = services.every(pingEveryMs, () => {
    // Connections are not for ever: browsers connect again by themselves.
    if (services.draining() || services.clock.monotonic() - openedAt >= longestMs) end();
    // Whoever was logged out meanwhile, or switched off, sees no more calls.
    else void isStillIn(state, actor).then((isIn) => (isIn ? undefined : end()));
    pingDue = true;
    wake();
  });
  function end(): void {
    if (ended) return;
    ended = true;
    stopListening();
    stopTimer();
    signal.removeEventListener("abort", end);
    queue.length = 0;
    leave?.();
    wake();
  }
  signal.addEventListener("abort", end);
  if (signal.aborted) end();

  const next = async (): Promise<string | null> => {
    if (isNew) {
      isNew = false;
      // Something at once, so that the listener knows that it is connected.
      return `retry: ${retryMs}\n: connected\n\n`;
    }
    if (resumeFrom !== null) {
      const from = resumeFrom;
      resumeFrom = null;
      const text = await replay(services, { filter, from, replayed });
      if (text !== "") return text;
    }
    for (;;) {
      if (ended) return null;
      if (queue.length > 0)
        return queue
          .splice(0, eventsAtOnce)
          .map((one) => toEvent(one, replayed))
          .join("");
      if (pingDue) {
        pingDue = false;
        return ": ping\n\n";
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          let text = "";
          // Calls that were told already leave nothing to tell.
          while (text === "") {
            const one = await next();
            if (one === null) return controller.close();
            text = one;
          }
          if (!ended) controller.enqueue(services.bytes.encode(text));
          else controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // nginx would gather events otherwise.
      "x-accel-buffering": "no",
    },
  });
}

// --- helpers ---

const pingEveryMs = 15_000;
const longestMs = 15 * 60_000;
const retryMs = 3_000;
const eventsAtOnce = 32;
const callId = /^[0-9a-z]{9,40}$/;

/** Calls were left out here. */
interface Gap {
  missed: number | null;
}

/** All listeners are told of the same record: it is priced once. */
const priced = new WeakMap<CallRecord, PricedCall>();

function pricedOf(record: CallRecord, services: AdminServices): PricedCall {
  const known = priced.get(record);
  if (known !== undefined) return known;
  const call = services.prices.price(record);
  priced.set(record, call);
  return call;
}

/** Adds a call, or counts it among the missed ones at the place where it would have stood. */
function enqueue(queue: (PricedCall | Gap)[], call: PricedCall): void {
  if (queue.length < tailQueueLength) {
    queue.push(call);
    return;
  }
  const last = queue.at(-1);
  if (last !== undefined && "missed" in last) last.missed = (last.missed ?? 0) + 1;
  else queue.push({ missed: 1 });
}

/** Calls that ended while the listener was away. */
async function replay(
  services: AdminServices,
  options: { filter: SearchFilter; from: string; replayed: Set<string> },
): Promise<string> {
  const { replayed } = options;
  const ended = services.hub.endedSince(options.from);
  await flushed(services);
  const { calls, more } = await (ended === null ? begunLater(services, options) : those(ended, services, options));
  let text = "";
  for (const call of calls) {
    text += toEvent(call, replayed);
    replayed.add(call.record.id);
  }
  return more ? text + toEvent({ missed: null }, replayed) : text;
}

interface Missed {
  calls: readonly PricedCall[];
  /** There are others, which are not told. */
  more: boolean;
}

/** In the order in which they ended. */
async function those(
  ended: readonly string[],
  services: AdminServices,
  { filter }: { filter: SearchFilter },
): Promise<Missed> {
  const calls: PricedCall[] = [];
  let more = false;
  for (const id of ended) {
    const call = await services.analytics.get(id);
    // Not written yet: the store is behind.
    if (call === null) more = true;
    else if (fitsFilter(filter, call)) calls.push(call);
    if (calls.length > mostReplayed) return { calls: calls.slice(0, mostReplayed), more: true };
  }
  return { calls, more };
}

/** What the listener saw last is not known here any more: those that began after it, the oldest first. */
async function begunLater(
  { analytics }: AdminServices,
  { filter, from }: { filter: SearchFilter; from: string },
): Promise<Missed> {
  const { calls, next } = await analytics.search(filter, { limit: mostReplayed, cursor: null, after: from });
  return { calls, more: next !== null };
}

function toEvent(one: PricedCall | Gap, told: ReadonlySet<string>): string {
  if ("missed" in one) return `event: gap\ndata: ${JSON.stringify({ missed: one.missed })}\n\n`;
  if (told.has(one.record.id)) return "";
  return `id: ${one.record.id}\nevent: call\ndata: ${JSON.stringify(toCallView(one))}\n\n`;
}
