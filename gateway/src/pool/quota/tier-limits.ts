/**
 * The configured limits of a (tier, model), as a bucket takes them.
 * @module
 */
import type { QuotaLimits, TierLimits } from "../quota-limits.ts";
import type { QuotaMetric, QuotaWindow } from "../types.ts";
import type { BucketLimit } from "./types.ts";

/**
 * Looks up the limits, each field by itself: (tier, model), (tier, `*`), (`*`, model), (`*`, `*`), the first that names it
 * wins. `null` there means no limit and ends the search.
 * @param tier the credential's; null: unknown, `*` only
 * @param model without `models/`
 * @returns limits with source `configured` and `learnedAt` 0: older than anything that Google tells
 */
export function toBucketLimits(config: QuotaLimits, tier: string | null, model: string): BucketLimit[] {
  const places = [
    tier === null ? undefined : entryOf(config, tier, model),
    tier === null ? undefined : entryOf(config, tier, "*"),
    entryOf(config, "*", model),
    entryOf(config, "*", "*"),
  ];
  const limits: BucketLimit[] = [];
  for (const { name, metric, window } of fields) {
    const value = places.find((place) => place?.[name] !== undefined)?.[name];
    if (typeof value === "number" && value >= 0)
      limits.push({ metric, window, value, source: "configured", learnedAt: 0 });
  }
  return limits;
}

// --- helpers ---

const fields: readonly { name: keyof TierLimits; metric: QuotaMetric; window: QuotaWindow }[] = [
  { name: "requestsPerMinute", metric: "requests", window: "minute" },
  { name: "tokensPerMinute", metric: "tokens", window: "minute" },
  { name: "requestsPerDay", metric: "requests", window: "day" },
  { name: "tokensPerDay", metric: "tokens", window: "day" },
];

/** Own properties only: the model's name comes from clients. */
function entryOf(config: QuotaLimits, tier: string, model: string): TierLimits | undefined {
  const models = Object.hasOwn(config, tier) ? config[tier] : undefined;
  return models !== undefined && Object.hasOwn(models, model) ? models[model] : undefined;
}
