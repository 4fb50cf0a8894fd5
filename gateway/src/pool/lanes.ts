/**
 * The lanes by model, bounded: names of models come from clients and are hostile input.
 * @module
 */
import { build, createLane } from "./lane.ts";
import type { Lane } from "./lane.ts";
import type { Roster } from "./roster.ts";

/** All lanes. */
export interface Lanes {
  /**
   * The model's lane, built for the present roster. Calls that take from quotas and calls that do not (token counts, lists)
   * have lanes, and so turns, of their own: whoever is out of quota still serves the latter.
   */
  of(model: string, priced: boolean, sequence: number): Lane;
  /** The same if it is there. */
  find(model: string, priced: boolean): Lane | null;
  all(): Iterable<Lane>;
  /** Remembers the refusal of all models that no project may ever serve. */
  readonly barred: Lane;
  size(): number;
}

/** A lane costs some 50 bytes a credential and order in use, so all together stay at about 50 MB. */
const cellLimit = 1_000_000;
/** Kept however many credentials there are. */
const leastLanes = 16;

/**
 * No lanes.
 * @param capacity most models that are tracked; fewer when there are very many credentials
 */
export function createLanes(capacity: number, roster: Roster): Lanes {
  const priced = new Map<string, Lane>();
  const free = new Map<string, Lane>();
  const everything: Lane[] = [];

  /** Lets go of the lanes that were not used for longest; their models start a new turn when they come back. */
  function trim(): void {
    const most = Math.min(capacity, Math.max(leastLanes, Math.floor(cellLimit / Math.max(1, roster.byId.size))));
    while (everything.length > most) {
      let oldest = 0;
      everything.forEach((lane, index) => {
        if (lane.touched < (everything[oldest] as Lane).touched) oldest = index;
      });
      const [lane] = everything.splice(oldest, 1);
      if (lane !== undefined) (lane.priced ? priced : free).delete(lane.model);
    }
  }

  return {
    of(model, isPriced, sequence) {
      const lanes = isPriced ? priced : free;
      let lane = lanes.get(model);
      if (lane === undefined) {
        lane = createLane(model, isPriced);
        lanes.set(model, lane);
        everything.push(lane);
      }
      lane.touched = sequence;
      if (lane.built !== roster.structure()) {
        build(lane, roster);
        trim();
      }
      return lane;
    },
    find: (model, isPriced) => (isPriced ? priced : free).get(model) ?? null,
    all: () => everything,
    barred: createLane("", true),
    size: () => everything.length,
  };
}
