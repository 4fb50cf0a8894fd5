/**
 * The quotas of all projects: one bucket for each model that a project was asked for, bounded, and what of them is to be
 * kept over a restart.
 * @module
 */
import type { QuotaReservation } from "../core/credential.ts";
import type { LearnedLimit } from "../core/verdict.ts";
import type { QuotaLimits } from "./quota-limits.ts";
import type { Project, QuotaCell } from "./member.ts";
import { fromLearned } from "./quota/learned.ts";
import type { QuotaCost } from "./quota/types.ts";
import { createQuotaBucket } from "./quota/bucket.ts";
import { createQuotaCells } from "./quota-cells.ts";
import { bitsOf, removedRows, rowsOf } from "./quota-rows.ts";
import type { QuotaChange, QuotaLimit, QuotaMetric, QuotaUsage, QuotaView, QuotaWindow } from "./types.ts";

/** A limit that a refusal named. */
export interface RefusedLimit {
  metric: QuotaMetric;
  window: QuotaWindow;
  value: number;
  /** Counted by us in this window when it was refused. */
  used: number;
}

/** A refusal so soon after the time that Google named says that the time was not the whole truth. */
const againMs = 60_000;

/** Counts and knows limits. */
export interface QuotaKeeper {
  /** The cell if anything was taken or learned; looking makes none. */
  find(project: Project, model: string): QuotaCell | null;
  /**
   * When a project has room for a cost.
   * @returns epoch milliseconds; 0: now; Infinity: never
   */
  roomAt(project: Project, model: string, parts: { cost: QuotaCost; now: number }): number;
  /** Whether any project may serve the model at all; false: configured limits of 0 keep all from it. O(tiers). */
  isOffered(model: string): boolean;
  /** Sets the quota tiers that credentials have. */
  setTiers(tiers: ReadonlySet<string | null>): void;
  /** Takes from the project's quota, whether there is room or not. */
  take(project: Project, model: string, parts: { cost: QuotaCost; now: number }): QuotaReservation;
  /**
   * What was taken becomes what was used.
   * @param parts `home`: the credential's project of today, in which the reservation's has gone up if it is no more
   */
  settle(
    reservation: QuotaReservation,
    actual: { tokens: number | null } | null,
    parts: { projects: ReadonlyMap<string, Project>; home: Project | null; now: number },
  ): void;
  /**
   * Learns limits, and after a refusal that the use is at least those. Google's own word for when a minute has room again
   * is believed first (`refusal.untilMs`, which the cooldown holds); when a call that was sent after it is refused too, the
   * whole minute counts as used up: others use the project, or the limit was not counted against until now.
   * @param parts `refusal`: the answer was one for quota; null: it was not
   * @returns the limits that the refusal named for the model, with what was counted until then
   */
  learn(
    project: Project,
    limits: readonly LearnedLimit[],
    parts: { model: string; refusal: { sentAt: number; untilMs: number } | null; now: number },
  ): RefusedLimit[];
  /** Requests of the day; 0: none are known. */
  usedToday(project: Project, model: string, now: number): number;
  /** Two projects turned out to be one. */
  absorb(from: Project, to: Project, now: number): void;
  /** The project is no more: forgets it, also in the store. */
  drop(project: Project): void;
  /** @returns whether the project's tier, and so its configured limits, has changed */
  refresh(project: Project, now: number): boolean;
  /** Other configured limits. The caller wakes whoever rests. */
  configure(limits: QuotaLimits, now: number): void;
  /** Nothing is known of the project that would be worth keeping while it has no credential. */
  isIdle(project: Project, now: number): boolean;
  restore(
    kept: { limits?: readonly QuotaLimit[]; usage?: readonly QuotaUsage[] },
    parts: { projectOf: (id: string) => Project | null; now: number },
  ): void;
  takeChanges(now: number): QuotaChange[];
  views(now: number): QuotaView[];
}

/**
 * Makes the keeper.
 * @param options `limits`: configured ones; `projects`: how many there are; `onRoom`: told when room may have come back before its time
 */
