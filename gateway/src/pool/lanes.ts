/**
 * The lanes by model, bounded: names of models come from clients and are hostile input.
 * @module
 */
import { build, createLane } from "./lane.ts";
import type { Lane } from "./lane.ts";
import type { Roster } from "./roster.ts";

/** All lanes. */
export interface Lanes {
  /** The model's lane, built for the present roster. */
  of(model: string, sequence: number): Lane;
  all(): Iterable<Lane>;
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
  const lanes = new Map<string, Lane>();

  /** Lets go of the lanes that were not used for longest; their models start a new turn when they come back. */
  function trim(): void {
    const most = Math.min(capacity, Math.max(leastLanes, Math.floor(cellLimit / Math.max(1, roster.byId.size))));
    while (lanes.size > most) {
      let oldest: Lane | null = null;
      for (const lane of lanes.values()) if (oldest === null || lane.touched < oldest.touched) oldest = lane;
      lanes.delete((oldest as Lane).model);
    }
  }

  return {
    of(model, sequence) {
      let lane = lanes.get(model);
      if (lane === undefined) lanes.set(model, (lane = createLane(model)));
      lane.touched = sequence;
      if (lane.built !== roster.structure()) {
        build(lane, roster);
        trim();
      }
      return lane;
    },
    all: () => lanes.values(),
    size: () => lanes.size,
  };
}
