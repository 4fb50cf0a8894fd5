/**
 * The quotas' cells: one for each model that a project was asked for, bounded, since names of models come from clients.
 * @module
 */
import type { QuotaLimits } from "../settings/types.ts";
import type { Project, QuotaCell } from "./member.ts";
import { createQuotaBucket } from "./quota/bucket.ts";
import { toBucketLimits } from "./quota/tier-limits.ts";
import type { QuotaBucket } from "./quota/types.ts";
import { removedRows } from "./quota-rows.ts";
import type { QuotaChange } from "./types.ts";

/** All cells. */
export interface QuotaCells {
  /** The project's cell of the model, made with the limits that are configured when it is not there. */
  of(project: Project, model: string, now: number): QuotaCell;
  /** Something of it is to be kept. */
  touch(cell: QuotaCell): void;
  /** Forgets a project's, also in the store. */
  drop(project: Project): void;
  /**
   * Looks whether the project's tier, and so its configured limits, has changed.
   * @returns models whose limits are others now
   */
  refresh(project: Project, now: number): string[];
  all(): Iterable<QuotaCell>;
  /** Those touched since the last time. */
  takeTouched(): QuotaCell[];
  /** A set of rows is to leave the store. */
  remove(bits: number, place: { projectId: string; model: string }): void;
  takeRemoved(): QuotaChange[];
}

/** Most models of one project. Names of models come from clients; Google serves some fifty. */
const modelLimit = 64;
/** The same when there are very many projects. */
const leastModels = 8;
/** Most cells of all projects, unless there are more than fit with the least number of models each. */
const cellLimit = 300_000;
/** Removals that were not fetched; beyond it the oldest are forgotten (the next restart drops them). */
const removalLimit = 20_000;
/** Members looked at for the tier of a project. */
const tierMembers = 64;

/**
 * None.
 * @param options `config`: configured limits, null: none; `projects`: how many there are
 */
export function createQuotaCells(options: { config: QuotaLimits | null; projects: () => number }): QuotaCells {
  const { config } = options;
  const cells = new Set<QuotaCell>();
  const touched = new Set<QuotaCell>();
  const tiers = new Map<Project, string | null>();
  let removals: QuotaChange[] = [];

  function of(project: Project, model: string, now: number): QuotaCell {
    const known = project.quotas?.get(model);
    if (known !== undefined) return known;
    const bucket = createQuotaBucket({ projectId: project.id, model });
    const cell: QuotaCell = { project, bucket, resting: false, believedMs: 0, takes: 0, isDirty: false, kept: 0 };
    configure(project, bucket, now);
    project.quotas ??= new Map();
    project.quotas.set(model, cell);
    cells.add(cell);
    if (project.quotas.size > leastModels) trim(project.quotas, cell);
    return cell;
  }

  function trim(quotas: ReadonlyMap<string, QuotaCell>, added: QuotaCell): void {
    const most = Math.max(leastModels, Math.min(modelLimit, Math.floor(cellLimit / options.projects())));
    while (quotas.size > most) forget(leastOf(quotas.values(), added));
  }

  function configure(project: Project, bucket: QuotaBucket, now: number): void {
    if (config === null) return;
    let tier = tiers.get(project);
    if (tier === undefined) tiers.set(project, (tier = tierOf(project)));
    for (const limit of toBucketLimits(config, tier, bucket.model)) bucket.learn(limit, now);
  }

  function forget(cell: QuotaCell): void {
    const { project } = cell;
    const { model } = cell.bucket;
    project.quotas?.delete(model);
    if (project.quotas?.size === 0) project.quotas = null;
    cells.delete(cell);
    touched.delete(cell);
    remove(cell.kept, { projectId: project.id, model });
  }

  function remove(bits: number, place: { projectId: string; model: string }): void {
    if (bits === 0) return;
    removals.push(...removedRows(bits, place));
    if (removals.length > removalLimit) removals = removals.slice(-removalLimit / 2);
  }

  function touch(cell: QuotaCell): void {
    if (cell.isDirty) return;
    cell.isDirty = true;
    touched.add(cell);
  }

  function drop(project: Project): void {
    for (const cell of project.quotas?.values() ?? []) forget(cell);
    tiers.delete(project);
  }

  return {
    of,
    touch,
    drop,
    refresh(project, now) {
      if (config === null || project.quotas === null || tiers.get(project) === tierOf(project)) return [];
      tiers.delete(project);
      for (const [model, cell] of project.quotas) {
        // What was configured for the other tier must not stay: Google's limits and the uses go into a new bucket.
        const bucket = createQuotaBucket({ projectId: project.id, model });
        configure(project, bucket, now);
        const learned = cell.bucket.limits().filter(({ source }) => source === "google");
        bucket.restore({ limits: learned, usage: cell.bucket.usage(now) }, now);
        const next: QuotaCell = { ...cell, bucket };
        project.quotas.set(model, next);
        cells.delete(cell);
        cells.add(next);
        if (touched.delete(cell)) touched.add(next);
      }
      return [...project.quotas.keys()];
    },

    all: () => cells,

    takeTouched() {
      const taken = [...touched];
      for (const cell of taken) cell.isDirty = false;
      touched.clear();
      return taken;
    },

    remove,

    takeRemoved() {
      const taken = removals;
      removals = [];
      return taken;
    },
  };
}

// --- helpers ---

/** The one that is missed least: never `spared`; without a limit of Google's before others, then with the fewest requests. */
function leastOf(cells: Iterable<QuotaCell>, spared: QuotaCell): QuotaCell {
  let least: QuotaCell = spared;
  let leastWorth = Infinity;
  for (const cell of cells) {
    if (cell === spared) continue;
    const worth = cell.takes + (cell.bucket.limits().some(({ source }) => source === "google") ? 1e9 : 0);
    if (worth >= leastWorth) continue;
    least = cell;
    leastWorth = worth;
  }
  return least;
}

function tierOf(project: Project): string | null {
  let looked = 0;
  for (const { credential } of project.members) {
    if (credential.quotaTier != null && credential.quotaTier !== "") return credential.quotaTier;
    if (++looked === tierMembers) break;
  }
  return null;
}
