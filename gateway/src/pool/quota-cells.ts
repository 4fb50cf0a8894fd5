/**
 * The quotas' cells: one for each model that a project was asked for, bounded, since names of models come from clients.
 * @module
 */
import type { QuotaLimits } from "./quota-limits.ts";
import type { Project, QuotaCell } from "./member.ts";
import { createQuotaBucket } from "./quota/bucket.ts";
import { toBucketLimits } from "./quota/tier-limits.ts";
import type { BucketLimit, QuotaBucket } from "./quota/types.ts";
import { removedRows } from "./quota-rows.ts";
import type { QuotaChange } from "./types.ts";

/** All cells. */
export interface QuotaCells {
  /** The project's cell of the model, made with the limits that are configured when it is not there. Looking makes none. */
  of(project: Project, model: string, now: number): QuotaCell;
  /** Whether a configured limit of 0 keeps the project from a model that it has no cell of. */
  isBarred(project: Project, model: string): boolean;
  /** Whether the model has any project that configured limits of 0 do not keep from it. O(tiers). */
  isOffered(model: string): boolean;
  /** Sets the tiers that credentials have. */
  setTiers(tiers: ReadonlySet<string | null>): void;
  /** Something of it is to be kept. */
  touch(cell: QuotaCell): void;
  /** Forgets a project's, also in the store. */
  drop(project: Project): void;
  /**
   * Looks whether the project's tier, and so its configured limits, has changed.
   * @returns whether they have
   */
  refresh(project: Project, now: number): boolean;
  /** Puts other configured limits in the place of those before. What Google named stays. */
  configure(config: QuotaLimits, now: number): void;
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
/** Models whose configured limits are remembered. */
const memoLimit = 256;
/** Members looked at for the tier of a project. */
const tierMembers = 64;

/**
 * None.
 * @param options `config`: configured limits; `projects`: how many there are
 */
export function createQuotaCells(options: { config: QuotaLimits; projects: () => number }): QuotaCells {
  /** Null: nothing needs to be looked up for each project and model. */
  let config = orNull(options.config);
  const cells = new Set<QuotaCell>();
  const touched = new Set<QuotaCell>();
  const tiers = new Map<Project, string | null>();
  /** Without a limit of 0 anywhere nobody is barred, and picks need not look. */
  let bars = config !== null && hasZero(config);
  /** Configured limits by model and tier. */
  const memo = new Map<string, Map<string | null, readonly BucketLimit[]>>();
  /** Cells by model. Counted only where somebody may be barred. */
  const counts = new Map<string, number>();
  let present: ReadonlySet<string | null> = new Set();
  let removals: QuotaChange[] = [];

  function of(project: Project, model: string, now: number): QuotaCell {
    const known = project.quotas?.get(model);
    if (known !== undefined) return known;
    const bucket = createQuotaBucket({ projectId: project.id, model });
    // Who was barred while there was no cell rests without a note of it.
    const resting = isBarred(project, model);
    const cell: QuotaCell = {
      project,
      bucket,
      resting,
      waking: null,
      believedMs: 0,
      takes: 0,
      isDirty: false,
      kept: 0,
    };
    learnConfigured(project, bucket, now);
    if (bars) counts.set(model, (counts.get(model) ?? 0) + 1);
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

  function learnConfigured(project: Project, bucket: QuotaBucket, now: number): void {
    for (const limit of limitsOf(tierFor(project), bucket.model)) bucket.learn(limit, now);
  }

  function tierFor(project: Project): string | null {
    if (config === null) return null;
    let tier = tiers.get(project);
    if (tier === undefined) tiers.set(project, (tier = tierOf(project)));
    return tier;
  }

  function limitsOf(tier: string | null, model: string): readonly BucketLimit[] {
    if (config === null) return [];
    let byTier = memo.get(model);
    if (byTier === undefined) {
      if (memo.size >= memoLimit) memo.delete(memo.keys().next().value as string);
      memo.set(model, (byTier = new Map()));
    }
    let limits = byTier.get(tier);
    if (limits === undefined) byTier.set(tier, (limits = toBucketLimits(config, tier, model)));
    return limits;
  }

  function isBarred(project: Project, model: string): boolean {
    return bars && limitsOf(tierFor(project), model).some(isZero);
  }

  function forget(cell: QuotaCell): void {
    const { project } = cell;
    const { model } = cell.bucket;
    project.quotas?.delete(model);
    if (project.quotas?.size === 0) project.quotas = null;
    cells.delete(cell);
    const left = (counts.get(model) ?? 0) - 1;
    if (left > 0) counts.set(model, left);
    else counts.delete(model);
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
    isBarred,
    isOffered(model) {
      if (!bars || counts.has(model) || present.size === 0) return true;
      for (const tier of present) if (!limitsOf(tier, model).some(isZero)) return true;
      return false;
    },
    setTiers(tiersNow) {
      // A tier that is no more leaves nothing behind.
      memo.clear();
      present = tiersNow;
    },
    touch,
    drop,
    refresh(project, now) {
      const known = tiers.get(project);
      if (config === null || known === undefined || known === tierOf(project)) return false;
      tiers.delete(project);
      for (const { bucket } of project.quotas?.values() ?? []) {
        bucket.forgetConfigured();
        learnConfigured(project, bucket, now);
      }
      return true;
    },

    configure(next, now) {
      config = orNull(next);
      bars = config !== null && hasZero(config);
      memo.clear();
      tiers.clear();
      counts.clear();
      for (const cell of cells) {
        const { project, bucket } = cell;
        bucket.forgetConfigured();
        learnConfigured(project, bucket, now);
        if (bars) counts.set(bucket.model, (counts.get(bucket.model) ?? 0) + 1);
        touch(cell);
      }
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

function orNull(config: QuotaLimits): QuotaLimits | null {
  return Object.keys(config).length === 0 ? null : config;
}

function isZero({ value }: BucketLimit): boolean {
  return value === 0;
}

function hasZero(config: QuotaLimits): boolean {
  const entries = Object.values(config).flatMap((models) => Object.values(models));
  return entries.some((entry) => Object.values(entry).includes(0));
}

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
