/**
 * Limits as they are configured (QUOTA_LIMITS).
 * @module
 */

/** Tier (`free`, `paid1`, …, `*`) → model (or `*`) → limits; null: no limit. */
export type QuotaLimits = Readonly<Record<string, Readonly<Record<string, TierLimits>>>>;

/** Limits of one model in one tier. */
export interface TierLimits {
  requestsPerMinute?: number | null;
  requestsPerDay?: number | null;
  tokensPerMinute?: number | null;
  tokensPerDay?: number | null;
}
