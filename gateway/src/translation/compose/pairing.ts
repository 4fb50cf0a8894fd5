/**
 * Which result belongs to which call. A history may be of any size and shape: all of this is linear in it.
 * @module
 */
import type { CallPart, ResultPart } from "./content.ts";

/** A call and what it gave. */
export interface PairedCall {
  kind: "paired";
  part: CallPart;
  /** For Google; unique among the calls of the step. Empty: the client gave none. */
  id: string;
  /** Null: there is none, the user interrupted. */
  result: ResultPart | null;
}

/** A result at its place in the history. */
export interface PlacedResult {
  kind: "placed";
  part: ResultPart;
  /** Some call has it, and it is written there. */
  isPaired: boolean;
  /** Of the tool, as the client names it; null: not known. */
  name: string | null;
}

/** Takes the calls and results of a history in order. */
export interface Pairing {
  /** A step of the model begins; the results since the last one are given to their calls. */
  beginStep(): void;
  call(part: CallPart, shortId: string): PairedCall;
  result(part: ResultPart, shortId: string): PlacedResult;
  /** Gives the last results to their calls. */
  end(): void;
}

/**
 * Makes a pairing. A result goes to a call of the step before with its id, the first that has none yet; else to the last
 * such call of an older step (some clients send results late); else, when its id is nobody's, by the tool's name.
 * @param options.hasFunctions false: no result gets a call
 */
export function createPairing({ hasFunctions }: { hasFunctions: boolean }): Pairing {
  /** Names by id, of all calls so far. */
  const names = new Map<string, string>();
  /** Calls of older steps that have no result. */
  const late = new Map<string, PairedCall[]>();
  let recent: Open<PairedCall>[] = [];
  let waiting: Open<PlacedResult>[] = [];
  let takenIds = new Map<string, number>();

  const settle = (): void => {
    if (hasFunctions && waiting.length > 0) {
      const byId = queuesOf(recent, ({ shortId }) => shortId);
      const unknown = waiting.filter(({ item, shortId }) => {
        const call = takeFirst(byId.get(shortId)) ?? late.get(shortId)?.pop();
        if (call !== undefined) give(item, call);
        return call === undefined && !names.has(shortId);
      });
      if (unknown.length > 0) settleByName(unknown, recent);
    }
    for (const { item, shortId } of recent) {
      if (item.result !== null) continue;
      const same = late.get(shortId);
      if (same === undefined) late.set(shortId, [item]);
      else same.push(item);
    }
    for (const { item, shortId } of waiting) item.name = names.get(shortId) ?? item.name;
    recent = [];
    waiting = [];
  };

  return {
    beginStep() {
      settle();
      takenIds = new Map();
    },
    call(part, shortId) {
      const item: PairedCall = { kind: "paired", part, id: uniqueId(shortId, takenIds), result: null };
      names.set(shortId, part.name);
      recent.push({ item, shortId });
      return item;
    },
    result(part, shortId) {
      const item: PlacedResult = { kind: "placed", part, isPaired: false, name: part.name };
      waiting.push({ item, shortId });
      return item;
    },
    end: settle,
  };
}

// --- helpers ---

interface Open<Item> {
  item: Item;
  /** As the client sent it, without what was put into it. */
  shortId: string;
}

/** Calls in order; those before `next` are taken. */
interface Queue {
  calls: PairedCall[];
  next: number;
}

function settleByName(results: readonly Open<PlacedResult>[], recent: readonly Open<PairedCall>[]): void {
  const open = recent.filter(({ item }) => item.result === null);
  const byName = queuesOf(open, ({ item }) => item.part.name);
  for (const { item } of results) {
    const call = item.part.name === null ? undefined : takeFirst(byName.get(item.part.name));
    if (call !== undefined) give(item, call);
  }
}

function queuesOf(
  calls: readonly Open<PairedCall>[],
  keyOf: (call: Open<PairedCall>) => string,
): ReadonlyMap<string, Queue> {
  const queues = new Map<string, Queue>();
  for (const call of calls) {
    const key = keyOf(call);
    const queue = queues.get(key);
    if (queue === undefined) queues.set(key, { calls: [call.item], next: 0 });
    else queue.calls.push(call.item);
  }
  return queues;
}

function takeFirst(queue: Queue | undefined): PairedCall | undefined {
  return queue?.calls[queue.next++];
}

function give(result: PlacedResult, call: PairedCall): void {
  result.isPaired = true;
  call.result = result.part;
}

/** @param taken ids of the step so far, with the next number to try for each */
function uniqueId(id: string, taken: Map<string, number>): string {
  if (id === "") return "";
  let unique = id;
  let count = taken.get(id) ?? 1;
  while (taken.has(unique)) unique = `${id}_${++count}`;
  if (unique !== id) taken.set(id, count);
  taken.set(unique, 1);
  return unique;
}
