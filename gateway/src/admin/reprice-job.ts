/**
 * Computes the costs of a past range again. One job at a time; it goes on when the answer is out, and what became of it
 * can be asked until the process ends.
 * @module
 */
import type * as z from "zod";
import { createIdMaker } from "../core/ids.ts";
import type { repriceSchema } from "./schemas/operations.ts";
import type { AdminServices } from "./services.ts";

/** How far it is. */
export type RepriceView = NonNullable<z.output<typeof repriceSchema>["job"]>;

/** What is computed again. */
export interface RepriceRange {
  fromMs: number;
  toMs: number;
  /** Null: all. */
  model: string | null;
  dryRun: boolean;
  /** Calls in the range, about: for people who wait. */
  total: number;
}

/** The one job. */
export interface RepriceJob {
  /** @returns false when one is running */
  start(range: RepriceRange): boolean;
  /** The last one; null: none since the start of the process. */
  view(): RepriceView | null;
}

/** None has been asked for. */
export function createRepriceJob(services: Pick<AdminServices, "prices" | "clock" | "random" | "logger">): RepriceJob {
  const { prices, clock, random, logger } = services;
  const nextId = createIdMaker(random);
  let job: RepriceView | null = null;

  async function run(mine: RepriceView, range: RepriceRange): Promise<void> {
    try {
      const { fromMs, toMs, model, dryRun } = range;
      await prices.reprice({ fromMs, toMs, model, dryRun }, ({ looked, changed, differenceNanoUsd }) => {
        Object.assign(mine, { looked, changed, differenceUsd: differenceNanoUsd / 1e9 });
        // An estimate must not say 120 %.
        mine.total = Math.max(mine.total, looked);
      });
      mine.total = mine.looked;
      mine.state = "done";
    } catch (error) {
      const kind = error instanceof Error ? error.name : "unknown";
      logger.log("error", "admin.reprice-failed", { job: mine.id, class: kind });
      mine.state = "failed";
      mine.error = `${kind}. What was computed until then holds; the log has 'admin.reprice-failed'.`;
    }
  }

  return {
    start(range) {
      if (job?.state === "running") return false;
      const { fromMs, toMs, dryRun, total } = range;
      job = {
        id: `reprice_${nextId(clock.now())}`,
        dryRun,
        state: "running",
        fromMs,
        toMs,
        looked: 0,
        total,
        changed: 0,
        differenceUsd: 0,
        error: null,
      };
      void run(job, range);
      return true;
    },
    view: () => (job === null ? null : { ...job }),
  };
}