export function createQuotaKeeper(options: {
  limits: QuotaLimits;
  projects: () => number;
  onRoom: (project: Project, model: string, now: number) => void;
}): QuotaKeeper {
  const { limits: config, onRoom } = options;
  const cells = createQuotaCells({ config, projects: options.projects });

  return {
    find: (project, model) => project.quotas?.get(model) ?? null,

    roomAt(project, model, { cost, now }) {
      const cell = project.quotas?.get(model);
      if (cell !== undefined) return cell.bucket.roomAt(cost, now);
      return cells.isBarred(project, model) ? Infinity : 0;
    },

    isOffered: cells.isOffered,

    setTiers: cells.setTiers,

    take(project, model, { cost, now }) {
      const cell = cells.of(project, model, now);
      cell.takes += cost.requests;
      cells.touch(cell);
      return cell.bucket.take(cost, now);
    },

    settle(reservation, actual, { projects, home, now }) {
      const { key } = reservation;
      // Nearly always it is still the credential's project: saves a look into a large map.
      const isHome = home !== null && key.startsWith(home.id) && key[home.id.length] === "\n";
      const at = isHome ? home.id.length : key.indexOf("\n");
      const model = key.slice(at + 1);
      const taken = isHome ? home : projects.get(key.slice(0, at));
      const cell = taken?.quotas?.get(model) ?? home?.quotas?.get(model);
      if (cell === undefined) return;
      cell.bucket.settle(reservation, actual, now);
      cells.touch(cell);
      const gaveBack = actual === null || (actual.tokens !== null && actual.tokens < reservation.tokens);
      if (gaveBack) onRoom(cell.project, model, now);
    },

    learn(project, limits, { model, refusal, now }) {
      const named: RefusedLimit[] = [];
      let believedMs = 0;
      for (const learned of fromLearned(limits, now)) {
        // What Google counts under another name (an alias) is counted here under the name that was called.
        for (const name of new Set([model, learned.model ?? model])) {
          if (name === "") continue;
          const cell = cells.of(project, name, now);
          if (cell.bucket.learn(learned, now)) {
            cells.touch(cell);
            onRoom(project, name, now);
          }
          if (refusal === null || name !== model) continue;
          const { metric, window, value } = learned;
          const view = cell.bucket.view(now).find((one) => one.metric === metric && one.window === window);
          named.push({ metric, window, value, used: view?.used ?? 0 });
          const isAgain = refusal.sentAt >= cell.believedMs && refusal.sentAt < cell.believedMs + againMs;
          if (window === "day" || isAgain) cell.bucket.refused(learned, now);
          if (window === "minute") believedMs = Math.max(believedMs, refusal.untilMs);
          cells.touch(cell);
        }
      }
      const cell = project.quotas?.get(model);
      if (cell !== undefined && believedMs > cell.believedMs) cell.believedMs = believedMs;
      return named;
    },

    usedToday(project, model, now) {
      const rows = project.quotas?.get(model)?.bucket.usage(now) ?? [];
      return rows.find((row) => row.metric === "requests")?.used ?? 0;
    },

    absorb(from, to, now) {
      for (const cell of from.quotas?.values() ?? []) {
        const into = cells.of(to, cell.bucket.model, now);
        into.bucket.absorb(cell.bucket, now);
        into.takes += cell.takes;
        cells.touch(into);
      }
      cells.drop(from);
    },

    drop: (project) => cells.drop(project),

    refresh: cells.refresh,

    configure: cells.configure,

    isIdle(project, now) {
      for (const { bucket } of project.quotas?.values() ?? []) if (bucket.usage(now).length > 0) return false;
      return true;
    },

    restore(kept, { projectOf, now }) {
      const groups = new Map<string, { limits: QuotaLimit[]; usage: QuotaUsage[] }>();
      const groupOf = (row: QuotaLimit | QuotaUsage): { limits: QuotaLimit[]; usage: QuotaUsage[] } => {
        const key = `${row.projectId}\n${row.model}`;
        const group = groups.get(key) ?? { limits: [], usage: [] };
        groups.set(key, group);
        return group;
      };
      for (const limit of kept.limits ?? []) groupOf(limit).limits.push(limit);
      for (const usage of kept.usage ?? []) groupOf(usage).usage.push(usage);
      const places = [...groups.values()].map((group) => {
        const { projectId, model } = (group.limits[0] ?? group.usage[0]) as QuotaLimit | QuotaUsage;
        return { ...group, projectId, model, project: projectOf(projectId) };
      });
      // A project's own first: they set the count that those of others add to.
      const isMoved = ({ project, projectId }: (typeof places)[number]): number => (project?.id === projectId ? 0 : 1);
      for (const place of places.sort((left, right) => isMoved(left) - isMoved(right))) {
        const { limits, usage, projectId, model, project } = place;
        const bits = bitsOf([
          ...limits.map((value) => ({ kind: "quota-limit" as const, value })),
          ...usage.map((value) => ({ kind: "quota-usage" as const, value })),
        ]);
        if (project?.id !== projectId) cells.remove(bits, { projectId, model });
        if (project === null) continue;
        const cell = cells.of(project, model, now);
        if (project.id === projectId) cell.bucket.restore({ limits, usage }, now);
        else {
          // Several projects may have become one while nobody ran: uses add up, as when it is seen.
          const before = createQuotaBucket({ projectId, model });
          before.restore({ limits, usage }, now);
          cell.bucket.absorb(before, now);
        }
        for (const row of usage) cell.takes += row.metric === "requests" ? row.used : 0;
        // Handed out again, so that what is over leaves the store.
        if (project.id === projectId) cell.kept |= bits;
        cells.touch(cell);
        onRoom(project, model, now);
      }
    },

    takeChanges(now) {
      const changes = cells.takeRemoved();
      for (const cell of cells.takeTouched()) {
        const rows = rowsOf(cell.bucket, now);
        const bits = bitsOf(rows);
        changes.push(...removedRows(cell.kept & ~bits, cell.bucket), ...rows);
        cell.kept = bits;
      }
      return changes;
    },

    views(now) {
      const views: QuotaView[] = [];
      for (const { bucket } of cells.all()) views.push(...bucket.view(now));
      return views.sort((left, right) => compare(left.projectId, right.projectId) || compare(left.model, right.model));
    },
  };
}

// --- helpers ---

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
