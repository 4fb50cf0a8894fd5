/**
 * From the limits in a refusal to what a bucket can learn. The upstream's words are not trusted blindly: a base URL may
 * lead anywhere.
 * @module
 */
import type { LearnedLimit } from "../../core/verdict.ts";
import type { BucketLimit } from "./types.ts";

/** A limit that Google told. */
export interface LearnedBucketLimit extends BucketLimit {
  /** Without `models/`; null: not told, the call's. */
  model: string | null;
  source: "google";
}

/**
 * Keeps what a bucket can use. Dropped: other kinds and windows, batch quotas (they count something else than calls), limits
 * of a whole project or region (they would pass for the model's), values that are no count of this world. Of several for
 * the same thing the lowest counts. At most 16 are looked at.
 * @param now epoch milliseconds, becomes `learnedAt`
 */
export function fromLearned(limits: readonly LearnedLimit[], now: number): LearnedBucketLimit[] {
  const lowest = new Map<string, LearnedBucketLimit>();
  for (const limit of limits.slice(0, 16)) {
    const { kind: metric, window, value, quotaId } = limit;
    if (metric === "other" || window === "other" || /batch/i.test(quotaId)) continue;
    if (!Number.isSafeInteger(value) || value < 0 || value > most[metric][window]) continue;
    const model = toModel(limit.model);
    if (model === undefined || (model === null && !/PerModel/i.test(quotaId))) continue;
    const key = `${metric} ${window} ${model ?? ""}`;
    const known = lowest.get(key);
    if (known === undefined || value < known.value)
      lowest.set(key, { model, metric, window, value, source: "google", learnedAt: now });
  }
  return [...lowest.values()];
}

// --- helpers ---

/** Thousands of times the highest tier's (fact sheet upstream 5.1). Higher ones need no bucket. */
const most = {
  requests: { minute: 100_000_000, day: 4_000_000_000 },
  tokens: { minute: 4_000_000_000, day: 4_000_000_000_000 },
} as const;

/** @returns undefined for what cannot be a model's name */
function toModel(model: string | null): string | null | undefined {
  if (model === null) return null;
  const name = model.replace(/^models\//, "");
  return /^[\w./:@-]{1,200}$/.test(name) ? name : undefined;
}
