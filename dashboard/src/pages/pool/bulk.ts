/**
 * The same change to many credentials: in parts, so that progress is seen and it can be stopped between them.
 * @module
 */
import { chunks } from "./selection.ts";
import type { BulkAction, BulkResult } from "./types.ts";

/** An action as it is offered. */
export interface BulkOffer {
  action: BulkAction;
  label: string;
  /** What it does, said before it is done. */
  body: string;
  danger: boolean;
  /** Whether a project has to be named. */
  needsProject: boolean;
}

/** All actions, in the order of the bar. */
export const bulkOffers: readonly BulkOffer[] = [
  offer("enable", "Enable", "They may serve again, unless a cooldown or an automatic disable holds."),
  offer("disable", "Disable", "No new calls go to them until they are enabled again."),
  offer("reset", "Reset", "Their cooldowns and automatic disables end now."),
  offer(
    "check",
    "Check",
    "Google is asked about each: a key by its list of models, an account by its licence. This costs no tokens.",
  ),
  {
    ...offer("group", "Group", "They are treated as of one Google project: one quota, shared files."),
    needsProject: true,
  },
  offer("ungroup", "Ungroup", "Each is its own project again, until errors teach otherwise."),
  {
    ...offer("remove", "Remove", "Their sealed keys and tokens are deleted and cannot be brought back."),
    danger: true,
  },
];

/** How many an action is for: a check changes none, and the gateway tells only those that it cannot be done with. */
export function concerned(action: BulkAction, preview: Pick<BulkProgress, "total" | "changed" | "results">): number {
  return action === "check" ? preview.total - preview.results.length : preview.changed;
}

/** How far it is. */
export interface BulkProgress {
  done: number;
  total: number;
  changed: number;
  results: BulkResult["results"];
  /** It was stopped before its end. */
  stopped: boolean;
}

/**
 * Does it.
 * @param options `send` makes one request; `signal` stops before the next one; `onProgress` is told after each
 * @returns what came of it; rejects when a request fails, with what was done told to `onProgress` before
 */
export async function runBulk(options: {
  ids: readonly string[];
  action: BulkAction;
  dryRun: boolean;
  signal: AbortSignal;
  send: (ids: string[]) => Promise<BulkResult>;
  onProgress: (progress: BulkProgress) => void;
}): Promise<BulkProgress> {
  let progress: BulkProgress = { done: 0, total: options.ids.length, changed: 0, results: [], stopped: false };
  for (const ids of chunks(options.ids, chunkSize(options.action, options.dryRun))) {
    if (options.signal.aborted) return { ...progress, stopped: true };
    const result = await options.send(ids);
    progress = {
      ...progress,
      done: progress.done + ids.length,
      changed: progress.changed + result.changed,
      results: [...progress.results, ...result.results],
    };
    options.onProgress(progress);
  }
  return progress;
}

/**
 * Results by what they say, the most frequent first.
 * @param results of a run
 */
export function groupResults(
  results: BulkResult["results"],
): { status: string; ids: string[]; words: string | null }[] {
  const groups = new Map<string, { status: string; ids: string[]; words: string | null }>();
  for (const { id, status, words } of results) {
    const group = groups.get(status) ?? { status, ids: [], words };
    group.ids.push(id);
    groups.set(status, group);
  }
  return [...groups.values()].sort((left, right) => right.ids.length - left.ids.length);
}

// --- helpers ---

/** Credentials of one request. A check calls Google for each, so few go at once. */
function chunkSize(action: BulkAction, dryRun: boolean): number {
  return action === "check" && !dryRun ? 10 : 1000;
}

function offer(action: BulkAction, label: string, body: string): BulkOffer {
  return { action, label, body, danger: false, needsProject: false };
}
