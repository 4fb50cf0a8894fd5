/**
 * Refusals of one model and limit within one window: a Pacific day, or the seconds in which a call is tried with one key
 * after the other.
 * @module
 */
import { nextPacificMidnight } from "../../core/pacific-day.ts";
import type { QuotaMetric, QuotaWindow } from "../types.ts";
import type { Pair } from "./pairs.ts";
import type { InferenceEvent } from "./types.ts";

export type Refused = Extract<InferenceEvent, { kind: "refused" }>;

/** One project's refusal. */
export interface Member {
  projectId: string;
  at: number;
  used: number;
  limit: number;
  /** Projects that were refused before, and since then this one was not served: it may be the same. */
  compatible: Set<string>;
}

/** Refusals that belong together. */
export interface Episode {
  readonly model: string;
  readonly metric: QuotaMetric;
  readonly window: QuotaWindow;
  readonly startedAt: number;
  /** Not part of it any more, epoch milliseconds. */
  readonly until: number;
  /** By project, the newest last. */
  members: Map<string, Member>;
  /** Pairs that got points here, and how many. */
  awards: Map<Pair, number>;
}

/** Open episodes, bounded. */
export interface Episodes {
  /** The episode that a refusal belongs to; a new one if need be. */
  open(event: Refused): Episode;
  /** Those of a model that were open at a time, as far as they are kept. */
  of(model: string, now: number): readonly Episode[];
  /** Adds a refusal; of too many the oldest goes. */
  add(episode: Episode, member: Member): void;
  /** One project has become part of another. */
  join(into: string, from: string): void;
  isEmpty(): boolean;
  size(): number;
}

/** How long a call may take from the first key to the last. */
const minuteEpisodeMs = 5_000;
const memberLimit = 64;
const none: readonly Episode[] = [];

/** Makes none. @param options.most models with open episodes; beyond it the oldest go */
export function createEpisodes(options: { most: number }): Episodes {
  const byModel = new Map<string, Episode[]>();

  return {
    open(event) {
      const { model, metric, window, now } = event;
      const kept = (byModel.get(model) ?? []).filter(({ until }) => now < until + afterMs);
      const isIn = ({ startedAt, until }: Episode): boolean => now >= startedAt && now < until;
      let episode = kept.find((one) => one.metric === metric && one.window === window && isIn(one));
      if (episode === undefined) {
        const until = window === "day" ? nextPacificMidnight(now) : now + minuteEpisodeMs;
        episode = { model, metric, window, startedAt: now, until, members: new Map(), awards: new Map() };
        kept.push(episode);
      }
      byModel.delete(model);
      byModel.set(model, keepFew(kept));
      for (const [name, list] of byModel) {
        if (byModel.size > options.most || list.every(({ until }) => now >= until + afterMs)) byModel.delete(name);
        else break;
      }
      return episode;
    },

    of: (model, now) => byModel.get(model)?.filter(({ startedAt, until }) => now >= startedAt && now < until) ?? none,

    add({ members }, member) {
      members.set(member.projectId, member);
      if (members.size > memberLimit) members.delete(members.keys().next().value as string);
    },

    join(into, from) {
      for (const { members } of [...byModel.values()].flat()) {
        const [left, right] = [members.get(into), members.get(from)];
        for (const { compatible } of members.values()) compatible.delete(from);
        if (right === undefined) continue;
        members.delete(from);
        if (left === undefined) members.set(into, { ...right, projectId: into });
        else left.used += right.used;
      }
    },

    isEmpty: () => byModel.size === 0,
    size: () => [...byModel.values()].flat().reduce((sum, { members }) => sum + members.size, 0),
  };
}

// --- helpers ---

/** For how long after its end an episode is kept: answers that began in it may take so long to be known. */
const afterMs = 600_000;
const minutesAModel = 16;

/** All days (there are no more than two of a metric), the newest minutes. */
function keepFew(episodes: readonly Episode[]): Episode[] {
  const days = episodes.filter(({ window }) => window === "day");
  return [...days, ...episodes.filter(({ window }) => window === "minute").slice(-minutesAModel)];
}
