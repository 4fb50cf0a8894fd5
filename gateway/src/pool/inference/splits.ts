/**
 * Doubts about joined projects: whoever is served when the common quota is used up has a quota of its own.
 * @module
 */
import { nextPacificMidnight } from "../../core/pacific-day.ts";
import type { Refused } from "./episodes.ts";
import { createRecent } from "./recent.ts";
import type { InferenceEvent, InferenceFinding } from "./types.ts";

/** Watches joined projects. */
export interface Splits {
  /** A conclusion has made this project. */
  watch(projectId: string): void;
  isEmpty(): boolean;
  refused(event: Refused): void;
  served(event: Extract<InferenceEvent, { kind: "served" }>): InferenceFinding | null;
  /** Split off not long ago: its refusals prove nothing. */
  isBurned(credentialId: string, now: number): boolean;
  size(): number;
}

/** Served this often in spite of it. */
const neededDoubts = 2;
/** Calls closer than this are one occasion. */
const spacingMs = 60_000;
/** Answers cross refusals on their way. */
const marginMs = 2_000;
const burnedMs = 7 * 86_400_000;

/** Makes it. @param options.most joined projects watched; beyond it the oldest are trusted */
export function createSplits(options: { most: number }): Splits {
  const joined = new Set<string>();
  /** By project and model: the day's refusal. */
  const exhausted = createRecent<{ at: number; until: number; credentialId: string }>(4 * options.most);
  const doubts = createRecent<{ count: number; at: number }>(4 * options.most);
  const burned = createRecent<number>(4 * options.most);

  return {
    watch(projectId) {
      joined.delete(projectId);
      joined.add(projectId);
      if (joined.size > options.most) joined.delete(joined.values().next().value as string);
    },

    isEmpty: () => joined.size === 0,

    refused({ projectId, model, window, credentialId, now }) {
      if (window !== "day" || !joined.has(projectId)) return;
      const key = `${projectId}\n${model}`;
      if (now < (exhausted.get(key)?.until ?? 0)) return;
      exhausted.set(key, { at: now, until: nextPacificMidnight(now), credentialId }, now);
    },

    served({ projectId, model, credentialId, now }) {
      if (!joined.has(projectId)) return null;
      const end = exhausted.get(`${projectId}\n${model}`);
      if (end === undefined || end.credentialId === credentialId) return null;
      if (now < end.at + marginMs || now >= end.until) return null;
      const doubt = doubts.get(credentialId) ?? { count: 0, at: -Infinity };
      if (now - doubt.at < spacingMs) return null;
      if (doubt.count + 1 < neededDoubts) {
        doubts.set(credentialId, { count: doubt.count + 1, at: now }, now);
        return null;
      }
      doubts.delete(credentialId);
      burned.set(credentialId, now, now);
      const evidence = `served ${neededDoubts} times although the project's day of ${model} was used up`;
      return { kind: "split", split: credentialId, evidence };
    },

    isBurned(credentialId, now) {
      const at = burned.get(credentialId);
      return at !== undefined && now - at < burnedMs;
    },

    size: () => joined.size + exhausted.size() + doubts.size() + burned.size(),
  };
}
