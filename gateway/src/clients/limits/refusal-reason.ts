/**
 * Why a call does not fit into its client's limits, and when it would. Only asked when it does not.
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import type { Book } from "./book.ts";
import { periods, type CheckedLimits } from "./checked-limits.ts";
import { toUsdText } from "./money.ts";
import { freeAt } from "./sliding-window.ts";

/** One limit that a call exceeds. */
export interface RefusalReason {
  code: ErrorCode;
  /** In words: `requests per minute (60)`. */
  what: string;
  /** Milliseconds; null: waiting does not help. */
  retryAfterMs: number | null;
}

/** Nobody knows when an open call ends; this is a piece of advice. */
const concurrencyRetryMs = 1_000;

/**
 * The limit that holds the call off the longest: after a shorter wait it would only be refused again. What time does not
 * mend comes first.
 * @param call what the call would take; `cost` null: its price is not known
 */
export function refusalReason(
  book: Book,
  limits: CheckedLimits,
  call: { tokens: number; cost: number | null },
  now: number,
): RefusalReason {
  let longest: RefusalReason | null = null;
  for (const reason of reasonsOf(book, limits, call, now))
    if (longest === null || waitOf(reason) > waitOf(longest)) longest = reason;
  return longest ?? { code: "client_rate_limited", what: "limits", retryAfterMs: null };
}

// --- helpers ---

function waitOf(reason: RefusalReason): number {
  return reason.retryAfterMs ?? Infinity;
}

function reasonsOf(
  book: Book,
  limits: CheckedLimits,
  call: { tokens: number; cost: number | null },
  now: number,
): RefusalReason[] {
  const reasons: RefusalReason[] = [];
  const { tokens, cost } = call;
  const { budgets, tokensPerMinute, requestsPerMinute, requestsPerDay, concurrency } = limits;
  for (let index = budgets.length - 1; index >= 0; index--) {
    const budget = budgets[index] as number;
    const window = book.windows[index] as Book["windows"][number];
    const spent = window.cost + window.held;
    if (cost === null ? spent < budget : cost === 0 || spent + cost <= budget) continue;
    const period = periods[index];
    const never = cost !== null && cost > budget && budget > 0;
    reasons.push({
      code: "client_budget_exhausted",
      what: `budget ${period === "total" ? "in all" : `per ${period}`} (${toUsdText(budget)}${never ? `; this call may cost ${toUsdText(cost)}` : ""})`,
      retryAfterMs: never || budget === 0 || window.end === Infinity ? null : window.end - now,
    });
  }
  const [day] = book.windows;
  if (day.requests + 1 > requestsPerDay)
    reasons.push({
      code: "client_rate_limited",
      what: `requests per day (${requestsPerDay})`,
      retryAfterMs: requestsPerDay === 0 ? null : day.end - now,
    });
  if (tokens > 0 && book.tokens.sum + tokens > tokensPerMinute) {
    const never = tokens > tokensPerMinute;
    reasons.push({
      code: "client_rate_limited",
      what: `tokens per minute (${tokensPerMinute}${never ? `; this call needs about ${tokens}` : ""})`,
      retryAfterMs: never ? null : freeAt(book.tokens, book.tokens.sum + tokens - tokensPerMinute) - now,
    });
  }
  if (book.requests.sum + 1 > requestsPerMinute)
    reasons.push({
      code: "client_rate_limited",
      what: `requests per minute (${requestsPerMinute})`,
      retryAfterMs:
        requestsPerMinute === 0 ? null : freeAt(book.requests, book.requests.sum + 1 - requestsPerMinute) - now,
    });
  if (book.open >= concurrency)
    reasons.push({
      code: "client_concurrency_exceeded",
      what: `open calls at once (${concurrency})`,
      retryAfterMs: concurrency === 0 ? null : concurrencyRetryMs,
    });
  return reasons;
}
