/**
 * Limits and uses of the pool's projects, for people.
 * @module
 */
import type * as z from "zod";
import type { QuotaView } from "../../pool/types.ts";
import type { quotaSchema } from "../schemas/credentials.ts";
import type { AdminServices } from "../services.ts";

/** One limit with its use. */
export type QuotaRow = z.output<typeof quotaSchema>;

/** All of them, to be looked up by project. */
export interface QuotaBook {
  /** In the pool's order: by project and model. */
  all: readonly QuotaView[];
  ofProject(projectId: string): readonly QuotaRow[];
  /** Models that any project has a limit for. */
  models: ReadonlySet<string>;
}

/** JSON has no Infinity, and its null would say that there is room. */
export function toQuotaRow(quota: QuotaView): QuotaRow {
  if (quota.value === 0) return { ...quota, roomAtMs: null, state: "unavailable" };
  return { ...quota, state: quota.roomAtMs === null ? "room" : "full" };
}

/** `exhausted`: limits without room now; `unavailable`: limits of 0, which no waiting helps. */
export function toQuotaSummary(quotas: readonly QuotaView[]): {
  limits: number;
  exhausted: number;
  unavailable: number;
  soonestMs: number | null;
} {
  let [unavailable, exhausted, soonestMs] = [0, 0, Infinity];
  for (const { value, roomAtMs } of quotas) {
    if (value === 0) unavailable++;
    else if (roomAtMs !== null) {
      exhausted++;
      soonestMs = Math.min(soonestMs, roomAtMs);
    }
  }
  return { limits: quotas.length, exhausted, unavailable, soonestMs: Number.isFinite(soonestMs) ? soonestMs : null };
}

/**
 * Reads them. Kept for a second: a large pool has tens of thousands, and uses change slowly.
 */
export function readQuotas(services: AdminServices): QuotaBook {
  const at = services.clock.monotonic();
  const known = kept.get(services);
  if (known !== undefined && at - known.at < keptMs) return known.book;
  const book = makeBook(services);
  kept.set(services, { at, book });
  return book;
}

/** The next `readQuotas` reads anew: something was changed. */
export function forgetQuotas(services: AdminServices): void {
  kept.delete(services);
}

// --- helpers ---

const keptMs = 1_000;
const kept = new WeakMap<AdminServices, { at: number; book: QuotaBook }>();

function makeBook(services: AdminServices): QuotaBook {
  const all = services.pool.quotas(services.clock.now());
  // They come in the order of their projects: where one's begin is enough to find them again.
  const starts = new Map<string, number>();
  const models = new Set<string>();
  let last: string | null = null;
  for (const [index, { projectId, model }] of all.entries()) {
    models.add(model);
    if (projectId !== last) starts.set(projectId, index);
    last = projectId;
  }
  return {
    all,
    models,
    ofProject(projectId) {
      const rows: QuotaRow[] = [];
      for (let index = starts.get(projectId) ?? all.length; index < all.length; index++) {
        const quota = all[index];
        if (quota?.projectId !== projectId) break;
        rows.push(toQuotaRow(quota));
      }
      return rows;
    },
  };
}
