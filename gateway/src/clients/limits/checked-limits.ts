/**
 * Limits in the form in which they are checked.
 * @module
 */
import type { ClientKey, ClientLimits } from "../types.ts";
import { largestBudgetUsd, toNanoUsd } from "./money.ts";

/** Limits as numbers; Infinity: none. */
export interface CheckedLimits {
  requestsPerMinute: number;
  requestsPerDay: number;
  tokensPerMinute: number;
  concurrency: number;
  /** Nano-dollars by the index of `periods`. */
  budgets: readonly [number, number, number, number];
}

/** Windows of budgets, the shortest first. */
export const periods: readonly ["day", "week", "month", "total"] = ["day", "week", "month", "total"];

/** Whether a client has any limit. A few reads of properties: it is asked for every call. */
export function isLimited(client: Pick<ClientKey, "limits">): boolean {
  const { limits } = client;
  if (limits == null) return false;
  const { budgets } = limits;
  return (
    limits.requestsPerMinute != null ||
    limits.requestsPerDay != null ||
    limits.tokensPerMinute != null ||
    limits.concurrency != null ||
    (budgets != null && periods.some((period) => budgets[period] != null))
  );
}

/** A limit that is no number, or negative, counts as 0: it lets nothing through. Fractions are cut off. */
export function toCheckedLimits(limits: ClientLimits): CheckedLimits {
  const budgets = limits.budgets ?? {};
  return {
    requestsPerMinute: toCount(limits.requestsPerMinute),
    requestsPerDay: toCount(limits.requestsPerDay),
    tokensPerMinute: toCount(limits.tokensPerMinute),
    concurrency: toCount(limits.concurrency),
    budgets: [toBudget(budgets.day), toBudget(budgets.week), toBudget(budgets.month), toBudget(budgets.total)],
  };
}

// --- helpers ---

function toCount(limit: number | null | undefined): number {
  if (limit == null) return Infinity;
  return limit >= 0 ? Math.floor(limit) : 0;
}

function toBudget(usd: number | null | undefined): number {
  if (usd == null) return Infinity;
  return usd >= 0 ? toNanoUsd(Math.min(usd, largestBudgetUsd)) : 0;
}
